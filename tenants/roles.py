"""Who may do what, on one screen. Views, endpoints, tests and docs are all made from this table."""

from enum import StrEnum


class Role(StrEnum):
    """The roles of people in a tenant; an API key is a role of its own."""

    CSM = "csm"
    MANAGER = "manager"
    REVOPS = "revops"
    ADMIN = "admin"
    SALES = "sales"
    EXECUTIVE = "executive"
    API = "api"

    @property
    def label(self) -> str:
        named = {"csm": "CSM", "revops": "RevOps", "admin": "Administrator", "api": "API client"}
        return named.get(self, self.capitalize())


PEOPLE = tuple(role for role in Role if role is not Role.API)


class Reach(StrEnum):
    """Whose accounts a capability covers."""

    OWN = "own"
    TEAM = "team"
    TENANT = "tenant"


class Can(StrEnum):
    """The capabilities. A view names exactly one."""

    READ_ACCOUNTS = "accounts:read"
    EDIT_ACCOUNTS = "accounts:write"
    ASSIGN_ACCOUNTS = "accounts:assign"
    EXPORT = "accounts:export"
    IMPORT = "imports:write"
    READ_SPICED = "spiced:read"
    EDIT_SPICED = "spiced:write"
    READ_REVIEWS = "reviews:read"
    REVIEW_CALLS = "reviews:write"
    MOVE_STAGE = "bowtie:write"
    READ_PULSE = "pulse:read"
    WRITE_PULSE = "pulse:write"
    READ_HEALTH = "health:read"
    DESIGN_HEALTH = "health:design"
    READ_TASKS = "tasks:read"
    WORK_TASKS = "tasks:write"
    DESIGN_PLAYS = "plays:design"
    HAND_OVER = "handoffs:write"
    ACCEPT_HANDOFF = "handoffs:accept"
    SHARE = "sharing:write"
    READ_ONBOARDING = "onboardings:read"
    RUN_ONBOARDING = "onboardings:write"
    DESIGN_ONBOARDING = "onboardings:design"
    READ_CHARTER = "charter:read"
    EDIT_CHARTER = "charter:write"
    READ_INSIGHT = "insight:read"
    MANAGE_PEOPLE = "people:write"
    MANAGE_KEYS = "keys:write"
    READ_AUDIT = "audit:read"
    BE_MEMBER = "member"


MEANS = {
    Can.READ_ACCOUNTS: "Read accounts, contacts, opportunities and contracts",
    Can.EDIT_ACCOUNTS: "Write accounts, contacts, opportunities and contracts",
    Can.READ_SPICED: "Read SPICED notes",
    Can.EDIT_SPICED: "Write SPICED notes",
    Can.READ_REVIEWS: "Read reviews of calls",
    Can.READ_PULSE: "Read usage, tickets, answers, invoices and contacts made",
    Can.WRITE_PULSE: "Write usage, tickets, answers, invoices and contacts made",
    Can.READ_HEALTH: "Read health scores",
    Can.READ_TASKS: "Read tasks",
    Can.WORK_TASKS: "Add, finish and put off tasks",
    Can.MOVE_STAGE: "Move accounts along the bowtie, through its gates",
    Can.HAND_OVER: "Write and submit handoffs, and close promises",
    Can.ACCEPT_HANDOFF: "Accept, return, waive and rate handoffs",
    Can.READ_ONBOARDING: "Read onboardings and their plans",
    Can.RUN_ONBOARDING: "Write what becomes of the tasks of a plan",
    Can.READ_INSIGHT: "Read the bowtie and retention",
}  # of what a key may do, in words

OWN, TEAM, ALL = Reach.OWN, Reach.TEAM, Reach.TENANT
NOT = None

GRANTS: dict[Can, tuple[Reach | None, ...]] = {
    #                         CSM   MGR   REV   ADM   SAL   EXE   API
    Can.READ_ACCOUNTS:     ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  ALL),
    Can.EDIT_ACCOUNTS:     ( OWN, TEAM,  ALL,  ALL,  NOT,  NOT,  ALL),
    Can.ASSIGN_ACCOUNTS:   ( NOT, TEAM,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.EXPORT:            ( OWN, TEAM,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.IMPORT:            ( NOT,  NOT,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.READ_SPICED:       ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  ALL),
    Can.EDIT_SPICED:       ( OWN, TEAM,  NOT,  NOT,  OWN,  NOT,  ALL),
    Can.READ_REVIEWS:      ( OWN, TEAM,  NOT,  NOT,  OWN,  NOT,  ALL),
    Can.REVIEW_CALLS:      ( NOT, TEAM,  NOT,  NOT,  NOT,  NOT,  NOT),
    Can.MOVE_STAGE:        ( OWN, TEAM,  ALL,  ALL,  NOT,  NOT,  ALL),
    Can.READ_PULSE:        ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  ALL),
    Can.WRITE_PULSE:       ( OWN, TEAM,  ALL,  ALL,  NOT,  NOT,  ALL),
    Can.READ_HEALTH:       ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  ALL),
    Can.DESIGN_HEALTH:     ( NOT,  NOT,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.READ_TASKS:        ( OWN, TEAM,  ALL,  ALL,  OWN,  NOT,  ALL),
    Can.WORK_TASKS:        ( OWN, TEAM,  ALL,  NOT,  OWN,  NOT,  ALL),
    Can.DESIGN_PLAYS:      ( NOT,  NOT,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.HAND_OVER:         ( OWN, TEAM,  ALL,  ALL,  OWN,  NOT,  ALL),
    Can.ACCEPT_HANDOFF:    ( OWN, TEAM,  ALL,  NOT,  OWN,  NOT,  ALL),
    Can.SHARE:             ( OWN, TEAM,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.READ_ONBOARDING:   ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  ALL),
    Can.RUN_ONBOARDING:    ( OWN, TEAM,  ALL,  NOT,  NOT,  NOT,  ALL),
    Can.DESIGN_ONBOARDING: ( NOT,  NOT,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.READ_CHARTER:      ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  NOT),
    Can.EDIT_CHARTER:      ( NOT,  NOT,  ALL,  ALL,  NOT,  NOT,  NOT),
    Can.READ_INSIGHT:      ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  ALL),
    Can.MANAGE_PEOPLE:     ( NOT,  NOT,  NOT,  ALL,  NOT,  NOT,  NOT),
    Can.MANAGE_KEYS:       ( NOT,  NOT,  NOT,  ALL,  NOT,  NOT,  NOT),
    Can.READ_AUDIT:        ( NOT,  NOT,  NOT,  ALL,  NOT,  NOT,  NOT),
    Can.BE_MEMBER:         ( ALL,  ALL,  ALL,  ALL,  ALL,  ALL,  NOT),
}  # fmt: skip


def reach(role: Role | str, can: Can) -> Reach | None:
    """How far a role's capability goes; None where it has none."""
    return GRANTS[can][tuple(Role).index(Role(role))]


RANK = (Role.SALES, Role.EXECUTIVE, Role.CSM, Role.MANAGER, Role.REVOPS, Role.ADMIN)


def may_grant(own: Role | str, other: Role | str) -> bool:
    """Whether somebody of one role may give or take another: only up to their own."""
    return RANK.index(Role(other)) <= RANK.index(Role(own))


def holders(can: Can) -> list[str]:
    """The roles of people that have a capability, as people read them."""
    return [role.label for role in PEOPLE if reach(role, can)]


def scopes() -> list[str]:
    """The scopes an API key may carry: every capability of the API role."""
    return [str(can) for can in Can if reach(Role.API, can)]
