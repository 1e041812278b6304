"""Addresses of the tenant's own settings."""

from django.urls import path

from tenants.views import jobs, keys, people, settings

app_name = "tenants"
urlpatterns = [
    path("settings/", settings.settings, name="settings"),
    path("settings/company/", settings.company, name="company"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", people.invite_person, name="invite"),
    path("settings/people/<uuid:membership_id>/", people.member, name="member"),
    path("settings/people/<uuid:membership_id>/end/", people.end_member, name="end_member"),
    path(
        "settings/invitations/<uuid:invitation_id>/withdraw/",
        people.withdraw_invitation,
        name="withdraw",
    ),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/new/", keys.new_key, name="new_key"),
    path("settings/keys/<uuid:key_id>/revoke/", keys.revoke, name="revoke_key"),
    path("settings/jobs/", jobs.jobs, name="jobs"),
    path("settings/jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("settings/jobs/<uuid:job_id>/drop/", jobs.drop, name="drop_job"),
    path("settings/jobs/<uuid:job_id>/retry/", jobs.retry, name="retry_job"),
]
