"""Opportunities, contracts and churn records, field by field."""

from accounts.models import ChurnRecord, Contract, Opportunity
from accounts.rules.checks import Check, Values, after
from accounts.rules.fields import Field, Kind
from accounts.targets.registry import (
    CURRENCY,
    PRODUCT,
    SELLER,
    Target,
    account_of,
    external_id,
    register,
)
from charter.rules.causes import LONGEST_KEY


def _ends_somewhere(values: Values) -> bool:
    is_ended = values.get("status") == Contract.Status.ENDED
    return not is_ended or bool(values.get("ends_on") or values.get("cancelled_on"))


OPPORTUNITIES = register(
    Target(
        "opportunities",
        "Opportunities",
        "opportunity",
        Opportunity,
        (
            external_id("opportunity", "opportunity id", "deal id"),
            account_of("opportunity", required=False),
            Field(
                "name", "Name", required=True, most=200, aliases=("deal name", "opportunity name")
            ),
            Field("kind", "Kind", Kind.CHOICE, choices=tuple(Opportunity.Kind.values)),
            Field(
                "stage",
                "Stage",
                Kind.CHOICE,
                required=True,
                choices=("prospect", "mql", "sql", "sal", "won", "lost"),
                aliases=("deal stage", "status"),
            ),
            Field(
                "amount_minor",
                "Amount",
                Kind.MONEY,
                least=0,
                help="A year, in minor units (cents).",
                aliases=("amount", "value", "deal value", "acv"),
            ),
            CURRENCY,
            PRODUCT,
            SELLER,
            Field("seller_name", "Seller's name", most=120, help="Where the seller is no member."),
            Field("from_cs", "From customer success", Kind.YES_NO),
            Field(
                "referred_by",
                "Referred by",
                Kind.REFERENCE,
                most=200,
                help="External id of the account that recommended us.",
                aliases=("referrer", "referring account", "referral account"),
                column="referred_by_id",
                refers_to="accounts",
            ),
            Field("opened_on", "Opened on", Kind.DATE, aliases=("created", "create date")),
            Field("closed_on", "Closed on", Kind.DATE, aliases=("close date", "closed")),
        ),
        checks=(
            after(
                "opened_on",
                "closed_on",
                code="closed_before_opened",
                reason="It closed on {closed_on}, before it was opened on {opened_on}.",
            ),
        ),
    )
)

CONTRACTS = register(
    Target(
        "contracts",
        "Contracts",
        "contract",
        Contract,
        (
            external_id("contract", "contract id", "subscription id"),
            account_of("contract"),
            PRODUCT,
            Field("plan", "Plan", most=80, aliases=("edition", "package")),
            Field(
                "signed_on",
                "Signed on",
                Kind.DATE,
                help="The day the contract, or its latest renewal, was signed.",
                aliases=("signed", "signature date", "signing date", "date signed"),
            ),
            Field(
                "starts_on",
                "Starts on",
                Kind.DATE,
                required=True,
                aliases=("start", "start date", "contract start"),
            ),
            Field(
                "ends_on",
                "Ends on",
                Kind.DATE,
                help="The day after the last; empty where the contract is open.",
                aliases=("end", "end date", "renewal date", "contract end", "renews on"),
            ),
            Field("cancelled_on", "Cancelled on", Kind.DATE, aliases=("cancel date",)),
            Field("term_months", "Term in months", Kind.WHOLE, least=0, most=600),
            Field("notice_days", "Notice in days", Kind.WHOLE, least=0, most=3660),
            Field("auto_renews", "Renews by itself", Kind.YES_NO, aliases=("auto renew",)),
            Field(
                "arr_minor",
                "ARR",
                Kind.MONEY,
                required=True,
                least=0,
                help="A year, after discount, in minor units (cents).",
                aliases=("arr", "annual value", "acv", "annual recurring revenue"),
            ),
            CURRENCY,
            Field("seats", "Seats", Kind.WHOLE, least=0, aliases=("licences", "licenses", "users")),
            Field("discount_share", "Discount", Kind.SHARE, help="From 0 to 1."),
            Field("discount_ends_on", "Discount ends on", Kind.DATE),
            Field("is_trial", "Trial", Kind.YES_NO),
            Field("status", "Status", Kind.CHOICE, choices=tuple(Contract.Status.values)),
        ),
        checks=(
            after(
                "starts_on",
                "ends_on",
                code="end_before_start",
                reason="It ends on {ends_on}, which is not after its start on {starts_on}.",
                or_equal=False,
            ),
            Check(
                ("status", "ends_on", "cancelled_on"),
                "ends_on",
                "ended_without_date",
                _ends_somewhere,
                lambda values: "It has ended, but there is no day on which it did.",
            ),
        ),
    )
)

CHURN = register(
    Target(
        "churn",
        "Churn records",
        "churn record",
        ChurnRecord,
        (
            external_id("churn record", "churn id"),
            account_of("churn record"),
            Field("notice_on", "Notice on", Kind.DATE, aliases=("notice date",)),
            Field(
                "ended_on", "Ended on", Kind.DATE, required=True, aliases=("end date", "churn date")
            ),
            Field(
                "arr_minor",
                "ARR lost",
                Kind.MONEY,
                least=0,
                help="A year, in minor units (cents).",
                aliases=("arr", "lost arr"),
            ),
            Field(
                "initiation",
                "Who ended it",
                Kind.CHOICE,
                choices=tuple(ChurnRecord.Initiation.values),
            ),
            Field(
                "cause",
                "Cause",
                most=LONGEST_KEY,
                help="Key of a cause of the charter: product_gap for one.",
                aliases=("reason", "churn reason"),
            ),
            Field("comment", "Comment", aliases=("notes", "details")),
        ),
        checks=(
            after(
                "notice_on",
                "ended_on",
                code="ended_before_notice",
                reason="It ended on {ended_on}, before notice was given on {notice_on}.",
            ),
        ),
    )
)
