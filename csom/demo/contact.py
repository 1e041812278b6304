"""What happened between the company and its accounts: talks, tickets, surveys, invoices."""

from datetime import date, timedelta

from accounts.models import Account, Contact
from csom.demo import words
from csom.demo.abroad import priced
from csom.demo.lives import Fate, Life
from csom.demo.scene import AT_ONCE, Scene
from pulse.models import Activity, Invoice, SurveyAnswer, Ticket

EVERY_DAYS = {"high": 17, "mid": 23, "low": 30, "tech": 45}
TOLD_DAYS = 120  # of talks that stand in the trail one by one
TICKETS_A_MONTH = {"high": 2.4, "mid": 1.4, "low": 0.8, "tech": 0.5}


def fill_contact(scene: Scene, *, days: int) -> None:
    """Write the talks, tickets, answers and invoices of the last `days`."""
    oldest = scene.today - timedelta(days=days)
    activities: list[Activity] = []
    tickets: list[Ticket] = []
    answers: list[SurveyAnswer] = []
    invoices: list[Invoice] = []
    for life in scene.lives:
        account, people = scene.accounts[life.number], scene.contacts[life.number]
        activities += _activities(scene, life, account, people, oldest)
        if life.is_customer:
            tickets += _tickets(scene, life, account, oldest)
            answers += _answers(scene, life, account, people, oldest)
            invoices += _invoices(scene, life, account, oldest)
    Activity.objects.bulk_create(activities, batch_size=AT_ONCE)
    Ticket.objects.bulk_create(tickets, batch_size=AT_ONCE)
    SurveyAnswer.objects.bulk_create(answers, batch_size=AT_ONCE)
    Invoice.objects.bulk_create(invoices, batch_size=AT_ONCE)
    Contact.objects.bulk_update(
        [person for people in scene.contacts.values() for person in people],
        ["last_two_way_at"],
        batch_size=AT_ONCE,
    )


def _activities(
    scene: Scene, life: Life, account: Account, people: list[Contact], oldest: date
) -> list[Activity]:
    made: list[Activity] = []
    begins = max(life.stages[0][1], oldest)
    ends = _last_talk(scene, life)
    day = begins + timedelta(days=scene.chance.randint(0, 5))
    kickoff_on = life.since + timedelta(days=scene.chance.choice((3, 4, 5, 6, 6, 12)))
    if life.is_customer and begins < kickoff_on < ends:
        made.append(_talk(scene, life, account, people, kickoff_on, "kickoff", words.KICKOFF, 0))
    at = 0
    while day < ends:
        kind, said = _kind(scene, life, day, at)
        made.append(_talk(scene, life, account, people, day, kind, said, len(made)))
        at += 1
        every = EVERY_DAYS[life.touch_model] * scene.chance.uniform(0.6, 1.3)
        day += timedelta(days=round(every))
    return made


def _last_talk(scene: Scene, life: Life) -> date:
    """Nobody speaks any more: long ago where it goes badly."""
    if life.left_on:
        return life.left_on - timedelta(days=20)
    quiet = {Fate.TROUBLED: (6, 70), Fate.SLIPPING: (3, 46)}.get(life.fate, (0, 3))
    return scene.today - timedelta(days=scene.chance.randint(*quiet))


def _kind(scene: Scene, life: Life, day: date, at: int) -> tuple[str, tuple[str, str]]:
    falls = life.falls_on
    if falls and day > falls and scene.chance.random() < 0.55:
        return "call", scene.chance.choice(words.RESCUES)
    if at % 6 == 5 and life.touch_model in ("high", "mid"):
        return "review", scene.chance.choice(words.REVIEWS)
    if scene.chance.random() < 0.3:
        return "email", scene.chance.choice(words.MAILS)
    return scene.chance.choice(("call", "meeting")), scene.chance.choice(words.CHECKS)


def _talk(
    scene: Scene,
    life: Life,
    account: Account,
    people: list[Contact],
    day: date,
    kind: str,
    said: tuple[str, str],
    at: int,
) -> Activity:
    moment = scene.some_time(scene.working(day))
    there = [each for each in people if each.departed_on is None or each.departed_on > day]
    met = [there[at % len(there)]]
    if kind in ("review", "kickoff", "meeting"):
        met = [*met, there[(at + 1) % len(there)]] if len(there) > 1 else met
    is_answered = kind != "email" or scene.chance.random() < 0.8
    for person in met if is_answered else ():
        person.last_two_way_at = max(person.last_two_way_at or moment, moment)
    named = {
        "who": met[0].name,
        "name": life.name,
        "feature": scene.chance.choice(scene.world.features).replace("_", " "),
        "month": f"{day - timedelta(days=28):%B}",
        "measure": "the agreed measure",
    }
    purpose, outcome = (words_.format(**named) for words_ in said)
    is_empty = kind == "call" and scene.chance.random() < 0.04
    author = account.owner or account.seller
    activity = Activity(
        account=account,
        source=scene.source,
        external_id=f"{account.external_id}-A{day:%y%m%d}{at}",
        kind=kind,
        initiator=Activity.Initiator.REACTIVE if said in words.RESCUES else _initiator(scene),
        is_two_way=is_answered,
        at=moment,
        minutes={"email": 10, "review": 60, "kickoff": 60}.get(kind, 30),
        purpose="" if is_empty else purpose[:200],
        outcome="" if is_empty or not is_answered else outcome[:500],
        contact_ids=[person.pk for person in met],
        author=author,
        recorded_at=moment,
    )
    if (scene.today - day).days < TOLD_DAYS:
        scene.tell(
            "pulse.activity_logged",
            moment,
            author,
            account,
            activity.pk,
            kind=kind,
            purpose=activity.purpose,
            outcome=activity.outcome,
        )
    return activity


def _initiator(scene: Scene) -> str:
    kinds = (Activity.Initiator.PROACTIVE, Activity.Initiator.CUSTOMER)
    return scene.chance.choices(kinds, (0.85, 0.15))[0]


def _tickets(scene: Scene, life: Life, account: Account, oldest: date) -> list[Ticket]:
    made: list[Ticket] = []
    begins, ends = max(life.since, oldest), life.left_on or scene.today
    every = 30 / TICKETS_A_MONTH[life.touch_model]
    day = begins + timedelta(days=scene.chance.uniform(0, every))
    while day < ends:
        made.append(_ticket(scene, account, day, len(made), is_open=False))
        busy = life.fate is Fate.TROUBLED and (scene.today - day).days < 40
        factor = scene.chance.uniform(0.55, 1.45) * (0.3 if busy else 1)
        day += timedelta(days=max(1, round(every * factor)))
    if life.fate is Fate.TROUBLED:
        for ago in scene.chance.sample(range(16, 40), 2):
            made.append(
                _ticket(scene, account, scene.today - timedelta(ago), len(made), is_open=True)
            )
        if scene.chance.random() < 0.25:
            urgent = _ticket(scene, account, scene.today, len(made), is_open=True)
            urgent.priority, urgent.is_escalated = 1, True
            urgent.opened_at = urgent.recorded_at = scene.now - scene.chance.choice(HOURS)
            urgent.first_response_at = urgent.opened_at + timedelta(minutes=25)
            urgent.subject = _subject(scene, words.OUTAGES)
            made.append(urgent)
    elif life.fate is not Fate.LEFT and scene.chance.random() < 0.25:
        made.append(_ticket(scene, account, scene.today - timedelta(2), len(made), is_open=True))
    return made


HOURS = (timedelta(hours=3), timedelta(hours=9), timedelta(hours=26))


def _subject(scene: Scene, subjects: tuple[str, ...]) -> str:
    feature = scene.chance.choice(scene.world.features).replace("_", " ")
    said = scene.chance.choice(subjects).format(feature=feature)
    return said[:1].upper() + said[1:]


def _ticket(scene: Scene, account: Account, day: date, at: int, *, is_open: bool) -> Ticket:
    opened = scene.some_time(scene.working(day))
    priority = scene.chance.choices((2, 3, 4), (0.15, 0.6, 0.25))[0]
    answered = opened + timedelta(minutes=scene.chance.randint(8, 300))
    solved = opened + timedelta(hours=scene.chance.randint(3, {2: 26, 3: 60, 4: 120}[priority]))
    is_open = is_open or solved > scene.now
    has_rating = not is_open and scene.chance.random() < 0.5
    return Ticket(
        account=account,
        source=scene.source,
        external_id=f"{account.external_id}-T{at + 1}",
        subject=_subject(scene, words.TICKETS),
        priority=priority,
        status="open" if is_open else "resolved",
        opened_at=opened,
        first_response_at=min(answered, scene.now),
        resolved_at=None if is_open else solved,
        reopened=int(scene.chance.random() < 0.05),
        csat=scene.chance.choices((5, 4, 3, 2), (0.62, 0.27, 0.07, 0.04))[0]
        if has_rating
        else None,
        recorded_at=opened,
    )


def _answers(
    scene: Scene, life: Life, account: Account, people: list[Contact], oldest: date
) -> list[SurveyAnswer]:
    made: list[SurveyAnswer] = []
    for ago in (48, 230, 410):
        day = scene.today - timedelta(days=ago)
        if day < max(life.since + timedelta(40), oldest) or (life.left_on and day > life.left_on):
            continue
        for person in people[:3]:
            if scene.chance.random() < 0.35 or (person.departed_on and person.departed_on < day):
                continue
            score = _score(scene, life, day)
            said = words.DETRACTORS if score <= 6 else words.PASSIVES if score <= 8 else None
            moment = scene.some_time(day + timedelta(days=scene.chance.randint(0, 12)))
            is_closed = score <= 6 and ago > 60
            made.append(
                SurveyAnswer(
                    account=account,
                    contact=person,
                    source=scene.source,
                    external_id=f"{person.external_id}-N{ago}",
                    kind=SurveyAnswer.Kind.NPS,
                    wave=f"{day:%B %Y}",
                    score=score,
                    comment=scene.chance.choice(said or words.PROMOTERS)
                    if scene.chance.random() < 0.6
                    else "",
                    answered_at=moment,
                    loop_closed_at=moment + timedelta(days=3) if is_closed else None,
                    recorded_at=moment,
                )
            )
    return made


def _score(scene: Scene, life: Life, day: date) -> int:
    if life.falls_on and day > life.falls_on - timedelta(days=30):
        low = life.fate is not Fate.SLIPPING
        return scene.chance.randint(2, 6) if low else scene.chance.randint(6, 8)
    return scene.chance.choices((10, 9, 8, 7, 5), (0.34, 0.3, 0.2, 0.12, 0.04))[0]


def _invoices(scene: Scene, life: Life, account: Account, oldest: date) -> list[Invoice]:
    made: list[Invoice] = []
    abroad = scene.abroad.get(life.number)
    for at, term in enumerate(life.terms):
        for quarter in range(4):
            issued = term.starts_on + timedelta(days=91 * quarter)
            if not oldest <= issued <= scene.today:
                continue
            due = issued + timedelta(days=30)
            paid: date | None = due + timedelta(days=scene.chance.randint(-14, 5))
            status = Invoice.Status.PAID
            is_owing = life.fate is Fate.TROUBLED and scene.chance.random() < 0.45
            if paid and (paid > scene.today or (is_owing and (scene.today - due).days < 110)):
                paid, status = None, Invoice.Status.OPEN
            if status is Invoice.Status.OPEN and is_owing and scene.chance.random() < 0.2:
                status = Invoice.Status.DISPUTED
            made.append(
                Invoice(
                    account=account,
                    source=scene.source,
                    external_id=f"{account.external_id}-I{at + 1}{quarter + 1}",
                    amount_minor=priced(term.arr_minor, term, abroad) // 4,
                    currency=abroad.currency if abroad else scene.tenant.currency,
                    issued_on=issued,
                    due_on=due,
                    paid_on=paid,
                    status=status,
                    recorded_at=scene.at(issued),
                )
            )
    return made
