"""What is known of each account: SPICED notes in versions, goals with measurements, events."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.models import Account, Contact
from csom.demo import words
from csom.demo.lives import Fate, Life
from csom.demo.records import deciders, earlier, pains, steps
from csom.demo.scene import AT_ONCE, Scene, backdate
from spiced.models import CriticalEvent, Element, ImpactGoal, ImpactMeasurement, Note
from spiced.rules.elements import LETTERS, PARTS
from spiced.rules.rows import text_of
from spiced.rules.states import rubric

CONFIRMED_DAYS = 30  # from hearing it to having it confirmed


@dataclass
class Known:
    """All rows of all accounts, on their way to the database."""

    notes: list[Note]
    elements: list[Element]
    goals: list[ImpactGoal]
    measurements: list[ImpactMeasurement]
    events: list[CriticalEvent]


def fill_knowledge(scene: Scene) -> None:
    """Write notes, goals, measurements and events."""
    known = Known([], [], [], [], [])
    for life in scene.lives:
        if life.touch_model != "tech" or life.number % 2:
            _tell_of(scene, life, known)
    Note.objects.bulk_create(known.notes, batch_size=AT_ONCE)
    Element.objects.bulk_create(known.elements, batch_size=AT_ONCE)
    ImpactGoal.objects.bulk_create(known.goals, batch_size=AT_ONCE)
    backdate(ImpactGoal, "created_at", [(goal.pk, goal.recorded_at) for goal in known.goals])
    ImpactMeasurement.objects.bulk_create(known.measurements, batch_size=AT_ONCE)
    CriticalEvent.objects.bulk_create(known.events, batch_size=AT_ONCE)


def _tell_of(scene: Scene, life: Life, known: Known) -> None:
    account, people = scene.accounts[life.number], scene.contacts[life.number]
    saved = _saved_on(scene, life)
    whole = _whole(scene, life, people, saved[-1])
    goal = _goals(scene, life, account, people, whole, known)
    if life.reached("first_impact") and goal is not None:
        _measurements(scene, life, people, goal, known)
    if goal is not None and whole["D"]:
        whole["D"]["goal"] = str(goal.pk)
    elements: dict[str, Element] = {}
    for version, day in enumerate(saved, start=1):
        is_last = version == len(saved)
        author = account.seller if version == 1 else account.owner or account.seller
        moment = scene.some_time(day)
        note = Note(
            account=account,
            version=version,
            touchpoint=("deal", "kickoff", "onboarding", "review")[min(version, 4) - 1],
            author=author,
            saved_at=moment,
            is_current=is_last,
        )
        said = whole if is_last else _part_of(whole, version)
        changed = _changed(scene, version, said)
        elements = {
            letter: _element(
                scene,
                life,
                note,
                letter,
                said.get(letter, {}),
                people,
                day,
                elements.get(letter),
                letter in changed,
            )
            for letter in LETTERS
        }
        known.notes.append(note)
        known.elements += elements.values()
        scene.tell(
            "spiced.note_saved",
            moment,
            author,
            account,
            note.pk,
            version=version,
            parts=changed,
            touchpoint=note.touchpoint,
        )
    _event(scene, account, people, whole.get("CE", {}), saved[-1], known)


def _saved_on(scene: Scene, life: Life) -> list[date]:
    """The days of the versions: a first one while selling, the last one rather fresh."""
    ends = life.left_on or scene.today
    first = life.reached("sql") or life.since - timedelta(days=20)
    newest = {Fate.SLIPPING: (12, 130), Fate.TROUBLED: (25, 180)}.get(life.fate, (4, 75))
    last = ends - timedelta(days=scene.chance.randint(*newest))
    days = [first]
    if life.reached("onboarding") or life.fate is not Fate.COURTED:
        days.append(life.since + timedelta(days=6))
    middle = first + (last - first) / 2
    if middle > days[-1]:
        days += [middle, last]
    return [day for day in days if day <= ends] or [first]


def _whole(scene: Scene, life: Life, people: list[Contact], day: date) -> dict[str, dict[str, Any]]:
    """Everything the newest version says, by part; less of it where the account is less known."""
    chance = scene.chance
    named = {
        "name": life.name,
        "sites": chance.randint(2, 14),
        "region": life.region,
        "trade": life.trade.lower(),
        "who": people[1].name,
    }
    text, measure, unit, baseline, target = chance.choice(words.IMPACTS)
    event, consequence, kind = chance.choice(words.EVENTS)
    event_on = scene.today + timedelta(days=chance.randint(18, 210))
    if chance.random() < 0.1:
        event_on = scene.today - timedelta(days=chance.randint(3, 40))
    whole: dict[str, dict[str, Any]] = {
        "S": {
            "text": chance.choice(words.SITUATIONS).format(**named),
            "tools": list(chance.choice(words.TOOLS)),
            "team": chance.choice(words.TEAMS),
            "changes": chance.choice(words.CHANGES),
            "initiatives": list(words.INITIATIVES[life.number % len(words.INITIATIVES)]),
            "maturity": 1 + life.number % 4,
        },
        "P": {
            "pains": pains(
                life,
                people,
                scene.tenant.currency,
                {
                    "text": chance.choice(words.PAINS),
                    "who": str(people[0].pk),
                    "frequency": chance.choice(("daily", "weekly", "monthly")),
                    "annual_cost": chance.randint(20, 320) * 100_000,
                },
            )
        },
        "I": {
            "text": text,
            "measure": measure,
            "unit": unit,
            "baseline": float(baseline),
            "target": float(target),
            "by": (scene.today + timedelta(days=chance.randint(60, 260))).isoformat(),
            "words": chance.choice(words.FEELINGS),
            "person": str(people[0].pk),
        },
        "CE": {
            "text": event,
            "on": event_on.isoformat(),
            "consequence": consequence.format(**named),
            "consequence_kind": kind,
            "amount": chance.randint(10, 150) * 100_000 if kind == "financial" else None,
            "sufferer": str(people[1].pk),
        },
        "D": {
            "text": chance.choice(words.DECISIONS),
            "people": deciders(people),
            "process": steps(chance.choice(words.PROCESSES), _decides_on(scene, life)),
            "criteria": list(chance.choice(words.CRITERIA)),
            "paper": "Framework agreement of the group" if chance.random() < 0.3 else "",
        },
    }
    if chance.random() < 0.22:
        whole["CE"]["consequence"] = ""
    if chance.random() < 0.18:
        whole["I"] |= {"words": "", "person": None}
    if life.fate is Fate.COURTED or chance.random() < 0.12:
        whole["D"] = {}
    if life.touch_model == "tech" or chance.random() < 0.08:
        whole["CE"] = {}
    return whole


def _part_of(whole: dict[str, dict[str, Any]], version: int) -> dict[str, dict[str, Any]]:
    """What an earlier version said: fewer parts, and the first ones in fewer words."""
    letters = {1: ("S", "P"), 2: ("S", "P", "I")}.get(version, ("S", "P", "I", "CE", "D"))
    said = {letter: dict(whole[letter]) for letter in letters if whole.get(letter)}
    if version == 1:
        said["S"] = {"text": whole["S"]["text"].split(". ")[0] + ".", "tools": whole["S"]["tools"]}
    if version <= 3 and "S" in said:
        said["S"].pop("changes", None)
    if "P" in said:
        said["P"]["pains"] = earlier(said["P"]["pains"], version)
    return said


def _decides_on(scene: Scene, life: Life) -> date | None:
    """A month before the term that runs now ends; None where none does."""
    ends = [term.ends_on for term in life.terms if term.starts_on <= scene.today < term.ends_on]
    return min(ends) - timedelta(days=30) if ends else None


def _changed(scene: Scene, version: int, said: dict[str, dict[str, Any]]) -> list[str]:
    new = {1: ["S", "P"], 2: ["S", "P", "I"], 3: ["CE", "D"]}.get(version, list(LETTERS))
    return [letter for letter in new if said.get(letter)]


def _element(
    scene: Scene,
    life: Life,
    note: Note,
    letter: str,
    said: dict[str, Any],
    people: list[Contact],
    day: date,
    before: Element | None,
    is_changed: bool,
) -> Element:
    if not said:
        return Element(note=note, letter=letter)
    likely = {Fate.SLIPPING: 0.5, Fate.TROUBLED: 0.3, Fate.COURTED: 0.4}.get(life.fate, 0.85)
    is_confirmed = note.version > 1 and scene.chance.random() < likely
    is_leveraged = is_confirmed and scene.chance.random() < 0.35
    keeps = before is not None and not is_changed and bool(before.text)
    heard_on = before.heard_on if keeps and before else day
    return Element(
        note=note,
        letter=letter,
        text=said.get("text") or text_of(PARTS[letter].fields[0], said["pains"]),
        details={key: value for key, value in said.items() if key != "text"},
        score=rubric(letter, said, confirmed=is_confirmed, leveraged=is_leveraged),
        heard_from=people[note.version % 2],
        heard_on=heard_on,
        validated_on=day if is_confirmed else heard_on,
        is_confirmed=is_confirmed,
        confirmers=[person.pk for person in people[:2]] if is_confirmed else [],
        evidence=scene.chance.choice(words.EVIDENCE) if is_confirmed else "",
        is_leveraged=is_leveraged,
        changed_in=before.changed_in if keeps and before else note.version,
    )


def _goals(
    scene: Scene,
    life: Life,
    account: Account,
    people: list[Contact],
    whole: dict[str, dict[str, Any]],
    known: Known,
) -> ImpactGoal | None:
    if life.fate is Fate.COURTED:
        return None
    said = whole["I"]
    begun = max(life.since, scene.today - timedelta(days=400))
    recorded = scene.at(life.since + timedelta(days=6), 15)
    goal = ImpactGoal(
        account=account,
        kind=ImpactGoal.Kind.RATIONAL,
        statement=said["text"],
        measure=said["measure"],
        unit=said["unit"],
        baseline=said["baseline"],
        target=said["target"],
        baseline_on=begun,
        deadline_on=date.fromisoformat(said["by"]),
        unit_value_minor=scene.chance.randint(3, 40) * 10_000,
        status=ImpactGoal.Status.ACTIVE,
        is_in_note=True,
        recorded_at=recorded,
    )
    known.goals.append(goal)
    if said["words"]:
        known.goals.append(
            ImpactGoal(
                account=account,
                kind=ImpactGoal.Kind.EMOTIONAL,
                statement=said["words"],
                person=people[0],
                status=ImpactGoal.Status.AGREED,
                is_in_note=True,
                recorded_at=recorded,
            )
        )
    return goal


def _measurements(
    scene: Scene, life: Life, people: list[Contact], goal: ImpactGoal, known: Known
) -> None:
    """Every ten weeks or so since First Impact, confirmed by the champion; less where it falls."""
    if goal.baseline is None or goal.target is None:
        return
    if goal.baseline_on is None or goal.deadline_on is None:
        return
    day = max(life.reached("first_impact") or life.since, goal.baseline_on + timedelta(days=20))
    ends = life.left_on or scene.today
    stops = {Fate.SLIPPING: 75, Fate.TROUBLED: 125, Fate.LEFT: 120}.get(life.fate, 6)
    while day < ends - timedelta(days=stops):
        expected = (day - goal.baseline_on) / (goal.deadline_on - goal.baseline_on)
        part = expected * scene.chance.uniform(0.9, 1.15) * (1.6 if life.number % 5 == 0 else 1)
        if life.falls_on and day > life.falls_on - timedelta(days=120):
            part = expected * scene.chance.uniform(0.3, 0.75)
        moment = scene.some_time(scene.working(day))
        confirmed = moment + timedelta(days=scene.chance.randint(1, 6))
        is_confirmed = confirmed < scene.now
        known.measurements.append(
            ImpactMeasurement(
                goal=goal,
                value=round(goal.baseline + (goal.target - goal.baseline) * min(part, 1.05), 1),
                measured_on=day,
                evidence=f"Report of {day:%B}, sent by {people[0].name}",
                confirmed_by=people[0] if is_confirmed else None,
                confirmed_at=confirmed if is_confirmed else None,
                recorded_at=moment,
            )
        )
        day += timedelta(days=scene.chance.randint(38, 56))


def _event(
    scene: Scene,
    account: Account,
    people: list[Contact],
    said: dict[str, Any],
    day: date,
    known: Known,
) -> None:
    if not said:
        return
    recorded = scene.at(day, 15)
    is_confirmed = bool(said["consequence"]) and scene.chance.random() < 0.6
    known.events.append(
        CriticalEvent(
            account=account,
            statement=said["text"],
            on=date.fromisoformat(said["on"]),
            consequence=said["consequence"],
            consequence_kind=said["consequence_kind"],
            amount_minor=said["amount"],
            sufferer=people[1],
            confirmed_by=people[1] if is_confirmed else None,
            confirmed_at=recorded if is_confirmed else None,
            times_moved=scene.chance.choices((0, 1, 2), (0.8, 0.15, 0.05))[0],
            is_in_note=True,
            recorded_at=recorded,
        )
    )
