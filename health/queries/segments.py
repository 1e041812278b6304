"""The segments of the charter, to choose from and by name."""

from charter.models import Document


def segment_choices() -> list[tuple[str, str]]:
    """(key, label) of each segment in force; none without a charter. One query."""
    document = Document.objects.filter(
        kind=Document.Kind.SEGMENTS, state=Document.State.PUBLISHED
    ).first()
    found = document.body["segments"] if document else []
    return [(each["key"], each["label"]) for each in found]


def segment_label(key: str) -> str:
    """What people call a segment; its key where the charter no longer has it. One query."""
    return dict(segment_choices()).get(key, key) if key else ""
