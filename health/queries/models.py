"""The health models of a tenant: which version is in force on a day, and what came before."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from health.models import HealthModel
from health.rules.models import Model, read


@dataclass(frozen=True)
class InForce:
    """The models that score on a day, and the ids of their versions, in the same order."""

    ids: tuple[UUID, ...]
    models: tuple[Model, ...]


@dataclass(frozen=True)
class Versions:
    """Every published version, read once for as many days as are asked for."""

    by_key: dict[str, list[HealthModel]]

    def on(self, day: date) -> list[HealthModel]:
        """Per key the newest version effective by a day, less those that ended.

        Before all of them, those that were the first, the one saved first before others.
        """
        found = [
            effective[-1]
            for versions in self.by_key.values()
            if (effective := [each for each in versions if _begins(each) <= day])
        ]
        if found:
            return [each for each in found if not each.ends]
        first = min((_begins(of_key[0]) for of_key in self.by_key.values()), default=None)
        at_first = [each[0] for each in self.by_key.values() if _begins(each[0]) == first]
        return sorted(at_first, key=lambda each: each.saved_at)

    def in_force(self, day: date) -> InForce:
        versions = self.on(day)
        return InForce(
            tuple(version.pk for version in versions),
            tuple(read(version.body) for version in versions),
        )


def _begins(version: HealthModel) -> date:
    return version.effective_on or date.max


def published() -> Versions:
    """All published versions by key, in the order in which they take effect. One query."""
    by_key: dict[str, list[HealthModel]] = {}
    versions = HealthModel.objects.exclude(state=HealthModel.State.DRAFT)
    for version in versions.order_by("key", "effective_on", "version"):
        by_key.setdefault(version.key, []).append(version)
    return Versions(by_key)


def drafts() -> dict[str, HealthModel]:
    """The newest draft by key. One query."""
    found = HealthModel.objects.filter(state=HealthModel.State.DRAFT).select_related("author")
    return {each.key: each for each in found.order_by("version")}
