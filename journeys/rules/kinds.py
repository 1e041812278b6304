"""The kinds of handoff: who hands what to whom, what is asked, and which times are promised.

Source: the operating model, section 12.1. Which items are mandatory, and the promised times, are
data of the charter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from journeys.rules.sections import ITEMS, SECTIONS, Ask, Section
from journeys.rules.sections_cs import CSM, CSM_ITEMS, ONBOARDING, ONBOARDING_ITEMS
from journeys.rules.sections_teams import (
    FINANCE,
    FINANCE_ITEMS,
    MARKETING,
    MARKETING_ITEMS,
    SALES,
    SALES_ITEMS,
    SUPPORT,
    SUPPORT_ITEMS,
)

SPICED = ("SPICED at its minimum", "SPICED", ())
SUBMIT, ANSWER = "submit", "answer"
OWNER, SELLER, NAMED = "owner", "seller", "named"
URGENT = "csm_urgent"  # promised instead of submitting in the usual time


@dataclass(frozen=True)
class Step:
    """A promised step. promise: its key in the charter; done: the words once it was done.

    A key may hold what is said in braces: “{severity}_response”; the mildest while it is not said.
    """

    label: str
    promise: str
    done: str = ""


@dataclass(frozen=True)
class HandoffKind:
    """One kind. giver, taker: the teams, as in “hand over to CS”.

    items: what may be mandatory, by key: words, one word, and what is asked for it. steps: in
    order, from handing over to the last one after acceptance. needs_people: whether it comes back
    by itself where neither sponsor nor champion is named. taken_by: the owner of the account, its
    seller, or a person who is named; begun: what its clock counts from.
    """

    key: str
    label: str
    giver: str
    taker: str
    sections: tuple[Section, ...]
    items: Mapping[str, tuple[str, str, tuple[str, ...]]]
    steps: Mapping[str, Step]
    needs_people: bool = False
    taken_by: str = OWNER
    begun: str = "Begun"

    @property
    def is_within(self) -> bool:
        """Whether CS takes it; else CS gives it to another team."""
        return self.taken_by == OWNER

    @cached_property
    def asks(self) -> dict[str, Ask]:
        """Everything it asks, by key."""
        return {ask.key: ask for section in self.sections for ask in section.asks}

    @property
    def most_points(self) -> int:
        return 2 * len(self.sections)

    @cached_property
    def after(self) -> tuple[str, ...]:
        """The steps after acceptance, in order."""
        return tuple(key for key in self.steps if key not in (SUBMIT, ANSWER))

    def words(self, item: str) -> str:
        """What an item is called; empty for an unknown one."""
        return self.items[item][0] if item in self.items else ""

    def asked_for(self, item: str) -> tuple[str, ...]:
        """What is asked for an item, by key."""
        return self.items[item][2] if item in self.items else ()


KINDS = {
    kind.key: kind
    for kind in (
        HandoffKind(
            "sales_to_cs",
            "Sales to CS",
            "Sales",
            "CS",
            SECTIONS,
            ITEMS | {"spiced": SPICED},
            {
                SUBMIT: Step("Submit", "handoff_submit"),
                ANSWER: Step("Accept or return", "handoff_accept"),
                "first_contact": Step("First contact", "first_contact", "First contact made"),
                "kickoff_booked": Step("Book kickoff", "kickoff_booked", "Kickoff booked"),
                "kickoff_held": Step("Hold kickoff", "kickoff_held", "Kickoff held"),
            },
            needs_people=True,
            begun="Committed",
        ),
        HandoffKind(
            "onboarding_to_cs",
            "Onboarding to CS",
            "Onboarding",
            "CS",
            ONBOARDING,
            ONBOARDING_ITEMS,
            {
                SUBMIT: Step("Submit", "onboarding_submit"),
                ANSWER: Step("Accept or return", "onboarding_accept"),
                "joint_call": Step("Hold the joint call", "joint_call", "Joint call held"),
            },
            begun="Onboarding ended",
        ),
        HandoffKind(
            "csm_to_csm",
            "CSM to CSM",
            "The CSM before",
            "the new CSM",
            CSM,
            CSM_ITEMS | {"spiced": SPICED},
            {
                SUBMIT: Step("Submit", "csm_submit"),
                ANSWER: Step("Accept or return", "csm_accept"),
                "introduced": Step("Introduce the new CSM", "csm_introduced", "Introduced"),
            },
            begun="Changed hands",
        ),
        HandoffKind(
            "cs_to_sales",
            "CS to Sales",
            "CS",
            "Sales",
            SALES,
            SALES_ITEMS,
            {
                SUBMIT: Step("Submit", ""),
                ANSWER: Step("Accept or return", "csql_decide"),
                "first_meeting": Step(
                    "Hold the first meeting", "csql_meeting", "First meeting held"
                ),
            },
            taken_by=SELLER,
        ),
        HandoffKind(
            "cs_to_support",
            "CS to Support",
            "CS",
            "Support",
            SUPPORT,
            SUPPORT_ITEMS,
            {
                SUBMIT: Step("Submit", ""),
                ANSWER: Step("Acknowledge or return", "{severity}_response"),
                "mitigated": Step(
                    "Fix or work around", "{severity}_target", "Fixed or worked around"
                ),
                "confirmed": Step("Have them confirm", "", "Confirmed by the account"),
            },
            taken_by=NAMED,
        ),
        HandoffKind(
            "cs_to_finance",
            "CS to Finance",
            "CS",
            "Finance",
            FINANCE,
            FINANCE_ITEMS,
            {
                SUBMIT: Step("Submit", "finance_submit"),
                ANSWER: Step("Accept or return", "finance_accept"),
                "booked": Step("Book the order", "", "Order booked"),
            },
            taken_by=NAMED,
            begun="Signed",
        ),
        HandoffKind(
            "cs_to_marketing",
            "CS to Marketing",
            "CS",
            "Marketing",
            MARKETING,
            MARKETING_ITEMS,
            {
                SUBMIT: Step("Submit", ""),
                ANSWER: Step("Accept or return", "marketing_answer"),
                "answered": Step("Have the account answer", "", "Answered by the account"),
            },
            taken_by=NAMED,
        ),
    )
}
TO_TEAMS = {key: kind for key, kind in KINDS.items() if not kind.is_within}
WITHIN = tuple(key for key in KINDS if key not in TO_TEAMS)
MILDEST = "s4"  # severity, until one is said
STEP_KEYS = frozenset(key for kind in KINDS.values() for key in kind.after)


def step_in_hand(kind: HandoffKind, state: str, done: Mapping[str, str]) -> str:
    """The step a handoff waits for; empty once all is done."""
    if state in ("draft", "returned"):
        return SUBMIT
    if state == "submitted":
        return ANSWER
    if state == "accepted":
        return next((step for step in kind.after if step not in done), "")
    return ""


def promise_of(
    kind: HandoffKind, step: str, said: Mapping[str, str], *, is_urgent: bool = False
) -> str:
    """The key of what the charter promises for a step, empty where nothing is.

    said: what the handoff says, where that decides it.
    """
    if is_urgent and step == SUBMIT:
        return URGENT
    return kind.steps[step].promise.format(severity=said.get("severity") or MILDEST)
