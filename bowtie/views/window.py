"""The window of days a page looks at, from its address."""

from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.http import urlencode

from bowtie.forms import WindowForm
from tenants.access import TenantRequest

MOST_ROWS = 200


def asked_window(request: TenantRequest) -> tuple[WindowForm, date, date]:
    form = WindowForm(request.GET or None)
    today = timezone.now().astimezone(ZoneInfo(request.tenant.time_zone)).date()
    since, until = form.window(today)
    if not form.is_bound:
        form = WindowForm(initial={"since": since, "until": until})
    return form, since, until


def as_query(since: date, until: date) -> str:
    return urlencode({"since": since.isoformat(), "until": until.isoformat()})
