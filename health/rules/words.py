"""Values of measures in a few words, as lists and panels show them."""

from health.rules.catalogue import MEASURES, shown

SENTENCES = {
    "champion_status": {0: "Champion left", 40: "Champion not in touch", 60: "Champion passive",
                        100: "Champion active"},
    "notice_given": {0: "No notice given", 1: "Notice given"},
    "impact_lapsed": {0: "Impact is current", 1: "Impact lapsed"},
    "kickoff_on_time": {0: "Kickoff late", 1: "Kickoff on time"},
}  # fmt: skip


def reason(key: str, value: float | None) -> str:
    """A measure and its value: "Usage trend −38%", "Champion left"."""
    said = SENTENCES.get(key, {}).get(int(value)) if value is not None else None
    return said or f"{MEASURES[key].name} {shown(key, value)}"


def value_words(key: str, value: float | None) -> str:
    """The value alone, in words: "41 days", "Champion left"."""
    said = SENTENCES.get(key, {}).get(int(value)) if value is not None else None
    return said or shown(key, value)
