"""The segments of the charter, to choose from."""

from charter.models import Document


def segment_choices() -> list[tuple[str, str]]:
    """(key, label) of each segment in force; none without a charter. One query."""
    document = Document.objects.filter(
        kind=Document.Kind.SEGMENTS, state=Document.State.PUBLISHED
    ).first()
    found = document.body["segments"] if document else []
    return [(each["key"], each["label"]) for each in found]
