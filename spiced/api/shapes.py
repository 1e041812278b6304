"""A SPICED note as the API takes and gives it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from accounts.models import Account
from accounts.rules.fields import MOST_WHOLE
from spiced.queries.merged import sources_of
from spiced.queries.notes import Picture
from spiced.rules.elements import LETTERS, PARTS
from spiced.rules.fields import LEVELS, LINE, MOST, Field, Kind
from spiced.rules.states import Kind as StateKind
from spiced.rules.touchpoints import Touchpoint
from tenants.rest.bodies import Body

MOST_CHOICES = 20
FIELDS: dict[Kind, Any] = {
    Kind.TEXT: serializers.CharField,
    Kind.LINE: serializers.CharField,
    Kind.NUMBER: serializers.FloatField,
    Kind.MONEY: serializers.IntegerField,
    Kind.DATE: serializers.DateField,
    Kind.PERSON: serializers.UUIDField,
    Kind.GOAL: serializers.UUIDField,
}


class Records(serializers.ListField):
    """Records as objects; what is in them, the rules say, with an error for each value."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        strays = [n for n, row in enumerate(data) if not isinstance(row, dict)]
        if strays:
            raise serializers.ValidationError({str(n): ["This is no object."] for n in strays})
        return data


def _field(field: Field) -> Any:
    told: dict[str, Any] = {"required": False, "allow_null": True, "help_text": field.label + "."}
    if field.kind is Kind.CHOICE:
        if len(field.choices) > MOST_CHOICES:
            return serializers.CharField(min_length=3, max_length=3, **told)
        return serializers.ChoiceField(choices=field.choices, **told)
    if field.kind is Kind.LEVEL:
        return serializers.IntegerField(min_value=LEVELS[0], max_value=LEVELS[-1], **told)
    if field.kind is Kind.LIST:
        texts = serializers.CharField(max_length=LINE)
        return serializers.ListField(child=texts, max_length=MOST, **told)
    if field.kind is Kind.ROWS:
        return Records(child=_record(field), max_length=MOST, **told)
    return FIELDS[field.kind](**told)


def _record(field: Field) -> serializers.Serializer[Any]:
    """A record of a field. Named for the document: PainsRecord."""
    columns = {column.key: _field(column) for column in field.columns}
    columns[field.columns[0].key].required = True
    columns[field.columns[0].key].allow_null = False
    columns["id"] = serializers.CharField(
        required=False, max_length=40, help_text="What it is known by through the versions."
    )
    about = {"__doc__": f"One of the {field.label.lower()}.", "__module__": __name__}
    name = f"{field.key.title()}Record"
    made: serializers.Serializer[Any] = type(name, (serializers.Serializer,), columns | about)()
    return made


def _values(letter: str) -> type[serializers.Serializer[Any]]:
    """What a part can hold. Named for the document: SituationValues."""
    part = PARTS[letter]
    fields = {field.key: _field(field) for field in part.fields}
    if part.lead:
        fields |= {each.key: _field(each) for each in part.asked}
        fields["text"].help_text = "Plainly: their words, one a line; of a single one with columns."
    fields["heard_from"] = serializers.UUIDField(
        required=False, allow_null=True, help_text="The contact who said so."
    )
    fields["heard_on"] = serializers.DateField(required=False, allow_null=True)
    fields["evidence"] = serializers.CharField(
        required=False, allow_null=True, max_length=500, help_text="What shows that it is so."
    )
    return type(
        part.name.title().replace(" ", "") + "Values",
        (serializers.Serializer,),
        fields | {"__doc__": f"What is known of the {part.name.lower()}.", "__module__": __name__},
    )


VALUES = {letter: _values(letter) for letter in LETTERS}


class NoteInput(Body):
    """What was said. Parts and fields left out stay as they are."""

    seen_version = serializers.IntegerField(
        min_value=0,
        max_value=MOST_WHOLE,
        help_text="The version you read before; 0 where there was none.",
    )
    parts = type(
        "PartsInput",
        (serializers.Serializer,),
        {letter: make(required=False) for letter, make in VALUES.items()}
        | {"__doc__": "The parts by letter.", "__module__": __name__},
    )()
    touchpoint = serializers.ChoiceField(
        choices=[str(each) for each in Touchpoint],
        required=False,
        default="",
        help_text="Where it was heard; left out, what fits the stage of the account.",
    )
    opportunity_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The deal it was said in."
    )
    is_draft = serializers.BooleanField(required=False, default=False)


class PartOutput(serializers.Serializer[Any]):
    """One part as it stands."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=[str(kind) for kind in StateKind])
    reason = serializers.CharField(help_text="Why it stands so, in words.")
    gaps = serializers.ListField(child=serializers.CharField(), help_text="Fields that are blank.")
    score = serializers.IntegerField(help_text="0 unknown to 3 leveraged.")
    is_confirmed = serializers.BooleanField(help_text="The account said it is right.")
    validated_on = serializers.DateField(allow_null=True)
    heard_from = serializers.UUIDField(allow_null=True)
    heard_on = serializers.DateField(allow_null=True)
    evidence = serializers.CharField(help_text="What shows that it is so.")
    told_to = serializers.EmailField(allow_null=True, help_text="Who wrote it down.")
    told_at = serializers.CharField(allow_null=True, help_text="The touchpoint it was heard at.")
    told_in = serializers.IntegerField(allow_null=True, help_text="The version that changed it.")
    values = serializers.DictField(help_text="By field, as a save takes them; records with ids.")


class NoteOutput(serializers.Serializer[Any]):
    """The current note of an account. version is 0 where there is none yet."""

    account_id = serializers.UUIDField()
    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    author = serializers.EmailField(allow_null=True)
    touchpoint = serializers.CharField(allow_null=True)
    is_draft = serializers.BooleanField()
    record = serializers.IntegerField(help_text="A new buyer or product opens the next one.")
    opportunity_id = serializers.UUIDField(allow_null=True)
    index = serializers.FloatField(help_text="How well the account is known, 0 to 1.")
    parts = serializers.DictField(child=PartOutput(), help_text="By letter: S, P, I, CE, D.")


def answer_of(account: Account, picture: Picture) -> dict[str, Any]:
    """A judged note as the answer's body. One query."""
    note, sources = picture.note, sources_of(account, picture)
    parts = {}
    for letter in LETTERS:
        element, state = picture.elements.get(letter), picture.states[letter]
        source = sources.get(letter)
        parts[letter] = {
            "name": PARTS[letter].name,
            "state": str(state.kind),
            "reason": state.reason,
            "gaps": list(state.gaps),
            "score": element.score if element else 0,
            "is_confirmed": bool(element and element.is_confirmed),
            "validated_on": element.validated_on if element else None,
            "heard_from": element.heard_from_id if element else None,
            "heard_on": element.heard_on if element else None,
            "evidence": element.evidence if element else "",
            "told_to": source.author.email if source and source.author else None,
            "told_at": source.touchpoint if source else None,
            "told_in": source.version if source else None,
            "values": picture.values(letter),
        }
    told = {
        "account_id": account.pk,
        "version": picture.version,
        "saved_at": note.saved_at if note else None,
        "author": note.author.email if note and note.author else None,
        "touchpoint": note.touchpoint if note else None,
        "is_draft": bool(note and note.is_draft),
        "record": note.record if note else 1,
        "opportunity_id": note.opportunity_id if note else None,
        "index": picture.index,
        "parts": parts,
    }
    return dict(NoteOutput(told).data)


EXAMPLE = OpenApiExample(
    "A pain that costs",
    {
        "seen_version": 0,
        "touchpoint": "call",
        "parts": {
            "P": {
                "pains": [
                    {
                        "text": "Month end takes nine people eleven days",
                        "frequency": "monthly",
                        "annual_cost": 31000000,
                        "currency": "EUR",
                        "status": "open",
                    }
                ]
            }
        },
    },
    request_only=True,
)
