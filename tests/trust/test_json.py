"""Bodies of the API that are no plain JSON: refused as problem details, without effect."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from tenants.models import Tenant
from tenants.rest.bodies import strict_json
from tenants.rest.problems import PROBLEM
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
BULK = "/api/v1/accounts/bulk/"
GLOBEX = '{"source": "crm", "data": [{"external_id": "A1", "name": %s}]}'
Call = Callable[..., Any]


@pytest.fixture
def send(acme: Tenant) -> Call:
    """Post raw bytes, with a content type of JSON unless told."""
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    client = Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)

    def sent(body: bytes | str, kind: str = "application/json", url: str = BULK) -> Any:
        return client.generic("POST", url, body, content_type=kind)

    return sent


def is_problem(answer: Any, status: int, code: str, words: str = "") -> bool:
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content[:300]
    told = answer.json()
    assert (told["status"], told["code"]) == (status, code)
    assert words in told["detail"] and told["detail"].endswith(".")
    return True


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("[" * 100_000, "20 levels", marks=pytest.mark.case("C15")),
        pytest.param("[" * 100_000 + "]" * 100_000, "20 levels", marks=pytest.mark.case("C15")),
        pytest.param('{"a":' * 21 + "1" + "}" * 21, "20 levels", marks=pytest.mark.case("C15")),
        pytest.param("9" * 5000, "19 digits", marks=pytest.mark.case("C15")),
        pytest.param('{"a": -' + "1" * 20 + "}", "19 digits", marks=pytest.mark.case("C15")),
        pytest.param('{"a": 1, "b": {"c": 1, "c": 1}}', "“c”", marks=pytest.mark.case("C16")),
        pytest.param("[NaN]", "NaN", marks=pytest.mark.case("C17")),
        pytest.param("[-Infinity]", "-Infinity", marks=pytest.mark.case("C17")),
        pytest.param("[1e999]", "1e999", marks=pytest.mark.case("C17")),
        pytest.param(GLOBEX % '"a\\u0000b"', "NUL", marks=pytest.mark.case("F3")),
        pytest.param('[[[{"\\u0000": 1}]]]', "NUL", marks=pytest.mark.case("F3")),
        pytest.param('[[{"a": ["\\ud800"]}]]', "surrogate", marks=pytest.mark.case("F3")),
        pytest.param('{"\\udc00": 1, "\\udc00": 2}', "twice", marks=pytest.mark.case("F3")),
        pytest.param('{"a": 1}'.encode("utf-16"), "UTF-8", marks=pytest.mark.case("C18")),
        pytest.param(b'{"a": "\xff"}', "byte 7", marks=pytest.mark.case("C18")),
        ("{'a': 1}", "Not JSON"),
        ('{"a": 1} {}', "Not JSON"),
        ('{"a": 01}', "Not JSON"),
        ('["a\tb"]', "Not JSON"),
        ("\x00", "Not JSON"),
        (" ", "Not JSON"),
    ],
)
def test_a_body_with_loose_ends_is_refused_in_words(send: Call, body: Any, words: str):
    assert is_problem(send(body), 400, "parse_error", words)


@pytest.mark.case("C18")
def test_a_mark_of_byte_order_is_passed_over(send: Call, acme: Tenant):
    answer = send(b"\xef\xbb\xbf" + (GLOBEX % '"Globex"').encode())
    assert answer.json()["created"] == 1
    with act_for(acme.pk):
        assert Account.objects.get().name == "Globex"


@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"),
        *("application/xml", "application/merge-patch+json", "", "nonsense", "application/"),
        *("application/json; charset=utf-16", "application/json; charset=hex"),
        *("application/json; charset=made-up", "text/csv; charset=utf-7"),
    ],
)
@pytest.mark.case("C13", "C18")
def test_another_content_type_or_charset_is_not_guessed_at(send: Call, acme: Tenant, kind: str):
    assert is_problem(send(GLOBEX % '"Globex"', kind), 415, "unsupported_media_type")
    with act_for(acme.pk):
        assert not Account.objects.exists()


def test_a_usual_charset_is_fine(send: Call):
    assert send(GLOBEX % '"Globex"', "application/json; charset=UTF-8").status_code == 200


@pytest.mark.case("C14")
def test_a_body_too_large_is_told_so_in_json(send: Call):
    body = GLOBEX % json.dumps("x" * 9_000_000)
    assert is_problem(send(body), 413, "too_large")
    assert is_problem(send(b"a=" + b"x" * 9_000_000, "application/x-www-form-urlencoded"), 413,
                      "too_large")  # fmt: skip


def test_a_large_body_is_read_in_time_that_grows_with_it():
    """Comparing each of so many keys with each other would take hours."""
    many = ",".join(f'"k{n}":1' for n in range(400_000))
    with pytest.raises(ValueError, match="“k399999” stands twice"):
        strict_json(f'{{{many},"k399999":1}}'.encode())


@pytest.mark.case("C24")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
def test_only_declared_methods_are_answered(send: Call, acme: Tenant, method: str):
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = client.generic(method, BULK, "{}", content_type="application/json")
    assert is_problem(answer, 405, "method_not_allowed")
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        pretending = client.get("/api/v1/accounts/", headers={name: "POST"})
        assert pretending.status_code == 200 and "data" in pretending.json()
    with act_for(acme.pk):
        assert not Account.objects.exists()


@pytest.mark.parametrize("url", ["/api/v1/nothing/", "/api/v1/accounts/not-an-id/x/", "/api/"])
def test_an_unknown_address_is_a_problem_as_well(send: Call, url: str):
    assert is_problem(send("{}", url=url), 404, "not_found")


@pytest.mark.case("F3")
@pytest.mark.parametrize("query", ["source=%00", "%00=1", "source=%FF", "cursor=%C0%AF"])
def test_a_query_that_is_no_text_is_refused(send: Call, query: str):
    assert is_problem(send("{}", url=f"/api/v1/accounts/?{query}"), 400, "unreadable")


@pytest.mark.case("F3", "C18")
def test_a_form_that_is_no_utf_8_is_refused_and_not_stored_with_a_hole(
    acme: Tenant, sign_in: Callable[..., Client]
):
    client = sign_in(make.member(acme, Role.ADMIN))
    body, kind = b"name=caf%E9&stage=live", "application/x-www-form-urlencoded"
    answer = client.generic("POST", "/acme/accounts/new/", body, content_type=kind)
    assert answer.status_code == 400 and b"<h1>" in answer.content
    with act_for(acme.pk):
        assert not Account.objects.exists()


@pytest.mark.case("C19")
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": "Call", "tenant_id": "x"}, "tenant_id"),
        ({"title": "Call", "state": "done"}, "state"),
        ({"title": "Call", "id": "x"}, "id"),
        ({"title": 7}, "title"),
        ({"title": True}, "title"),
        ({"title": "Call", "minutes": "7"}, "minutes"),
        ({"title": "Call", "minutes": True}, "minutes"),
        ({"title": "Call", "priority": 2.0}, "priority"),
    ],
)
def test_fields_that_do_not_exist_and_other_types_are_refused_by_name(
    send: Call, acme: Tenant, said: Any, field: str
):
    answer = send(json.dumps(said), url="/api/v1/tasks/")
    assert is_problem(answer, 422, "invalid") and list(answer.json()["errors"]) == [field]
