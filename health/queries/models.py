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
        """Per key the newest version effective by a day; before all of them, the first."""
        found = []
        for versions in self.by_key.values():
            effective = [
                each for each in versions if each.effective_on and each.effective_on <= day
            ]
            found.append(effective[-1] if effective else versions[0])
        return found

    def in_force(self, day: date) -> InForce:
        versions = self.on(day)
        return InForce(
            tuple(version.pk for version in versions),
            tuple(read(version.body) for version in versions),
        )


def published() -> Versions:
    """All published versions by key, in the order in which they take effect. One query."""
    by_key: dict[str, list[HealthModel]] = {}
    versions = HealthModel.objects.exclude(state=HealthModel.State.DRAFT)
    for version in versions.order_by("key", "effective_on", "version"):
        by_key.setdefault(version.key, []).append(version)
    return Versions(by_key)


def model_of(versions: Versions, touch_model: str, stage: str, day: date) -> HealthModel | None:
    """The version that scores an account of a touch model at a stage on a day."""
    for version in versions.on(day):
        if (touch_model, stage) in read(version.body).places:
            return version
    return None


def drafts() -> dict[str, HealthModel]:
    """The newest draft by key. One query."""
    found = HealthModel.objects.filter(state=HealthModel.State.DRAFT).select_related("author")
    return {each.key: each for each in found.order_by("version")}
