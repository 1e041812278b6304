"""What notes held as texts becomes records, in every version."""

from importlib import import_module

from django.db import connection

from spiced.models import Element, Note
from spiced.queries.notes import elements_of
from spiced.rules.elements import PARTS
from spiced.rules.values import typed
from tenants.scope import act_for
from tests import make
from tests.make import NOW

STEPS = import_module("spiced.migrations.0007_typed_records").Migration.operations


def held(letter, text="", **details):
    account = make.account(f"Account {letter} {text[:9]}")
    note = Note.objects.create(account=account, version=1, saved_at=NOW)
    Element.objects.create(note=note, letter=letter, text=text, details=details)
    return note


def test_texts_become_records_that_are_as_the_rules_would_store_them(acme):
    with act_for(acme.pk):
        priya, tom = (str(make.contact(make.account(), name).pk) for name in ("Priya", "Tom"))
        notes = {
            "pain": held("P", "Late  again\r\n\nLost", who=priya, frequency="weekly",
                         annual_cost=5_00),
            "after": held("P", "Lost\nLost", who=priya, frequency=None, annual_cost=None),
            "bare": held("P", who=priya, frequency=None, annual_cost=None),
            "none": held("P", who=None, frequency=None, annual_cost=None),
            "decision": held("D", "Renew", people=[priya, tom], process="CFO\nLegal, then",
                             criteria="Trail, price", paper="NDA"),
            "empty": held("D", people=None, process="", criteria="", paper=""),
            "situation": held("S", "Nine", tools="Excel, mail", team="Nine"),
            "lines": held("S", "Ten", tools="Mail, old; SSO\nLogs", team="Ten"),
        }  # fmt: skip
        with connection.cursor() as cursor:
            for step in STEPS:
                cursor.execute(step.sql)
        parts = {name: next(iter(elements_of(note).values())) for name, note in notes.items()}
        for part in parts.values():
            given = {key: value for key, value in part.values.items() if key != "text" or
                     not PARTS[part.letter].lead}  # fmt: skip
            known = {key: value for key, value in typed(part.letter, given).items() if value}
            assert known == {key: value for key, value in given.items() if value}
    late, lost = parts["pain"].details["pains"]
    assert late == {
        "id": late["id"], "text": "Late again", "who": priya, "frequency": "weekly",
        "annual_cost": 5_00, "currency": acme.currency, "status": "open",
    }  # fmt: skip
    assert (lost["text"], parts["pain"].text) == ("Lost", "Late again\nLost")
    again, twice = parts["after"].details["pains"]
    assert again["id"] == lost["id"] != late["id"]  # the same pain, wherever it stands
    assert twice["id"] == f"{lost['id']}-2"
    assert parts["bare"].details["pains"][0]["text"] == "Not said yet"
    assert parts["none"].details == {} and not parts["empty"].details["people"]
    decision = parts["decision"].details
    assert [each["contact"] for each in decision["people"]] == [priya, tom]
    assert [each["step"] for each in decision["process"]] == ["CFO", "Legal, then"]
    assert (decision["criteria"], decision["paper"]) == (["Trail", "price"], "NDA")
    assert parts["situation"].details == {"tools": ["Excel", "mail"], "team": "Nine"}
    assert parts["lines"].details["tools"] == ["Mail, old", "SSO", "Logs"]
