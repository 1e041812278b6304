"""The API's own page, and the document behind it."""

import re

from django.test import Client

from csom.pages.reference import groups


def test_the_page_shows_every_operation_without_a_key_or_a_script_of_its_own(db: None):
    answer = Client().get("/api/v1/docs/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|https?://(?!testserver)", html)
    for _, operations in groups():
        for each in operations:
            assert f'id="{each.id}"' in html and each.path in html
    assert Client().post("/api/v1/docs/").status_code == 405


SAY_NOTHING = {
    "restore_impact",
    "take_back_event_move",
    "reopen_event",
}  # calls whose body is an empty object


def test_every_operation_says_what_it_is_and_what_may_go_wrong():
    operations = [each for _, found in groups() for each in found]
    assert len(operations) > 40
    for each in operations:
        statuses = {answer.status for answer in each.answers}
        assert each.summary and each.words and each.scope, each.id
        assert {"401", "403", "429"} <= statuses and re.fullmatch("[a-z_]+", each.id)
        if each.method == "POST":
            assert (
                (each.body and each.request) or each.id in SAY_NOTHING
            ) and "Idempotency-Key" in {line.name for line in each.parameters}, each.id
        else:
            assert each.output, each.id


def test_fields_of_rows_are_told_below_their_list():
    bulk = next(
        each for _, found in groups() for each in found if each.id == "bulk_upsert_contracts"
    )
    lines = {line.name: line for line in bulk.body}
    assert lines["data"].kind.startswith("list of") and lines["data"].kind.endswith("500")
    assert lines["data[].status"].kind.startswith("one of pending, active, ended")
    assert lines["data[].external_id"].must and not lines["data[].plan"].must


def test_every_whole_number_that_may_be_sent_has_bounds(db: None):
    """What is larger than the database holds is refused as the document says, not as unreadable."""
    document = Client().get("/api/v1/openapi.json").json()
    schemas = document["components"]["schemas"]
    sent = {name: made for name, made in schemas.items() if name.removesuffix("Request") != name}
    sent |= {name: made for name, made in schemas.items() if name.endswith("Input")}
    numbers = [
        (f"{name}.{field}", shape)
        for name, made in sent.items()
        for field, shape in made.get("properties", {}).items()
        if "integer" in shape.get("type", "")
    ]
    assert len(numbers) >= 5
    unbounded = [name for name, shape in numbers if not {"minimum", "maximum"} <= set(shape)]
    assert unbounded == []
