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
        return {"csm": "CSM", "revops": "RevOps", "api": "API client"}.get(self, self.capitalize())


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
    READ_CHARTER = "charter:read"
    EDIT_CHARTER = "charter:write"
    READ_INSIGHT = "insight:read"
    MANAGE_PEOPLE = "people:write"
    MANAGE_KEYS = "keys:write"
    READ_AUDIT = "audit:read"
    BE_MEMBER = "member"


_ = None
O, T, A = Reach.OWN, Reach.TEAM, Reach.TENANT

GRANTS: dict[Can, tuple[Reach | None, ...]] = {
    #                      CSM MGR REV ADM SAL EXE API
    Can.READ_ACCOUNTS:    (A,  A,  A,  A,  A,  A,  A),
    Can.EDIT_ACCOUNTS:    (O,  T,  A,  A,  _,  _,  A),
    Can.ASSIGN_ACCOUNTS:  (_,  T,  A,  A,  _,  _,  _),
    Can.EXPORT:           (O,  T,  A,  A,  _,  _,  _),
    Can.IMPORT:           (_,  _,  A,  A,  _,  _,  _),
    Can.READ_SPICED:      (A,  A,  A,  A,  A,  A,  A),
    Can.EDIT_SPICED:      (O,  T,  _,  _,  O,  _,  A),
    Can.MOVE_STAGE:       (O,  T,  A,  A,  _,  _,  _),
    Can.READ_PULSE:       (A,  A,  A,  A,  A,  A,  A),
    Can.WRITE_PULSE:      (O,  T,  A,  A,  _,  _,  A),
    Can.READ_HEALTH:      (A,  A,  A,  A,  A,  A,  A),
    Can.DESIGN_HEALTH:    (_,  _,  A,  A,  _,  _,  _),
    Can.READ_TASKS:       (O,  T,  A,  A,  O,  _,  A),
    Can.WORK_TASKS:       (O,  T,  A,  _,  O,  _,  A),
    Can.DESIGN_PLAYS:     (_,  _,  A,  A,  _,  _,  _),
    Can.HAND_OVER:        (O,  T,  A,  A,  O,  _,  _),
    Can.ACCEPT_HANDOFF:   (O,  T,  A,  _,  _,  _,  _),
    Can.READ_CHARTER:     (A,  A,  A,  A,  A,  A,  _),
    Can.EDIT_CHARTER:     (_,  _,  A,  A,  _,  _,  _),
    Can.READ_INSIGHT:     (A,  A,  A,  A,  A,  A,  A),
    Can.MANAGE_PEOPLE:    (_,  _,  _,  A,  _,  _,  _),
    Can.MANAGE_KEYS:      (_,  _,  _,  A,  _,  _,  _),
    Can.READ_AUDIT:       (_,  _,  _,  A,  _,  _,  _),
    Can.BE_MEMBER:        (A,  A,  A,  A,  A,  A,  _),
}  # fmt: skip


def reach(role: Role | str, can: Can) -> Reach | None:
    """How far a role's capability goes; None where it has none."""
    return GRANTS[can][tuple(Role).index(Role(role))]


def scopes() -> list[str]:
    """The scopes an API key may carry: every capability of the API role."""
    return [str(can) for can in Can if reach(Role.API, can)]
