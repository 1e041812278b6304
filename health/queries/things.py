"""What conditions may look at in the tenant in hand, with the values that make sense there."""

from django.db.models import Func

from accounts.models import Account, Product
from accounts.queries.custom import fields_in_use
from accounts.rules.people import ROLES
from bowtie.models import Overlay
from bowtie.rules.stages import Stage
from charter.rules.documents import TOUCH_MODELS
from health.queries.definitions import in_force
from health.queries.models import published
from health.queries.segments import segment_choices
from health.rules.things import Choices, Own, Use, Vocabulary, vocabulary
from health.rules.vocabulary import KEY_ROLES
from tenants.models import Tenant
from tenants.queries.people import members

BANDS = {"green": "Healthy", "yellow": "Watch", "red": "At risk", "unknown": "No score"}
MOST = 300  # values of a field that a list to choose from holds


def things(tenant: Tenant, use: Use = "any day") -> Vocabulary:
    """The vocabulary of a tenant for a use. Nine queries."""
    people = list(members(tenant))
    return vocabulary(
        use,
        choices={
            "segment": segment_choices(),
            "stage": [(stage.value, stage.label) for stage in Stage],
            "touch_model": [(key, f"{key.capitalize()} touch") for key in TOUCH_MODELS],
            "owner": [(str(each.user_id), str(each.user)) for each in people],
            "team": _plain({each.team for each in people if each.team}),
            "band": list(BANDS.items()),
            "region": _plain(Account.objects.exclude(region="").values_list("region", flat=True)
                             .order_by("region").distinct()[:MOST]),
            "tags": _plain(_tags()),
            "products": [(each.key, each.name) for each in Product.objects.order_by("name")[:MOST]],
            "caps": _caps(),
            "overlays": [(kind.value, str(kind.label)) for kind in Overlay.Kind],
            "lost_roles": [(role, ROLES[role]) for role in KEY_ROLES],
        },
        own=[Own(f.key, f.label, f.kind, tuple(f.choices)) for f in fields_in_use()],
        definitions=in_force().labels,
        money=tenant.currency,
    )  # fmt: skip


def _plain(values: object) -> Choices:
    return [(value, value) for value in sorted(values)]  # type: ignore[call-overload]


def _tags() -> list[str]:
    rows = Account.objects.annotate(tag=Func("tags", function="unnest"))
    return list(rows.order_by().values_list("tag", flat=True).distinct()[:MOST])


def _caps() -> Choices:
    found = {
        cap["key"]: cap["name"]
        for versions in published().by_key.values()
        for version in versions
        for cap in version.body.get("caps", [])
    }
    return sorted(found.items(), key=lambda each: each[1])
