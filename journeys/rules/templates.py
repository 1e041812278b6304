"""What an onboarding template may say, read strictly (operating model, section 6).

A body is {"touch_models": [...], "tasks": [...]}; a task is {"key", "label", "note", "phase",
"side", "role", "offset", "days", "after", "weight", "is_visible", "is_gate"}. offset and days are
working days.
"""

from dataclasses import asdict, dataclass
from typing import Any

from accounts.rules.people import ROLES
from journeys.rules.schedule import CycleFound, Node, UnknownTask, ordered

PHASES = {
    "handoff": "Handoff",
    "kickoff": "Kickoff",
    "configure": "Configure",
    "enable": "Enable",
    "go_live": "Go-live",
    "first_impact": "First Impact",
    "transition": "Transition",
}
OURS = {
    "csm": "CSM",
    "onboarding": "Onboarding",
    "ae": "Sales",
    "am": "Account manager",
    "support": "Support",
    "product": "Product",
    "finance": "Finance",
    "cs_ops": "CS operations",
    "cs_lead": "CS lead",
}
THEIRS = {key: label for key, label in ROLES.items() if key != "blocker"}
ROLES_OF = {"us": OURS, "them": THEIRS}
SIDES = {"us": "Us", "them": "Them"}
TOUCH_MODELS = ("high", "mid", "low", "tech")
LONGEST = 400  # working days
MOST_TASKS = 60


class BadTemplate(Exception):
    """The body cannot be a template; says where and why."""


@dataclass(frozen=True)
class TaskBody:
    """One task of a template. Shapes as in the module's docstring."""

    key: str
    label: str
    phase: str
    side: str
    role: str
    offset: int = 0
    days: int = 0
    after: tuple[str, ...] = ()
    weight: int = 1
    is_visible: bool = False
    is_gate: bool = False
    note: str = ""

    @property
    def node(self) -> Node:
        return Node(self.key, self.offset, self.days, self.after)

    @property
    def role_label(self) -> str:
        return ROLES_OF[self.side][self.role]


@dataclass(frozen=True)
class TemplateBody:
    """A template: the touch models it is for, and its tasks in order."""

    touch_models: tuple[str, ...]
    tasks: tuple[TaskBody, ...]

    @property
    def impact_key(self) -> str:
        """The task at which First Impact is due: the last of that phase."""
        return [task.key for task in self.tasks if task.phase == "first_impact"][-1]

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "touch_models": list(self.touch_models),
            "tasks": [asdict(task) | {"after": list(task.after)} for task in self.tasks],
        }


def read(body: Any) -> TemplateBody:
    """A body as a template. Raises BadTemplate."""
    if not isinstance(body, dict) or not isinstance(body.get("tasks"), list):
        raise BadTemplate("A template has tasks.")
    models = body.get("touch_models", [])
    if not isinstance(models, list) or not set(map(str, models)) <= set(TOUCH_MODELS):
        raise BadTemplate(f"Touch models are of {', '.join(TOUCH_MODELS)}.")
    if not 0 < len(body["tasks"]) <= MOST_TASKS:
        raise BadTemplate(f"A template has 1 to {MOST_TASKS} tasks.")
    tasks = tuple(_task(each) for each in body["tasks"])
    labels = {task.key: task.label for task in tasks}
    if len(labels) < len(tasks):
        raise BadTemplate("Two tasks have the same key.")
    try:
        ordered(task.node for task in tasks)
    except CycleFound as found:
        circle = " → ".join(labels[key] for key in [*found.keys, found.keys[0]])
        raise BadTemplate(f"These tasks wait for each other: {circle}.") from found
    except UnknownTask as found:
        raise BadTemplate(f"No task of this template has the key {found}.") from found
    if not any(task.phase == "first_impact" for task in tasks):
        raise BadTemplate("A template has a task in the phase First Impact, which it leads to.")
    return TemplateBody(tuple(models), tasks)


def _task(said: Any) -> TaskBody:
    if not isinstance(said, dict) or not isinstance(said.get("label"), str) or not said["label"]:
        raise BadTemplate("Each task has a label.")
    where = f"Task “{said['label']}”"
    if unknown := said.keys() - TaskBody.__dataclass_fields__.keys():
        raise BadTemplate(f"{where}: unknown {', '.join(sorted(unknown))}.")
    if not isinstance(said.get("key"), str) or not said["key"]:
        raise BadTemplate(f"{where}: a key is missing.")
    if said.get("phase") not in PHASES:
        raise BadTemplate(f"{where}: phases are {', '.join(PHASES)}.")
    if said.get("side") not in SIDES:
        raise BadTemplate(f"{where}: a side is us or them.")
    known = ROLES_OF[said["side"]]
    if said.get("role") not in known:
        whose = "our" if said["side"] == "us" else "their"
        raise BadTemplate(
            f"{where}: “{said.get('role', '')}” is none of {whose} roles: {', '.join(known)}."
        )
    for name, least in (("offset", 0), ("days", 0), ("weight", 1)):
        number = said.get(name, least)
        if type(number) is not int or not least <= number <= LONGEST:
            raise BadTemplate(f"{where}: {name} is a whole number from {least} to {LONGEST}.")
    after = said.get("after", [])
    if not isinstance(after, list) or not all(isinstance(each, str) for each in after):
        raise BadTemplate(f"{where}: what it comes after is a list of keys.")
    for name in ("is_visible", "is_gate"):
        if not isinstance(said.get(name, False), bool):
            raise BadTemplate(f"{where}: {name} is true or false.")
    return TaskBody(**{**said, "after": tuple(after)})
