"""What accounts bought and pay: products, opportunities, contracts, the ARR ledger, churn."""

from django.db import models

from accounts.models.accounts import Account
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Product(TenantModel):
    """Something that is sold."""

    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="product_key")]

    def __str__(self) -> str:
        return self.name


class Opportunity(TenantModel):
    """A deal on its way: the left side of the bowtie. May not belong to an account yet."""

    class Kind(models.TextChoices):
        NEW = "new"
        EXPANSION = "expansion"
        RENEWAL = "renewal"

    account = Ref(Account, null=True)
    source = models.CharField(max_length=40, default="csom")
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.NEW)
    stage = models.CharField(max_length=20, help_text="prospect, mql, sql, sal, won, lost")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="EUR")
    product = Ref(Product, models.SET_NULL, null=True)
    seller_name = models.CharField(max_length=120, blank=True)
    seller = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    from_cs = models.BooleanField(default=False, help_text="identified by customer success")
    referred_by = Ref(Account, models.SET_NULL, null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="opportunity_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="opportunity_account")]

    def __str__(self) -> str:
        return self.name


class Contract(TenantModel):
    """A subscription: from when to when, how many seats, for how much a year."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        ENDED = "ended"

    account = Ref(Account)
    source = models.CharField(max_length=40, default="csom")
    external_id = models.CharField(max_length=200)
    product = Ref(Product, models.SET_NULL, null=True)
    plan = models.CharField(max_length=80, blank=True)
    signed_on = models.DateField(null=True, help_text="the contract, or its latest renewal")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="the day after the last; open where null")
    cancelled_on = models.DateField(null=True)
    term_months = models.PositiveSmallIntegerField(null=True)
    notice_days = models.PositiveSmallIntegerField(default=30)
    auto_renews = models.BooleanField(default=False)
    arr_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="EUR")
    seats = models.PositiveIntegerField(null=True)
    discount_share = models.FloatField(null=True)
    discount_ends_on = models.DateField(null=True)
    is_trial = models.BooleanField(default=False)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    KEPT = (
        *("account_id", "product_id", "starts_on", "ends_on", "cancelled_on", "seats", "is_trial"),
        *("status", "created_at"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="contract_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account", "ends_on"], name="contract_account")]

    def __str__(self) -> str:
        return self.external_id


class ContractChange(TenantModel):
    """A contract's ARR became another while it ran: an upgrade, not a correction."""

    contract = Ref(Contract)
    effective_on = models.DateField()
    amount_minor = models.BigIntegerField(help_text="signed: by how much")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "contract"], name="change_contract")]

    def __str__(self) -> str:
        return f"{self.effective_on} {self.amount_minor}"


class ContractTerms(TenantModel):
    """What a contract said of its term and its worth, from the moment we knew. Never changed.

    A new row each time that any of it became another; the columns are those of the contract.
    """

    contract = Ref(Contract)
    version = models.PositiveIntegerField(help_text="from 1, in the order in which it came")
    signed_on = models.DateField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    cancelled_on = models.DateField(null=True)
    term_months = models.PositiveSmallIntegerField(null=True)
    notice_days = models.PositiveSmallIntegerField(db_default=30)
    auto_renews = models.BooleanField()
    arr_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    is_trial = models.BooleanField()
    status = models.CharField(max_length=7)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "contract", "version"], name="terms_version")
        ]

    def __str__(self) -> str:
        return f"to {self.ends_on}"


class ArrMovement(TenantModel):
    """One entry of the ARR ledger. Never changed; a correction is a new entry."""

    class Kind(models.TextChoices):
        NEW = "new"
        EXPANSION = "expansion"
        CONTRACTION = "contraction"
        CHURN = "churn"
        RESTORE = "restore"
        REACTIVATION = "reactivation"
        ADJUSTMENT = "adjustment"
        FX = "fx", "Exchange rate"

    account = Ref(Account)
    contract = Ref(Contract, models.SET_NULL, null=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount_minor = models.BigIntegerField(help_text="signed, reporting currency")
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "account", "effective_on"], name="movement_account"),
            models.Index(fields=["tenant", "effective_on"], name="movement_effective"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor}"


class ChurnRecord(TenantModel):
    """An account that left: when, how much, who decided, and why."""

    class Initiation(models.TextChoices):
        CUSTOMER = "customer_decision"
        PAYMENT = "payment_failure"
        VENDOR = "vendor_ended"

    account = Ref(Account)
    source = models.CharField(max_length=40, default="csom")
    external_id = models.CharField(max_length=200)
    notice_on = models.DateField(null=True)
    ended_on = models.DateField()
    arr_minor = models.BigIntegerField(default=0)
    initiation = models.CharField(max_length=17, choices=Initiation.choices, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    comment = models.TextField(blank=True)
    stage_at_churn = models.CharField(max_length=20, blank=True)
    predicted_at = models.DateTimeField(null=True)
    postmortem_at = models.DateTimeField(null=True)
    postmortem_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    signal_on = models.DateField(null=True, help_text="the earliest sign there was, seen or not")
    missed = models.TextField(blank=True, help_text="what was not seen, or not acted on")
    score_history = models.JSONField(
        default=list, help_text="health before the decision, frozen: [day, score, band], by week"
    )
    recorded_at = models.DateTimeField()

    KEPT = ("account_id", "notice_on", "ended_on", "recorded_at")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="churn_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="churn_account")]

    def __str__(self) -> str:
        return self.external_id
