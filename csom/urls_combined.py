"""Pages that combine apps: the account page, the palette, first run, the audit log."""

from django.urls import URLPattern, path

from csom.pages import account, audit, conditions, dates, first_run, palette, recurring, register

urlpatterns: list[URLPattern] = [
    path("accounts/<uuid:account_id>/", account.account, name="account"),
    *(
        path(
            f"accounts/<uuid:account_id>/{tab}/",
            account.account,
            {"tab": tab},
            name=f"account_{tab}",
        )
        for tab in account.TABS
        if tab != "overview"
    ),
    # In place of the charter's own pages for these chapters: here conditions are built and tried.
    path("charter/definitions/edit/", conditions.edit_definitions, name="edit_definitions"),
    path("charter/segments/edit/", conditions.edit_segments, name="edit_segments"),
    path("charter/definitions/now/", conditions.definitions_now, name="definitions_now"),
    path("impact/", register.impact_register, name="register"),
    path("impact/export/", register.export_register, name="export_register"),
    path("impact/events/", dates.critical_events, name="critical_events"),
    path("impact/recurring/", recurring.recurring_accounts, name="recurring"),
    path("palette/", palette.palette, name="palette"),
    path("welcome/", first_run.first_run, name="first_run"),
    path("welcome/sample/", first_run.load_sample, name="load_sample"),
    path("welcome/sample/remove/", first_run.drop_sample, name="drop_sample"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit/export/", audit.audit_csv, name="audit_csv"),
]
