"""Error pages stand on their own, and layouts keep what every page relies on."""

import json
import re

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "500", "503"])
def test_an_error_page_needs_no_context(name: str) -> None:
    page = render_to_string(f"{name}.html")
    assert page.count("<h1>") == 1
    assert 'href="/"' in page


def test_htmx_is_configured_without_eval_and_swaps_refusals() -> None:
    page = render_to_string("layouts/page.html", request=RequestFactory().get("/"))
    config = re.search(r"name=\"htmx-config\" content='([^']+)'", page)
    assert config
    settings = json.loads(config[1])
    assert settings["allowEval"] is settings["allowScriptTags"] is False
    assert settings["disableInheritance"] is True
    assert settings["historyCacheSize"] == 0
    assert {"code": "(409|422)", "swap": True, "error": False} in settings["responseHandling"]


def test_a_signed_in_page_names_its_token_and_its_regions() -> None:
    page = render_to_string("layouts/page.html", request=RequestFactory().get("/"))
    assert re.search(r'name="csrf-token" content="\w{20,}"', page)
    for part in ('id="main"', 'id="toasts"', 'id="modal"', 'id="drawer"', 'id="palette"'):
        assert part in page


def test_the_same_template_is_a_dialog_for_htmx_and_a_page_without() -> None:
    request = RequestFactory().get("/")
    context = {"title": "New task"}
    assert "<html" in render_to_string("layouts/dialog_page.html", context, request)
    assert "<html" not in render_to_string("layouts/dialog.html", context, request)
