"""Addresses of the bowtie."""

from django.urls import path

from bowtie import views

app_name = "bowtie"
urlpatterns = [
    path("bowtie/", views.board, name="board"),
    path("bowtie/stages/<slug:stage>/", views.stage, name="stage"),
    path("bowtie/parts/<slug:key>/", views.part, name="part"),
    path("retention/", views.retention_page, name="retention"),
    path("retention/ledger/", views.ledger, name="ledger"),
    path("accounts/<uuid:account_id>/move/", views.move_account, name="move"),
]
