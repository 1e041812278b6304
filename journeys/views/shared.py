"""The customer's own page: opened by a link, without signing in. Reading it records nothing."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from journeys.actions.answering import say_agreement, say_confirmed, say_not_yet
from journeys.actions.joint_agreeing import say_agreed
from journeys.actions.joint_holding import StaleJointPlan
from journeys.actions.links import CodeTooSoon, is_right_code, new_code
from journeys.models import ShareLink
from journeys.queries.shared import asked_of, goal_asked_of, joint_asked_of, link_of, shared_with
from tenants.access import open_to_all
from tenants.addresses import outside
from tenants.errors import Refused
from tenants.keys import digest
from tenants.models import ShareLookup
from tenants.scope import act_for

PROVEN = "shared"  # the cookie of who typed the code
PROVEN_FOR = 12 * 60 * 60  # seconds
LONGEST_ANSWER = 500
LONGEST_NUMBER = 9
SCALE = ("1", "2", "3", "4", "5")
Page = Callable[..., HttpResponse]


def by_link(view: Page) -> Page:
    """Open a view for whoever holds a link, as its tenant; 404 for a token that never was."""

    @wraps(view)
    def opened(request: HttpRequest, token: str, **named: object) -> HttpResponse:
        lookup = ShareLookup.objects.filter(token_hash=digest(token)).first()
        if lookup is None:
            return _closed(request, 404)
        with act_for(lookup.tenant_id):
            link = link_of(lookup, timezone.now())
            if link is None:
                return _closed(request, 410)
            with timezone.override(ZoneInfo(link.tenant.time_zone)):
                return _kept_out(view(request, token, link, **named))

    return open_to_all(opened)


@by_link
@require_GET
def page(request: HttpRequest, token: str, link: ShareLink) -> HttpResponse:
    """What is shared; before it, where the link asks for it, the code."""
    if not _is_proven(request, link):
        return _code_page(request, token, link)
    return _page(request, token, link)


@by_link
@require_POST
def code(request: HttpRequest, token: str, link: ShareLink) -> HttpResponse:
    """Send a code, or take the one that was typed."""
    now = timezone.now()
    if "code" not in request.POST:
        try:
            _send(link, new_code(link=link, now=now))
        except CodeTooSoon as refusal:
            return _code_page(request, token, link, refusal=str(refusal), status=refusal.status)
        return _code_page(request, token, link, is_sent=True)
    if not is_right_code(link=link, code=request.POST["code"], now=now):
        words = "This code does not open the page. Look again, or have a new one sent."
        return _code_page(request, token, link, is_sent=True, refusal=words, status=422)
    answer = redirect(outside("shared:page", token=token))
    answer.set_signed_cookie(
        PROVEN,
        str(link.pk),
        salt=PROVEN,
        max_age=PROVEN_FOR,
        path=outside("shared:page", token=token),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer


@by_link
@require_POST
def answer(request: HttpRequest, token: str, link: ShareLink, measurement_id: UUID) -> HttpResponse:
    """Confirm, or "Not yet" with words, to a measurement that the page asks about."""
    if not _is_proven(request, link):
        return _code_page(request, token, link, status=403)
    now = timezone.now()
    measurement = asked_of(link, measurement_id, timezone.localdate(now))
    words = request.POST.get("words", "")
    if measurement is None:
        return _page(request, token, link, refusal="This was answered meanwhile.", status=409)
    if len(words) > LONGEST_ANSWER:
        refusal = f"At most {LONGEST_ANSWER} characters, please: these are {len(words)}."
        return _page(request, token, link, refusal=refusal, words=words, status=422)
    try:
        if request.POST.get("say") == "confirm":
            say_confirmed(link=link, measurement=measurement, now=now)
        elif request.POST.get("say") == "not_yet":
            say_not_yet(link=link, measurement=measurement, words=words, now=now)
        else:
            refusal = "Choose Confirm or Not yet."
            return _page(request, token, link, refusal=refusal, status=422)
    except Refused as refused:
        return _page(request, token, link, refusal=str(refused), status=refused.status)
    return redirect(outside("shared:page", token=token))


@by_link
@require_POST
def agree(request: HttpRequest, token: str, link: ShareLink, goal_id: UUID) -> HttpResponse:
    """Take how far the contact agrees, 1 to 5, with a promise made to them."""
    if not _is_proven(request, link):
        return _code_page(request, token, link, status=403)
    now = timezone.now()
    goal = goal_asked_of(link, goal_id, timezone.localdate(now))
    if goal is None:
        return _page(request, token, link, refusal="This was answered meanwhile.", status=409)
    said = request.POST.get("agreement", "")
    try:
        value = int(said) if said in SCALE else 0
        say_agreement(link=link, goal=goal, value=value, now=now)
    except Refused as refused:
        return _page(request, token, link, refusal=str(refused), status=refused.status)
    return redirect(outside("shared:page", token=token))


@by_link
@require_POST
def agree_plan(
    request: HttpRequest, token: str, link: ShareLink, joint_plan_id: UUID
) -> HttpResponse:
    """Take that the contact agrees to the joint plan as they read it."""
    if not _is_proven(request, link):
        return _code_page(request, token, link, status=403)
    now = timezone.now()
    plan = joint_asked_of(link, joint_plan_id, timezone.localdate(now))
    said = request.POST.get("terms", "")
    if plan is None:
        return _page(request, token, link, refusal="This was answered meanwhile.", status=409)
    if not said.isdecimal() or len(said) > LONGEST_NUMBER:
        refusal = "Read the plan below and agree to it as it stands."
        return _page(request, token, link, refusal=refusal, status=422)
    try:
        say_agreed(link=link, plan=plan, now=now, seen_terms=int(said))
    except StaleJointPlan:
        refusal = "The plan changed while you were reading. It stands below as it is now."
        return _page(request, token, link, refusal=refusal, status=409)
    except Refused as refused:
        return _page(request, token, link, refusal=str(refused), status=refused.status)
    return redirect(outside("shared:page", token=token))


def _page(
    request: HttpRequest,
    token: str,
    link: ShareLink,
    *,
    refusal: str = "",
    words: str = "",
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    shared = shared_with(link.account, link.contact, today=today, until=link.expires_at)
    context = {"shared": shared, "token": token, "refusal": refusal, "words": words}
    context["scale"] = SCALE
    return render(request, "journeys/shared.html", context, status=status)


def _code_page(
    request: HttpRequest,
    token: str,
    link: ShareLink,
    *,
    is_sent: bool = False,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Asks for the code. It tells no more than who shares it."""
    context = {"company": link.tenant.name, "is_sent": is_sent, "refusal": refusal}
    context["action"] = outside("shared:code", token=token)
    return render(request, "journeys/shared_code.html", context, status=status)


def _closed(request: HttpRequest, status: int) -> HttpResponse:
    return _kept_out(render(request, "journeys/shared_closed.html", status=status))


def _kept_out(response: HttpResponse) -> HttpResponse:
    """Of caches and search engines."""
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _is_proven(request: HttpRequest, link: ShareLink) -> bool:
    if not link.asks_code:
        return True
    held = request.get_signed_cookie(PROVEN, default="", salt=PROVEN, max_age=PROVEN_FOR)
    return held == str(link.pk)


def _send(link: ShareLink, code: str) -> None:
    """Mail the code after commit; it is stored as a hash."""
    told = {"code": code, "company": link.tenant.name}
    body = render_to_string("journeys/mail/code.txt", told)
    subject = " ".join(f"Your code for the page of {link.tenant.name}".split())
    transaction.on_commit(
        lambda: send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [link.contact.email]),
        robust=True,
    )
