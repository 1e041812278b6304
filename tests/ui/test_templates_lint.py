"""The template check finds what it is there to find: each defect is planted once."""

from pathlib import Path

import pytest

from csom.checks import contrast, templates

DEFECTS = (
    '<p style="color: red">x</p>',
    "<style>p { margin: 0 }</style>",
    '<button onclick="go()">x</button>',
    "<script>go()</script>",
    '<a href="javascript:go()">x</a>',
    '<a hx-on:click="go()">x</a>',
    '<a data-hx-on:click="go()">x</a>',
    "<a hx-vals='js:{a: b()}'>x</a>",
    '<a hx-trigger="keyup[ctrlKey]">x</a>',
    '<a hx-get="https://example.com/x">x</a>',
    '<img src="//example.com/x.png">',
    "{{ note|safe }}",
    "{% autoescape off %}{{ note }}{% endautoescape %}",
    '<path fill="#ff0000"/>',
    '<a href="/" target="_blank">x</a>',
    '{% icon "unicorn" %}',
    '{% include "components/empty.html" with icon="unicorn" only %}',
)
FINE = (
    '<p class="fs-12">one = two, style guide</p>',
    '<script defer src="/static/js/app.js"></script>',
    '<a hx-get="/x" hx-trigger="click, revealed" hx-vals=\'{"a": 1}\'>x</a>',
    "{# style= in a comment #}",
    '{% icon "search" %}',
    '<a href="#add">x</a>',
)


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(tmp_path: Path, defect: str) -> None:
    tmp_path.joinpath("page.html").write_text(f"<main>\n{defect}\n</main>")
    found = list(templates.template_findings(tmp_path))
    assert found and all(line.startswith("page.html:2: ") for line in found)


@pytest.mark.parametrize("text", FINE)
def test_what_is_allowed_passes(tmp_path: Path, text: str) -> None:
    tmp_path.joinpath("page.html").write_text(text)
    assert list(templates.template_findings(tmp_path)) == []


@pytest.mark.parametrize("rule", ["color: #fff", "color: rgb(0 0 0)", "background: url(data:x)"])
def test_a_raw_colour_in_a_style_is_found(tmp_path: Path, rule: str) -> None:
    tmp_path.joinpath("page.css").write_text(f"a {{ {rule} }}")
    assert len(list(templates.style_findings(tmp_path))) == 1


def test_our_own_templates_and_styles_pass() -> None:
    assert templates.main() == 0


def test_the_tokens_have_enough_contrast() -> None:
    css = contrast.TOKENS.read_text()
    assert list(contrast.findings(css)) == []
    assert sum(len(backs.split()) for *_, backs in contrast.PAIRS) == 53


def test_a_weak_pair_of_tokens_is_found() -> None:
    css = contrast.TOKENS.read_text().replace("light-dark(#6a655b,", "light-dark(#b0aca4,")
    assert any(line.startswith("text-3 on ") for line in contrast.findings(css))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
