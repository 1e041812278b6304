"""Accounts and the people in them, field by field."""

from accounts.models import Account, Contact
from accounts.rules.fields import Field, Kind
from accounts.rules.names import normalised
from accounts.targets.registry import SELLER, Target, account_of, external_id, register

ACCOUNTS = register(
    Target(
        "accounts",
        "Accounts",
        "account",
        Account,
        (
            external_id("account", "account id", "company id", "customer id"),
            Field(
                "name",
                "Name",
                required=True,
                most=200,
                aliases=("account name", "company", "company name", "customer", "account"),
            ),
            Field("domain", "Domain", most=200, aliases=("website", "web site", "url")),
            Field(
                "parent",
                "Parent account",
                Kind.REFERENCE,
                most=200,
                help="External id of the account it belongs to.",
                aliases=("parent id", "parent account id", "parent company"),
                column="parent_id",
                refers_to="accounts",
            ),
            Field(
                "owner",
                "CSM",
                Kind.REFERENCE,
                help="E-mail address of a member.",
                aliases=("owner", "csm email", "customer success manager", "account owner"),
                column="owner_id",
                refers_to="members",
            ),
            SELLER,
            Field("segment", "Segment", most=40, aliases=("tier",)),
            Field(
                "is_strategic",
                "Strategic",
                Kind.YES_NO,
                aliases=("strategic account", "key account"),
            ),
            Field("region", "Region", most=80, aliases=("territory", "country")),
            Field("industry", "Industry", most=80, aliases=("sector", "vertical")),
            Field(
                "employees",
                "Employees",
                Kind.WHOLE,
                least=0,
                aliases=("employee count", "headcount", "number of employees"),
            ),
            Field("tags", "Tags", Kind.TEXTS, most=40, aliases=("labels",)),
            Field(
                "custom",
                "Custom fields",
                Kind.CUSTOM,
                help="Values of the fields your tenant added, by key; null clears one. Dates are "
                "like 2026-11-19, yes or no is true or false, a choice is one of its words. A bad "
                "value is refused under the name `custom.<key>`, and with it the row.",
            ),
        ),
        derived={"name_norm": ("name", normalised)},
        account="id",
    )
)

CONTACTS = register(
    Target(
        "contacts",
        "Contacts",
        "contact",
        Contact,
        (
            external_id("contact", "contact id", "person id"),
            account_of("contact"),
            Field("name", "Name", required=True, most=200, aliases=("full name", "contact name")),
            Field("email", "E-mail", Kind.EMAIL, most=254, aliases=("email address", "mail")),
            Field("title", "Job title", most=120, aliases=("position", "role title", "job")),
            Field(
                "roles",
                "Roles",
                Kind.TEXTS,
                most=20,
                choices=(
                    *("economic_buyer", "exec_sponsor", "champion", "user_lead"),
                    *("technical_lead", "procurement", "end_user", "blocker"),
                ),
                aliases=("buying role", "role"),
            ),
            Field("influence", "Influence", Kind.WHOLE, least=1, most=5, help="1 to 5."),
            Field("stance", "Stance", Kind.CHOICE, choices=tuple(Contact.Stance.values)),
            Field("status", "Status", Kind.CHOICE, choices=tuple(Contact.Status.values)),
            Field("departed_on", "Departed on", Kind.DATE, aliases=("left on",)),
        ),
        derived={"name_norm": ("name", normalised)},
    )
)
