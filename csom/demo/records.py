"""Pains, the people of a decision and its steps, as the accounts of the demo tell them."""

from datetime import date, timedelta
from random import Random
from typing import Any

from accounts.models import Contact
from csom.demo import words
from csom.demo.lives import Life


def pains(
    life: Life, people: list[Contact], currency: str, first: dict[str, Any]
) -> list[dict[str, Any]]:
    """The pain all know and, at most accounts, one or two more; smaller once impact came."""
    chance = Random(f"pains {life.number}")  # noqa: S311 - of its own, so that nothing else moves
    found = [{"id": "pain-1", "currency": currency, "status": "open"} | first]
    more = chance.sample(words.MORE_PAINS, chance.choice((0, 1, 1, 2)))
    for n, (text, frequency, evidence) in enumerate(more, start=2):
        found.append(
            {
                "id": f"pain-{n}",
                "text": text,
                "who": str(people[n % len(people)].pk),
                "frequency": frequency,
                "status": "open",
            }
        )
        if chance.random() < 0.6:
            cost = chance.randint(8, 90) * 100_000
            found[-1] |= {"annual_cost": cost, "currency": currency, "evidence": evidence}
    if life.reached("first_impact"):
        found[0] |= {"status": "reduced", "evidence": chance.choice(words.PROOFS)}
    if life.reached("recurring_impact") and len(found) > 1:
        found[1]["status"] = "resolved"
    return found


def earlier(pains: list[dict[str, Any]], version: int) -> list[dict[str, Any]]:
    """What an earlier version said: one pain in words alone, then all of them, still open."""
    if version == 1:
        return [{key: pains[0][key] for key in ("id", "text")} | {"status": "open"}]
    return [
        {key: pain[key] for key in pain if key != "evidence"} | {"status": "open"} for pain in pains
    ]


def deciders(people: list[Contact]) -> list[dict[str, Any]]:
    """Who decides: up to three people with their part, what they judge it on, how they stand."""
    return [
        {"id": str(person.pk), "contact": str(person.pk), "role": role, "criteria": criteria}
        | ({"stance": person.stance} if person.stance else {})
        for person, (role, criteria) in zip(people[:3], words.PARTS_IN_IT, strict=False)
    ]


def steps(process: str, ends_on: date | None) -> list[dict[str, Any]]:
    """A process taken apart into steps; dated backwards from a day, a fortnight each."""
    told = [step.strip() for step in process.split(",")]
    return [
        {"id": f"step-{n}", "step": step[0].upper() + step[1:]}
        | ({"on": (ends_on - timedelta(days=14 * (len(told) - n))).isoformat()} if ends_on else {})
        for n, step in enumerate(told, start=1)
    ]
