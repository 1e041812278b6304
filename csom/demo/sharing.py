"""Links to their pages that contacts were sent, and what some of them answered."""

from datetime import timedelta

from csom.demo.scene import AT_ONCE, Scene
from journeys.models import ShareLink
from spiced.models import ImpactMeasurement

EVERY = 3  # of the customers one has a link
DOUBTS = (
    "Two of our five teams are in, the others start next month",
    "The number looks right for the plant, not for the head office",
    "Please ask our controller first",
)


def fill_sharing(scene: Scene) -> None:
    """A link for the first contact of every third customer.

    Some have yet to answer to the newest measurement, some said "not yet".
    """
    links = []
    for life in scene.lives:
        people = scene.contacts.get(life.number, [])
        if not life.is_customer or not people or people[0].departed_on or life.number % EVERY:
            continue
        made = scene.at(max(life.since, scene.today - timedelta(days=20 + life.number % 60)))
        links.append(
            ShareLink(
                account=scene.accounts[life.number],
                contact=people[0],
                made_by=scene.accounts[life.number].owner,
                made_at=made,
                expires_at=made + timedelta(days=180),
                asks_code=life.number % (2 * EVERY) == 0,
            )
        )
    ShareLink.objects.bulk_create(links, batch_size=AT_ONCE)
    contacts = {link.account_id: link.contact for link in links}
    newest = ImpactMeasurement.objects.select_related("goal").filter(
        goal__account__in=contacts, measured_on__gte=scene.today - timedelta(days=40)
    )
    for at, measurement in enumerate(newest.order_by("goal__account__external_id", "id")):
        if at % 4 > 1:
            continue
        measurement.confirmed_by = measurement.confirmed_at = None
        measurement.save(update_fields=["confirmed_by", "confirmed_at"])
        if at % 4:
            continue
        measurement.doubted_by = contacts[measurement.goal.account_id]
        measurement.doubted_at = min(measurement.recorded_at + timedelta(days=2), scene.now)
        measurement.doubt = DOUBTS[at % len(DOUBTS)]
        measurement.save(update_fields=["doubted_by", "doubted_at", "doubt"])
