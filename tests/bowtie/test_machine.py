"""The machine of stages under whatever anybody asks of it, one after the other and at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from random import Random
from threading import Barrier

import pytest
from django.db import connection, transaction

from accounts.models import Account
from bowtie.actions.first_impact import revoke_first_impact
from bowtie.actions.moves import StageMoved, move
from bowtie.models import Stay
from bowtie.rules.stages import LEFT, Stage, is_backward, may_follow, skipped
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make
from tests.make import NOW


@pytest.mark.parametrize("seed", range(4))
def test_entries_stay_in_order_with_one_open_whatever_is_asked(
    inside: Tenant, csm: Actor, seed: int
):
    chance, account = Random(seed), make.account()
    assert csm.user is not None
    moves = 0
    for step in range(200):
        account.refresh_from_db()
        before, now = Stage(account.stage), NOW + timedelta(hours=step)
        is_lead = chance.random() < 0.7
        said = {"override_reason": chance.choice(["", "So we agreed"]), "is_lead": is_lead}
        to_stage = chance.choice(list(Stage))
        try:
            if chance.random() < 0.1:
                revoke_first_impact(
                    account=account, actor=csm.user, now=now, reason="Error", is_lead=is_lead
                )
            else:
                at = now - timedelta(hours=chance.choice((0, 0, 1, 5)))
                stay = move(
                    account=account, to_stage=to_stage, actor=csm.user, now=now, at=at, **said
                )
                assert may_follow(before, to_stage)
                assert stay.override_reason or not skipped(before, to_stage)
                assert stay.reason or not is_backward(before, to_stage)
                moves += 1
        except Refused:
            account.refresh_from_db()
            assert account.stage == before, "what is refused changes nothing"
        _holds(account)
    assert moves > 5


def _holds(account: Account) -> None:
    account.refresh_from_db()
    stays = list(Stay.objects.filter(account=account, revoked_at=None).order_by("recorded_at"))
    assert [each.entered_at for each in stays] == sorted(each.entered_at for each in stays)
    assert all(each.left_at is None or each.left_at >= each.entered_at for each in stays)
    assert all(a.left_at == b.entered_at for a, b in pairwise(stays)), "no gap between two stays"
    assert all(a.lifecycle <= b.lifecycle for a, b in pairwise(stays))
    opened = [each.stage for each in stays if each.left_at is None]
    assert opened == ([account.stage] if stays else [])
    assert not any(each.revoked_at for each in stays)
    for each in stays[1:]:
        assert may_follow(Stage(each.came_from), Stage(each.stage))
        assert each.moved_by_id and each.recorded_at
    assert all(each.stage in LEFT or each.came_from for each in stays)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins_and_the_other_is_told():
    tenant = make.tenant("acme")
    with act_for(tenant.pk), transaction.atomic():
        account = make.account(stage="prospect")
    gate = Barrier(2)

    def go() -> str:
        try:
            gate.wait(10)
            with act_for(tenant.pk):
                move(
                    account=account,
                    to_stage=Stage.MQL,
                    actor=None,
                    now=NOW,
                    seen_stage=Stage.PROSPECT,
                )
            return "moved"
        except StageMoved as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(lambda call: call(), [go, go]))
    assert said == ["Somebody moved Globex to Marketing qualified meanwhile.", "moved"]
    with act_for(tenant.pk):
        assert Stay.objects.filter(account=account).count() == 1
