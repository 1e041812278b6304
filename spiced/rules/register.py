"""How far a promised impact has come: promised, on the way, achieved, confirmed."""

from enum import StrEnum


class Standing(StrEnum):
    """Where an impact stands in the register."""

    PROMISED = "promised"
    ON_THE_WAY = "on_the_way"
    ACHIEVED = "achieved"
    CONFIRMED = "confirmed"

    @property
    def label(self) -> str:
        return self.replace("_", " ").capitalize()

    @property
    def means(self) -> str:
        return {
            "promised": "not measured yet",
            "on_the_way": "measured, short of the target or not there yet by the account’s word",
            "achieved": "at the target by our measure, not confirmed yet",
            "confirmed": "at the target, confirmed by the account",
        }[self]

    @property
    def tone(self) -> str:
        return {"promised": "line", "achieved": "watch", "confirmed": "good"}.get(self, "")
