"""API endpoints of accounts."""

from django.urls import URLPattern

from accounts.api import custom
from accounts.api.nouns import noun_urls
from accounts.targets import ACCOUNTS, CHURN, CONTACTS, CONTRACTS, OPPORTUNITIES
from tenants.roles import Can

urlpatterns: list[URLPattern] = [
    *(
        pattern
        for target in (ACCOUNTS, CONTACTS, OPPORTUNITIES, CONTRACTS, CHURN)
        for pattern in noun_urls(target, read=Can.READ_ACCOUNTS, write=Can.EDIT_ACCOUNTS)
    ),
    *custom.urls,
]
