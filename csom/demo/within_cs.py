"""Handoffs within CS, accounts that got another CSM, and what was promised to them."""

from datetime import timedelta

from accounts.actions.ownership import ASSIGNED
from csom.demo.scene import AT_ONCE, Scene
from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.actions.to_teams import hand_to_team
from journeys.actions.within_cs import hand_over_onboarding
from journeys.models import Commitment, Handoff, Onboarding
from journeys.rules.commitments import promises_in
from journeys.rules.kinds import KINDS
from tenants.ids import uuid7

MOST = 5
KEPT_EVERY = 3  # of the promises one is kept
OTHERWISE = "They expect it with the next release, for every team"
ONBOARDED = {
    "delivered": "Two sites, all approvers, the nightly file",
    "not_delivered": "Travel expenses, asked for in the second quarter",
    "trained": "85 % of those who approve",
    "habits": "Approvers work from the phone",
    "issues": "Duplicate suppliers from the old list; their IT cleans them up",
    "risks": "The new finance director has not seen it yet",
    "sentiment": "Relieved, says the head of purchasing",
    "changes": "A new finance director since September",
    "plan": "None yet; the budget round is a good day for one",
    "commitments": "A reference visit at another plant",
    "first_step": "Review of the goals with the new finance director",
}
TO_TEAMS = {
    "cs_to_sales": {
        "motion": "cross_sell",
        "amount": "18,000 a year",
        "use_case": "The second plant approves on the phone too",
        "goal_1": "Invoices paid within ten days",
        "interest": "Asked for a quote in the review of this month",
        "event": "Their budget is fixed at the end of the quarter",
        "evidence": "Nine people of the second plant signed in by themselves",
    },
    "cs_to_support": {
        "blocked": "Approvals stop over the weekend, so the ten days cannot be held",
        "severity": "s2",
        "evidence": "Since the last release mails to approvers come hours late",
        "tried": "Switched the sender; no change",
        "around": "Reminders by hand",
        "update_at": "Tomorrow, noon",
        "channel": "Call",
    },
    "cs_to_finance": {
        "terms": "As signed, 12 months",
        "po": "They need none",
        "documents": "In the contract folder",
        "invoice": "By mail, in euros",
    },
    "cs_to_marketing": {
        "wish": "reference",
        "story": "From 31 days to nine",
        "consent": "To be asked for one call a quarter",
        "not_on": "The last week of each quarter",
    },
}
CHANGED = 2  # accounts that got another CSM lately
TURNS = ("draft", "submitted", "draft")


def fill_within_cs(scene: Scene) -> None:
    """Handoffs of the last onboardings that ended, and promises of accepted handoffs."""
    ended = Onboarding.objects.select_related("account__owner", "owner").filter(
        state=Onboarding.State.REACHED, account__archived_at=None
    )
    for at, onboarding in enumerate(ended.order_by("-ended_at", "pk")[:MOST]):
        _hand_over(scene, onboarding, TURNS[at % len(TURNS)])
    _promise(scene)
    _change_hands(scene)
    _hand_to_teams(scene)


def _hand_to_teams(scene: Scene) -> None:
    """One handoff to each other team, of the accounts that got furthest."""
    lives = [each for each in scene.lives if each.is_customer and each.reached("first_impact")]
    for life, (kind, texts) in zip(reversed(lives), TO_TEAMS.items(), strict=False):
        account, people = scene.accounts[life.number], scene.contacts.get(life.number, [])
        if account.owner is None or not people:
            continue
        began = scene.now - timedelta(hours=5)
        made = hand_to_team(account=account, kind=kind, actor=account.owner, now=began)
        asks = KINDS[kind].asks.values()
        named = {ask.key: str(people[0].pk) for ask in asks if ask.kind == "contact"}
        save_handoff(
            handoff=made, actor=account.owner, now=began, seen_version=1, given=named | texts
        )
        submit_handoff(handoff=made, actor=account.owner, now=scene.now - timedelta(hours=4))


def _hand_over(scene: Scene, onboarding: Onboarding, turn: str) -> None:
    begun = scene.now - timedelta(hours=20)
    handoff = hand_over_onboarding(onboarding=onboarding, actor=onboarding.owner, now=begun)
    if handoff is None or onboarding.owner is None:
        return
    said = ONBOARDED if turn == "submitted" else {"delivered": ONBOARDED["delivered"]}
    handoff = save_handoff(
        handoff=handoff,
        actor=onboarding.owner,
        now=scene.now - timedelta(hours=3),
        seen_version=handoff.version,
        given=said,
    )
    if turn == "submitted":
        submit_handoff(handoff=handoff, actor=onboarding.owner, now=scene.now - timedelta(hours=2))


def _promise(scene: Scene) -> None:
    """What accepted handoffs promised stands on the accounts; some of it was kept."""
    made = []
    rows = Handoff.objects.filter(accepted_at__isnull=False).select_related("receiver")
    for at, handoff in enumerate(rows.order_by("signed_at", "pk")):
        for text in promises_in(handoff.fields.get("commitments") or ""):
            promise = Commitment(
                account_id=handoff.account_id,
                handoff=handoff,
                text=text,
                made_by_id=handoff.sender_id,
                made_at=handoff.accepted_at or scene.now,
            )
            if at % KEPT_EVERY == 0 and handoff.accepted_at:
                promise.state = Commitment.State.KEPT
                promise.closed_at = min(scene.now, handoff.accepted_at + timedelta(days=30))
                promise.closed_by = handoff.receiver
            elif at % KEPT_EVERY == 1 and handoff.accepted_at:
                promise.heard = OTHERWISE if at % 2 == 0 else ""
                promise.heard_at = min(scene.now, handoff.accepted_at + timedelta(days=5))
                promise.heard_by = handoff.receiver
            made.append(promise)
    Commitment.objects.bulk_create(made, batch_size=AT_ONCE)


def _change_hands(scene: Scene) -> None:
    """A few accounts came from another CSM lately, and nobody handed them over yet."""
    lives = [each for each in scene.lives if each.is_customer and each.reached("first_impact")]
    for at, life in enumerate(lives[:CHANGED]):
        account = scene.accounts[life.number]
        others = [each for each in scene.csms if each.pk != account.owner_id]
        if account.owner is None or not others:
            continue
        before = others[at % len(others)]
        scene.tell(
            ASSIGNED,
            scene.now - timedelta(days=3 + at),
            scene.admin,
            account,
            uuid7(),
            owner=[before.name, account.owner.name],
            owner_id=[str(before.pk), str(account.owner_id)],
        )
