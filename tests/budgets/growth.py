"""A company that grows: at most ten rows of a noun, then a thousand, copied by set.

What is copied is real, a company of the demo cut down, so that pages have something to show. A new
table takes part without being named here.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils import timezone

from accounts.actions.former import keep
from accounts.models import Account, ChurnRecord, Contract, ContractChange, CustomField
from charter.models import Document
from csom.demo.make import make_company
from csom.demo.worlds import WORLDS
from csom.devstack.pytest_plugin import as_owner
from health.actions.models import save_draft
from health.models import HealthModel, Override
from plays.models import Play
from spiced.models import CallReview, Note
from spiced.rules.coaching import ITEMS
from tenants.actions.invitations import invite
from tenants.isolation import references
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests.accounts.wizard import Wizard
from tests.browser.world import ROWS, client_of, member
from tests.tenants.world import tenant_models

Model = type[models.Model]

FEW, MANY = 10, 1000
WHOLE = (Document, HealthModel, Play)  # how the team works: with a part of it no page opens
STEP = 10  # days or versions between two copies, more than those copied lie apart
OTHER = {
    models.DateTimeField: "r.{0} - i * interval '{step} days'",
    models.DateField: "r.{0} - i * {step}",
    models.IntegerField: "r.{0} + i * {step}",
    models.CharField: "left(r.{0}, {length} - 5) || '-' || i",
}


def small_company() -> tuple[Tenant, UUID]:
    """A company with at most ten rows of a noun, and the account that has something of most.

    The account belongs to the first of those who look after accounts.
    """
    tenant = make_company(WORLDS[0], now=timezone.now(), scale=0.01)
    owner = Membership.objects.filter(tenant=tenant, role=Role.CSM)[0].user_id
    _leave_rest(tenant)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            f"SELECT account_id FROM ({_holders()}) t JOIN accounts_account a ON a.id = account_id"
            " WHERE owner_id = %s"
            " GROUP BY account_id, a.external_id ORDER BY count(*) DESC, a.external_id LIMIT 1",
            [owner],
        )
        [account_id] = cursor.fetchone()
        for model in tenant_models():
            _cut(cursor, model, account_id)
        for model in tenant_models():
            for field in references(model):
                if field.null:
                    lost = _lost(model, field)
                    cursor.execute(
                        f"UPDATE {model._meta.db_table} SET {field.column} = NULL WHERE {lost}"
                    )
        cursor.execute("COMMIT")
    return tenant, account_id


def grow(tenant: Tenant) -> None:
    """A thousand rows of every noun: on accounts of their own, and on the same one."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for model in tenant_models():
            cursor.execute(f"CREATE TEMP TABLE {_old(model)} AS TABLE {model._meta.db_table}")
        for model in tenant_models():
            if model in _of_accounts():
                _copy(cursor, model, MANY // FEW, with_account=True)
            if model is not Account and all(_free(key) for key in _keys(model)):
                cursor.execute(f"SELECT count(*) FROM {_old(model)}")
                [rows] = cursor.fetchone()
                _copy(cursor, model, -(-MANY // max(rows, 1)), with_account=False)
        cursor.execute("COMMIT")
        _people(tenant)
        cursor.execute("ANALYZE")


def _leave_rest(tenant: Tenant) -> None:
    """What the demo leaves out: a file brought in, own fields, a score by hand, reviews."""
    wizard = Wizard(client_of(tenant, Role.REVOPS), tenant)
    item = wizard.columns(wizard.upload(ROWS))
    wizard.run(wizard.check(item))
    now, author = timezone.now(), member(tenant, Role.ADMIN)
    assert author.user is not None and author.membership is not None
    with act_for(tenant.pk):
        contract = Contract.objects.all()[0]
        invite(email="new@example.com", role="csm", team="", author=author.membership, now=now)
        ChurnRecord.objects.create(
            account=contract.account, external_id="left", ended_on=now.date(), recorded_at=now
        )
        keep(Account, list(Account.objects.values_list("pk", flat=True)), now=now)
        CustomField.objects.create(key="erp", label="ERP", kind=CustomField.Kind.TEXT)
        ContractChange.objects.create(
            contract=contract, effective_on=contract.starts_on, amount_minor=1, recorded_at=now
        )
        model = HealthModel.objects.filter(state=HealthModel.State.PUBLISHED)[0]
        seen = {"body": model.body, "seen_version": model.version}
        save_draft(key=model.key, author=author.user, now=now, **seen)
        Override.objects.bulk_create(
            Override(
                account=account, score=50, reason="A new team", author=author.user,
                created_at=now, expires_at=now + timedelta(days=30),
            )
            for account in Account.objects.all()
        )  # fmt: skip
        CallReview.objects.bulk_create(
            CallReview(
                account_id=note.account_id, note=note, person_id=note.author_id, score=53,
                reviewer=author.user, held_on=now.date(), reviewed_at=now,
                **dict.fromkeys(ITEMS, 2),
            )
            for note in Note.objects.exclude(author=None)
        )  # fmt: skip


def sizes() -> dict[str, int]:
    """Rows of each table of tenants."""
    with as_owner():
        return {model._meta.label: model._default_manager.count() for model in tenant_models()}


def _people(tenant: Tenant) -> None:
    """As many people as anything else."""
    users = User.objects.bulk_create(
        User(email=f"person{n}@{tenant.slug}.example", name=f"Person {n}", password="!")
        for n in range(MANY)
    )
    Membership.objects.bulk_create(
        Membership(tenant=tenant, user=user, role=Role.CSM, team="EMEA") for user in users
    )


def _of_accounts() -> set[Model]:
    """The tables whose rows belong to an account, and their own rows' rows."""
    found: set[Model] = {Account}
    for model in tenant_models():
        if found & {field.related_model for field in references(model)}:
            found.add(model)
    return found


def _holders() -> str:
    """SQL: a row for each account and table that has something of it."""
    return " UNION ALL ".join(
        f"SELECT DISTINCT account_id, '{model._meta.db_table}' FROM {model._meta.db_table}"
        for model in tenant_models()
        if "account_id" in [field.column for field in references(model)]
    )


def _cut(cursor: Any, model: Model, account_id: UUID) -> None:
    """Ten rows, those of the account before others, newer before older ones."""
    table = model._meta.db_table
    for field in references(model):
        if not field.null:
            cursor.execute(f"DELETE FROM {table} WHERE {_lost(model, field)}")
    if model in WHOLE:
        return
    names = [field.column for field in _fields(model)]
    newest = "day" if "day" in names else names[0]
    cursor.execute(
        f"DELETE FROM {table} WHERE ctid NOT IN (SELECT ctid FROM {table}"
        f" ORDER BY ({_holder(model)} = %s) IS TRUE DESC, {newest} DESC LIMIT {FEW})",
        [account_id],
    )


def _holder(model: Model) -> str:
    """SQL: the account of a row, or of the row it refers to."""
    if model is Account:
        return "id"
    names = {field.related_model: field.column for field in reversed(references(model))}
    if Account in names:
        return names[Account]
    for other, column in names.items():
        if Account in {field.related_model for field in references(other)}:
            return f"(SELECT account_id FROM {other._meta.db_table} p WHERE p.id = {column})"
    return "NULL::uuid"


def _lost(model: Model, field: Any) -> str:
    """SQL: the row refers to one that is gone."""
    name, other = f"{model._meta.db_table}.{field.column}", field.related_model._meta.db_table
    return f"{name} IS NOT NULL AND NOT EXISTS (SELECT FROM {other} p WHERE p.id = {name})"


def _copy(cursor: Any, model: Model, times: int, *, with_account: bool) -> None:
    """So many copies of each row there was: of a copy of its account, or of its own one."""
    other: dict[str, str] = {}
    for field in _fields(model):
        refers = isinstance(field, models.ForeignKey) and field.related_model in _of_accounts()
        if field.primary_key or (with_account and refers):
            other[field.column] = f"md5(r.{field.column}::text || i || {with_account})::uuid"
    for key in _keys(model):
        if not other.keys() & {field.column for field in key}:
            field = _free(key)
            assert field is not None, f"{model._meta.label}: no two of its rows can be alike"
            form = next(form for kind, form in OTHER.items() if isinstance(field, kind))
            length = getattr(field, "max_length", None)
            other[field.column] = form.format(field.column, step=STEP, length=length)
    if model is Document:  # one of a kind is in force
        other["state"] = f"'{Document.State.RETIRED}'"
    names = [field.column for field in _fields(model)]
    values = ", ".join(other.get(name, f'r."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({quoted}) SELECT {values}"
        f" FROM {_old(model)} r, generate_series(1, {times}) i ON CONFLICT DO NOTHING"
    )


def _old(model: Model) -> str:
    return f"old_{model._meta.db_table}"


def _fields(model: Model) -> list[Any]:
    return [
        field
        for field in model._meta.local_fields
        if not isinstance(field, models.CompositePrimaryKey)
    ]


def _keys(model: Model) -> Iterator[list[Any]]:
    """What no two rows have alike, each as its fields; the id apart."""
    meta = model._meta
    if isinstance(meta.pk, models.CompositePrimaryKey):
        yield list(meta.pk.fields)
    for constraint in meta.total_unique_constraints:
        yield [meta.get_field(name) for name in constraint.fields]


def _free(key: list[Any]) -> Any:
    """A field of a key that may hold anything: a day or a version before a word, or a new word
    where a second version of the same would be none of its own.
    """
    kinds = reversed(OTHER) if key[0].model in WHOLE else OTHER
    found = [
        field
        for kind in kinds
        for field in reversed(key)
        if isinstance(field, kind) and not field.choices
    ]
    return found[0] if found else None
