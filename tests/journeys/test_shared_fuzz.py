"""Whatever is written inside, whatever state a link is in: nothing of it is on the shared page."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import models, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Contact
from charter.actions import install_defaults as install_charter
from charter.models import Document
from journeys.actions.joint_plans import Anchor, begin_joint_plan, show_joint_plan
from journeys.actions.links import revoke_link
from journeys.actions.onboardings import begin_onboarding
from journeys.actions.templates import install_defaults as install_templates
from journeys.models import JointPlan, JointStep, PlanTask, ShareLink
from journeys.queries.templates import template_for
from spiced.actions.doubts import doubt_measurement
from spiced.actions.endings import retire_goal
from spiced.actions.events import save_event
from spiced.actions.goals import save_emotional_goal
from spiced.actions.measurements import confirm_measurement
from spiced.models import CriticalEvent, Element, ImpactGoal, ImpactMeasurement
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import Shares
from tests.tenants.world import fill, tenant_models

pytestmark = pytest.mark.django_db
TRIES = settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
# What the page may show of a row; everything else that people write is ours alone.
SHOWN: dict[type[models.Model], set[str]] = {
    Account: {"name"},
    Contact: {"name"},
    ImpactGoal: {"statement", "measure"},
    ImpactMeasurement: {"doubt"},  # their own words
    PlanTask: {"label"},
    JointPlan: {"anchor_name"},
    JointStep: {"label"},
}
LONG = 100  # characters from which on a column holds what people write
LETTERS = st.characters(categories=["L", "N", "P", "S", "M"], exclude_characters="\\")
WORDS = st.text(LETTERS, min_size=6, max_size=24).map(lambda text: f"zq{text}qz")


def plant(shares: Shares, word: str) -> None:
    """The word in every row of every table, and in every internal text of what the page shows of.

    Hidden rows hold it in what a visible one would show as well.
    """
    assert shares.csm.user
    own = shares.account
    is_set_up = Document.objects.exists()  # then there is a row of what the state is made of
    for model, row in ({} if is_set_up else fill(shares.csm.user, word)).items():
        for field in model._meta.local_fields:
            if field.name == "account" and field.related_model is Account:
                model._default_manager.filter(pk=row.pk).update(account=own)
    hidden = ImpactGoal.objects.filter(account=own).exclude(pk=shares.goal.pk)
    hidden.exclude(person=shares.priya).update(statement=word, measure=word, method=word)
    PlanTask.objects.filter(is_visible=False).update(label=word)
    CriticalEvent.objects.filter(confirmed_at=None).update(statement=word)
    for model in tenant_models():
        texts = [each for each in model._meta.local_fields if _is_ours(model, each)]
        for n, row in enumerate(model._default_manager.all()):
            told = {each.name: f"{word}{n}"[: each.max_length] for each in texts}
            if told:
                model._default_manager.filter(pk=row.pk).update(**told)
    record = {"id": "a", "text": word, "role": word, "stance": word, "evidence": word, "step": word}
    records = {key: [record | {"contact": word}] for key in ("pains", "people", "process")}
    Element.objects.update(details=records | {"paper": word, "criteria": [word]})
    Account.objects.filter(pk=own.pk).update(tags=[word], custom={"x": word})


def _is_ours(model: type[models.Model], field: Any) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
    is_long = is_text and (field.max_length or LONG) >= LONG
    is_address = isinstance(field, models.EmailField)
    return is_long and not is_address and field.name not in SHOWN.get(model, set())


def as_it_is(shares: Shares) -> None:
    pass


def confirmed(shares: Shares) -> None:
    confirm_measurement(
        measurement=shares.measurement, actor=None, now=timezone.now(), confirmed_by=shares.priya
    )


def doubted(shares: Shares) -> None:
    doubt_measurement(
        measurement=shares.measurement, by=shares.priya, words="Two of five", now=timezone.now()
    )


def retired(shares: Shares) -> None:
    retire_goal(goal=shares.goal, actor=shares.csm, now=timezone.now(), reason="Sold")


def planned(shares: Shares) -> None:
    now, user = timezone.now(), shares.csm.user
    install_charter(author=None, now=now)
    install_templates(author=None, now=now)
    Account.objects.filter(pk=shares.account.pk).update(stage="onboarding", touch_model="high")
    shares.account.refresh_from_db()
    template = template_for("high")
    assert user and template
    begin_onboarding(
        account=shares.account, template=template, actor=user, now=now,
        anchor_on=timezone.localdate(now),
    )  # fmt: skip
    on = timezone.localdate(now) + timedelta(days=200)
    plan = begin_joint_plan(
        account=shares.account, actor=user, now=now, anchor=Anchor("day", "Year end", on), buffer=5
    )
    show_joint_plan(plan=plan, actor=user, now=now, is_shown=True)


def dated(shares: Shares) -> None:
    """A goal of somebody else's, and a date that nobody confirmed."""
    now = timezone.now()
    omar = make.contact(shares.account, "Omar Haddad")
    said = {"account": shares.account, "actor": shares.csm, "now": now}
    save_emotional_goal(**said, statement="Theirs alone", person=omar)
    on = timezone.localdate(now) + timedelta(days=30)
    save_event(**said, statement="Audit", on=on, consequence="Loss")


def coded(shares: Shares) -> None:
    ShareLink.objects.update(asks_code=True)


def over(shares: Shares) -> None:
    revoke_link(link=shares.link, actor=shares.csm, now=timezone.now())


def left(shares: Shares) -> None:
    Contact.objects.filter(pk=shares.priya.pk).update(departed_on=make.TODAY)


STATES: tuple[Callable[[Shares], None], ...] = (
    *(as_it_is, confirmed, doubted, retired, planned, dated, coded, over, left),
)


@contextmanager
def passing(shares: Shares) -> Iterator[None]:
    """What one example writes is gone before the next."""
    with transaction.atomic():
        with act_for(shares.tenant.pk):
            yield
        transaction.set_rollback(True)


def pages(shares: Shares) -> list[Any]:
    """Each answer that the link gives: the page, and to answers that cannot be taken."""
    visitor, at = Client(), shares.address
    return [
        visitor.get(at),
        visitor.get(f"{at}code/"),
        visitor.post(f"{at}code/", {"code": "123456"}),
        visitor.post(f"{at}answers/{shares.measurement.pk}/", {"say": "perhaps"}),
        visitor.post(f"{at}answers/{make.some_id()}/", {"say": "confirm"}),
        visitor.post(f"{at}goals/{shares.goal.pk}/", {"agreement": "9"}),
        visitor.post(f"{at}plan/{make.some_id()}/", {"terms": "1"}),
    ]


@TRIES
@given(word=WORDS, state=st.sampled_from(STATES))
def test_no_internal_word_is_on_the_page_in_any_state(
    shares: Shares,
    word: str,
    state: Callable[[Shares], None],
):
    with passing(shares):
        state(shares)
        plant(shares, word)
        for answer in pages(shares):
            told = f"{answer.text} {answer.headers}"
            assert word not in told and word not in html.unescape(told), state.__name__
            assert html.escape(word) not in told and quote(word) not in told


def test_the_states_show_what_they_may(shares: Shares):
    """So that an empty page is not taken for one that keeps its secrets."""
    for state, words in ((as_it_is, "Approvals take hours"), (planned, "Our joint plan")):
        with passing(shares):
            state(shares)
            plant(shares, "zqwordqz")
            assert words in Client().get(shares.address).text


FORM_KEY = re.compile(r'content="\w{64}"')  # of forms, another on each page
TOKENS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="/?#\0\r\n."), min_size=1, max_size=80),
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1),
)


@settings(TRIES, max_examples=60)
@given(data=st.data())
def test_every_other_token_gets_the_same_answer(
    shares: Shares,
    data: st.DataObject,
):
    token = shares.address.split("/")[2]
    kind = data.draw(st.sampled_from(["random", "one letter", "cut", "longer", "swapped"]))
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019_-"))
    guess = {
        "random": lambda: data.draw(TOKENS),
        "one letter": lambda: token[:at] + letter + token[at + 1 :],
        "cut": lambda: token[:at] or letter,
        "longer": lambda: token[:at] + letter + token[at:],
        "swapped": lambda: token.swapcase(),
    }[kind]()
    if guess == token:
        return
    nobody = FORM_KEY.sub("", Client().get("/s/nobody/").text)
    for path in ("", "code/", f"answers/{shares.measurement.pk}/", f"goals/{shares.goal.pk}/"):
        address = f"/s/{quote(guess, safe='')}/{path}"
        answer = Client().post(address) if path else Client().get(address)
        assert answer.status_code == 404
        if not path:
            assert FORM_KEY.sub("", answer.text) == nobody
