"""Today: what to do next, and everything needed to decide it without opening the account."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Account
from accounts.queries.reach import in_reach
from health.queries.segments import segment_label
from plays.models import Run, Task
from plays.queries.evidence import has_acted, history, spiced
from plays.queries.queue import (
    DONE_DAYS,
    Item,
    Queue,
    counts,
    done_lately,
    due_later,
    people,
    put_off,
    queue,
    waiting_by_person,
    whose,
)
from plays.rules.bodies import read
from plays.rules.queueing import Group
from plays.views.lines import lines
from plays.views.moments import moments
from spiced.models import CriticalEvent
from spiced.queries.events import to_ask
from tenants.access import TenantRequest, needs
from tenants.formats import duration, effort, plural
from tenants.roles import Can, Reach

SHOWS = {"": "Mine", "team": "Team", "snoozed": "Snoozed", "done": "Done", "later": "Later"}


@needs(Can.READ_TASKS)
@require_GET
def today(request: TenantRequest) -> HttpResponse:
    """The queue of a person or a team, and the selected item beside it."""
    who, show = _asked(request)
    now, day, end = moments(request)
    tasks = whose(request.actor, who)
    context: dict[str, Any] = {
        "day": day,
        "show": show,
        "who": who,
        "segments": _segments(request, who, show, now),
        "people": waiting_by_person(request.actor, now) if who else [],
        "may_add": request.actor.may(Can.WORK_TASKS),
    }
    lists = {"snoozed": put_off, "done": done_lately}
    if show in lists:
        context |= {"tasks": lists[show](tasks, now), "days": DONE_DAYS}
    elif show == "later":
        context["tasks"] = due_later(tasks, now, day)
    else:
        found = queue(request.actor, tasks, now, day, end)
        selected = _selected(found, request.GET.get("item", ""))
        context |= _queue_context(request, found, selected, now, day)
        context |= _item_context(request, found, selected, now, day)
    template = "plays/today.html#queue" if request.htmx else "plays/today.html"
    return render(request, template, context)


@needs(Can.READ_TASKS)
@require_GET
def item(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """One item of the queue: evidence, what SPICED holds, the next question, what to do."""
    who, _ = _asked(request)
    now, day, end = moments(request)
    found = queue(request.actor, whose(request.actor, who), now, day, end)
    selected = next((each for each in found.items if each.task.pk == task_id), None)
    if selected is None:
        raise Http404
    context = _item_context(request, found, selected, now, day) | {"day": day, "who": who}
    return render(request, "plays/_peek.html" if request.htmx else "plays/item.html", context)


def _asked(request: TenantRequest) -> tuple[str, str]:
    """Whose queue (an id, “team”, or one's own) and which part. Raises Http404 out of reach."""
    who, show = request.GET.get("who", ""), request.GET.get("show", "")
    if show not in SHOWS or (who and not _sees_others(request)):
        raise Http404
    if who and who != "team" and who not in {str(each.user_id) for each in people(request.actor)}:
        raise Http404
    return who, show


def _sees_others(request: TenantRequest) -> bool:
    return request.actor.reach(Can.READ_TASKS) is not Reach.OWN


def _segments(request: TenantRequest, who: str, show: str, now: datetime) -> list[dict[str, Any]]:
    found, url = counts(request.actor, now), reverse("plays:today")
    kept = {"who": who} if who else {}
    parts: list[tuple[str, str, int | None, bool]] = [
        ("Mine", "", found["mine"], not who and not show)
    ]
    if _sees_others(request):
        parts.append(("Team", "?who=team", found["team"], bool(who) and not show))
    for key in ("snoozed", "done"):
        query = "?" + urlencode({"show": key} | kept)
        parts.append((SHOWS[key], query, None if who else found[key], show == key))
    return [
        {"label": label, "url": url + query, "count": count, "current": current}
        for label, query, count, current in parts
    ]


def _selected(found: Queue, item_id: str) -> Item | None:
    items = found.items
    return next(
        (each for each in items if str(each.task.pk) == item_id), items[0] if items else None
    )


def _queue_context(
    request: TenantRequest, found: Queue, selected: Item | None, now: datetime, day: date
) -> dict[str, Any]:
    who = request.GET.get("who", "")
    groups = [
        {
            "title": group.title,
            "note": group.note,
            "lines": lines(items, who, selected, now, day),
        }
        for group, items in found.groups.items()
    ]
    return {"queue": found, "groups": groups, "load": _load(request, found, who)}


def _peek_url(task: Task, who: str) -> str:
    kept = "?" + urlencode({"who": who}) if who else ""
    return reverse("plays:item", args=[task.pk]) + kept


def _load(request: TenantRequest, found: Queue, who: str) -> dict[str, Any]:
    """What today's items take against the time people have for planned work."""
    if who:
        owners = {each.task.owner_id for each in found.items}
        chosen = [each for each in people(request.actor) if each.user_id in owners]
        capacity = sum(each.capacity_minutes for each in chosen)
    else:
        membership = request.actor.membership
        capacity = membership.capacity_minutes if membership else 0
    proactive, reactive = found.minutes(True), found.minutes(False)
    total = proactive + reactive
    free = capacity - total
    width = max(capacity, total, 1)
    if not total:
        words = f"Nothing is due today; {effort(capacity)} are free for planned work"
    elif free >= 0:
        words = f"{effort(total)} of work fits into {effort(capacity)} for planned work"
    else:
        words = f"{effort(total)} of work is {effort(-free)} more than fits into today"
    return {
        "words": words,
        "proactive": proactive,
        "reactive": reactive,
        "free": max(0, free),
        "over": max(0, -free),
        "parts": [("accent", 100 * proactive / width), ("risk", 100 * reactive / width)],
    }


def _item_context(
    request: TenantRequest, found: Queue, selected: Item | None, now: datetime, day: date
) -> dict[str, Any]:
    who = request.GET.get("who", "")
    refresh = {"who": who} if who else {}
    if selected is None:
        return {"selected": None, "refresh_url": _today_url(refresh)}
    items = found.items
    at = items.index(selected)
    following = items[at + 1 :] or items[:at]
    if following:
        refresh["item"] = str(following[0].task.pk)
    group = found.groups[selected.group]
    task, account = selected.task, selected.account
    run = task.run
    facts = _once(run.evidence.get("facts", [])) if run else []
    return {
        "selected": selected,
        "task": task,
        "account": account,
        "segment": segment_label(account.segment) if account else "",
        "currency": account.currency if account else request.tenant.currency,
        "position": group.index(selected) + 1,
        "of": len(group),
        "is_ranked": selected.group in (Group.IMPACT, Group.QUICK),
        "renewal_in": (account.renews_on - day).days if account and account.renews_on else None,
        "facts": facts,
        "run": run,
        "has_acted": has_acted(run) if run else False,
        "peek_url": _peek_url(task, who),
        "run_due": _promise(run.first_action_due_at, now) if run else "",
        "chart": history(account, facts, day) if account else None,
        "spiced": spiced(account, day) if account else None,
        "to_ask": _to_ask(request, account, run) if account and run else None,
        "refresh_url": _today_url(refresh),
        "may_work": _may_work(request, task),
        "may_log": account is not None and _may_log(request, account),
    }


def _to_ask(request: TenantRequest, account: Account, run: Run) -> CriticalEvent | None:
    """The event whose consequence a play waits for, where one may write it."""
    if "critical_event_class" not in read(run.play.body).aims_at:
        return None
    may_write = in_reach(request.actor, Can.EDIT_SPICED).filter(pk=account.pk).exists()
    return to_ask(account) if may_write else None


def _once(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each fact once: a condition may ask for the same measure twice."""
    return list({(fact["name"], fact["shown"]): fact for fact in facts}.values())


def _promise(due_at: datetime, now: datetime) -> str:
    if due_at < now:
        return f"was due {plural(max(1, int((now - due_at).total_seconds() // 3600)), 'hour')} ago"
    return f"due in {duration(due_at - now)}"


def _may_work(request: TenantRequest, task: Task) -> bool:
    owners = {task.owner_id} | ({task.account.owner_id} if task.account else set())
    return request.actor.reach(Can.WORK_TASKS) is not None and (
        request.actor.reach(Can.WORK_TASKS) is not Reach.OWN or request.actor.user_id in owners
    )


def _may_log(request: TenantRequest, account: Account) -> bool:
    return in_reach(request.actor, Can.WRITE_PULSE).filter(pk=account.pk).exists()


def _today_url(query: dict[str, str]) -> str:
    return reverse("plays:today") + ("?" + urlencode(query) if query else "")
