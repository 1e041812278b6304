"""Accounts on their way from Sales to CS: drafts, late ones, returned ones, and those behind us."""

from datetime import timedelta

from accounts.models import Contact
from bowtie.models import Stay
from csom.demo.lives import Life
from csom.demo.scene import AT_ONCE, Scene, backdate
from journeys.actions.clocks import record_breach
from journeys.actions.drafts import draft_handoff
from journeys.actions.handoff_answers import return_handoff
from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.models import Handoff
from journeys.rules.judgement import RATED
from journeys.rules.kinds import KINDS
from tenants.formats import day as day_in_words
from tenants.formats import money

KNOWN_DAYS = 330


def fill_handoffs(scene: Scene) -> None:
    """Write the handoffs of accounts that signed in the last months."""
    done: list[Handoff] = []
    open_ = 0
    for life in scene.lives:
        if life.stage == "committed":
            _open(scene, life, open_)
            open_ += 1
        elif life.is_customer and (scene.today - life.since).days < KNOWN_DAYS:
            done.append(_done(scene, life))
    Handoff.objects.bulk_create(done, batch_size=AT_ONCE)
    backdate(Handoff, "created_at", [(each.pk, each.signed_at) for each in done])


def said(scene: Scene, life: Life, people: list[Contact]) -> dict[str, str]:
    """Every section of a handoff, as a careful seller fills it in."""
    term = life.terms[0]
    arr = money(term.arr_minor, scene.tenant.currency)
    dates = f"{day_in_words(term.starts_on)} to {day_in_words(term.ends_on)}"
    return {
        "terms": f"{arr} a year, {dates}",
        "discount": scene.chance.choice(("none", "10 % in the first year", "none")),
        "sponsor": str(people[1].pk),
        "champion": str(people[0].pk),
        "trigger": "Audit finding in spring and a finance director who wants it gone",
        "event": "Audit of the annual accounts; an open finding goes to the board",
        "goal_1": "Approvals in two days instead of nine",
        "criterion_1": "Median of a month at two days or less by the end of the second quarter",
        "goal_2": "One list of suppliers for all sites",
        "criterion_2": "Every site orders from it before the budget round",
        "in_scope": f"{scene.world.product} for {life.seats} people, two sites first",
        "technical": "ERP by nightly file, sign-on with their own directory",
        "risks": "IT has no time in the last two weeks of the quarter",
        "commitments": "Training on site for both plants, promised in the offer",
        "growth": f"{scene.world.module} once both sites are live",
        "use_cases": "Travel expenses were asked for twice",
        "style": "Short calls, decisions in writing",
        "channel": "English, by mail; the plant prefers the phone",
        "ours": f"{scene.accounts[life.number].owner}; Sales stays with the second phase",
        "theirs": people[0].name,
        "kickoff_on": (life.since + timedelta(days=9)).isoformat(),
        "first_step": "Send the list of approvers",
        "documents": "Contract and offer in the deal room",
        "recordings": "Two discovery calls, one demo",
    }


def _open(scene: Scene, life: Life, at: int) -> None:
    """A draft, a late draft, one with CS, one that came back, in turn."""
    account, people = scene.accounts[life.number], scene.contacts[life.number]
    stay = Stay.objects.select_related("account").get(account=account, left_at=None)
    handoff = draft_handoff(stay=stay, now=stay.entered_at)
    if handoff is None or account.seller is None or account.owner is None:
        return
    turn = at % 4
    fields = said(scene, life, people)
    if turn == 0:
        fields = {key: fields[key] for key in ("terms", "discount", "trigger", "risks")}
    written = scene.now - timedelta(hours=5)
    handoff = save_handoff(
        handoff=handoff,
        actor=account.seller,
        now=written,
        seen_version=handoff.version,
        given=fields,
    )
    if turn in (1, 2):
        handoff = submit_handoff(handoff=handoff, actor=account.seller, now=written)
    if turn == 2 and handoff.state == Handoff.State.SUBMITTED:
        return_handoff(
            handoff=handoff,
            actor=account.owner,
            now=scene.now - timedelta(hours=2),
            gaps=["Who signs off the data transfer", "A number for the second goal"],
            note="Kickoff is on hold until we know both.",
        )
    elif handoff.due_at and handoff.due_at < scene.now:
        record_breach(handoff_id=handoff.pk, due_at=handoff.due_at, now=scene.now)


def _done(scene: Scene, life: Life) -> Handoff:
    account, people = scene.accounts[life.number], scene.contacts[life.number]
    signed = scene.at(life.since, 11, 4)
    submitted = signed + timedelta(hours=scene.chance.randint(2, 30))
    accepted = submitted + timedelta(hours=scene.chance.randint(1, 28))
    is_late = scene.chance.random() < 0.15
    is_over = life.reached("live") is not None
    after = KINDS["sales_to_cs"].after
    steps = after if is_over else after[: scene.chance.randint(1, 2)]
    returned = int(life.number % 5 == 0)
    ratings = {key: scene.chance.choice((3, 4, 4, 5, 5)) for key in RATED}
    return Handoff(
        account=account,
        sender=account.seller,
        receiver=account.owner,
        state=Handoff.State.COMPLETED if is_over else Handoff.State.ACCEPTED,
        fields=said(scene, life, people),
        signed_at=signed,
        due_at=None if is_over else scene.now + timedelta(hours=scene.chance.randint(4, 60)),
        breached_at=signed + timedelta(hours=26) if is_late else None,
        submitted_at=submitted,
        accepted_at=accepted,
        returns=returned,
        completeness=scene.chance.choice((3, 4, 4, 5)),
        ratings=ratings if is_over else {},
        steps={
            step: (accepted + timedelta(days=1 + 2 * at)).isoformat()
            for at, step in enumerate(steps)
        },
    )
