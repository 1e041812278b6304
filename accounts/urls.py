"""Addresses of accounts."""

from django.urls import URLPattern, path

from accounts.views import contacts, custom, import_mapping, imports

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:import_id>/", imports.one_import, name="import"),
    path("imports/<uuid:import_id>/layout/", imports.layout, name="import_layout"),
    path("imports/<uuid:import_id>/columns/", imports.columns, name="import_columns"),
    path("imports/<uuid:import_id>/mapping/", import_mapping.mapping, name="import_mapping"),
    path("imports/<uuid:import_id>/correct/", imports.correct, name="import_correct"),
    path("imports/<uuid:import_id>/run/", imports.run, name="import_run"),
    path("imports/<uuid:import_id>/undo/", imports.undo, name="import_undo"),
    path("imports/<uuid:import_id>/discard/", imports.forget, name="import_discard"),
    path("imports/<uuid:import_id>/progress/", imports.progress, name="import_progress"),
    path("imports/<uuid:import_id>/refused.csv", imports.refused_csv, name="import_refused"),
    path("accounts/<uuid:account_id>/contacts/new/", contacts.add, name="add_contact"),
    path("contacts/<uuid:contact_id>/edit/", contacts.edit, name="edit_contact"),
    path("contacts/<uuid:contact_id>/left/", contacts.left, name="contact_left"),
    path("settings/fields/", custom.fields, name="fields"),
    path("settings/fields/new/", custom.new_field, name="new_field"),
    path("settings/fields/<uuid:field_id>/", custom.one_field, name="field"),
    path("settings/fields/<uuid:field_id>/edit/", custom.edit_field, name="edit_field"),
    path("settings/fields/<uuid:field_id>/move/", custom.move, name="move_field"),
    path("settings/fields/<uuid:field_id>/retire/", custom.retire, name="retire_field"),
    path("settings/fields/<uuid:field_id>/restore/", custom.restore, name="restore_field"),
]
