"""Addresses of the bowtie."""

from django.urls import path

from bowtie.views import board, moves, retention

app_name = "bowtie"
urlpatterns = [
    path("bowtie/", board.board, name="board"),
    path("bowtie/stages/<slug:stage>/", board.stage, name="stage"),
    path("bowtie/parts/<slug:key>/", board.part, name="part"),
    path("retention/", retention.retention_page, name="retention"),
    path("retention/ledger/", retention.ledger, name="ledger"),
    path("accounts/<uuid:account_id>/move/", moves.move_account, name="move"),
]
