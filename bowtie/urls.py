"""Addresses of the bowtie."""

from django.urls import path

from bowtie.views import board, history, moves, retention, retention_files, retention_rows

app_name = "bowtie"
urlpatterns = [
    path("bowtie/", board.board, name="board"),
    path("bowtie/stages/<slug:stage>/", board.stage, name="stage"),
    path("bowtie/parts/<slug:key>/", board.part, name="part"),
    path("retention/", retention.retention_page, name="retention"),
    path("retention/accounts/", retention_rows.cohort, name="cohort"),
    path("retention/ledger/", retention_rows.ledger, name="ledger"),
    path("retention/renewals/", retention_rows.due, name="renewals"),
    path("retention/cohorts/<quarter>/<int:month>/", retention_rows.cell, name="cell"),
    path("retention/left/", retention_rows.left, name="left"),
    path("retention/renewals/export/", retention_files.export_due, name="export_renewals"),
    path("retention/export/", retention_files.export, name="export_retention"),
    path("accounts/<uuid:account_id>/move/", moves.move_account, name="move"),
    path("accounts/<uuid:account_id>/revoke/", moves.revoke, name="revoke"),
    path("accounts/<uuid:account_id>/stages/", history.history, name="history"),
    path("accounts/<uuid:account_id>/mark/", history.mark, name="mark"),
    path("accounts/<uuid:account_id>/mark/<slug:kind>/end/", history.unmark, name="unmark"),
]
