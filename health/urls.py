"""Addresses of health."""

from django.urls import path

from health.views import accounts, at_risk, bulk, edit, measures, models, panel, saved_views, truth

app_name = "health"
urlpatterns = [
    path("accounts/", accounts.accounts, name="accounts"),
    path("at-risk/", at_risk.at_risk, name="at_risk"),
    path("at-risk/proof/", truth.score_proof, name="score_proof"),
    path("accounts/filters/", accounts.filters, name="filters"),
    path("accounts/columns/", accounts.columns, name="columns"),
    path("accounts/export/", accounts.export, name="export"),
    path("accounts/new/", edit.new_account, name="new_account"),
    path("accounts/chosen/", bulk.bulk, name="bulk"),
    path("accounts/chosen/assign/", bulk.assign, name="assign"),
    path("accounts/chosen/assign/<uuid:batch>/undo/", bulk.undo_assign, name="undo_assign"),
    path("accounts/chosen/tag/", bulk.tag, name="tag"),
    path("accounts/chosen/tag/<uuid:batch>/undo/", bulk.undo_tag, name="undo_tag"),
    path("accounts/views/new/", saved_views.save, name="save_view"),
    path("accounts/views/<uuid:view_id>/", saved_views.view, name="view"),
    path("accounts/views/<uuid:view_id>/delete/", saved_views.delete, name="delete_view"),
    path("accounts/views/<uuid:view_id>/pin/", saved_views.pin, name="pin_view"),
    path("accounts/views/<uuid:view_id>/unpin/", saved_views.unpin, name="unpin_view"),
    path("accounts/<uuid:account_id>/peek/", accounts.peek, name="peek"),
    path("accounts/<uuid:account_id>/edit/", edit.edit_account, name="edit_account"),
    path("accounts/<uuid:account_id>/health/", panel.panel, name="panel"),
    path("accounts/<uuid:account_id>/health/awaited/", panel.awaited_score, name="awaited"),
    path("accounts/<uuid:account_id>/health/override/", panel.override, name="override"),
    path("accounts/<uuid:account_id>/health/override/end/", panel.end, name="end_override"),
    path("health/models/", models.models, name="models"),
    path("health/models/<slug:key>/", models.model, name="model"),
    path("health/models/<slug:key>/edit/", models.edit, name="model_edit"),
    path("health/models/<slug:key>/preview/", models.model_preview, name="model_preview"),
    path("health/models/<slug:key>/publish/", models.publish_model, name="model_publish"),
    path("health/models/<slug:key>/drop/", models.drop, name="model_drop"),
    path("health/truth/", truth.truth, name="truth"),
    path("health/truth/replay/", truth.ask, name="truth_replay"),
    path("health/truth/decisions/", truth.decisions, name="truth_decisions"),
    path("health/truth/decisions/export/", truth.export, name="truth_export"),
    path("health/measures/", measures.measures, name="measures"),
    path("health/measures/<slug:key>/", measures.measure, name="measure"),
]
