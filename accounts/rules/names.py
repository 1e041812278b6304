"""Names as they are searched for."""

import unicodedata


def normalised(text: str | None) -> str:
    """A name as it is stored beside the name: one spelling of Unicode, folded, single spaces.

    Composed and decomposed accents, wide letters and ligatures, ß and SS are the same here.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text or "").casefold())
    return " ".join(plain.split())[:200]
