"""API endpoints of the bowtie."""

from django.urls import URLPattern, path

from bowtie.api.board import Bowtie
from bowtie.api.recurring import RecurringFigure
from bowtie.api.retention import RetentionFigures
from bowtie.api.stages import Stages

urlpatterns: list[URLPattern] = [
    path("bowtie/", Bowtie.as_view(), name="api_bowtie"),
    path("retention/", RetentionFigures.as_view(), name="api_retention"),
    path("recurring-impact/", RecurringFigure.as_view(), name="api_recurring"),
    path("accounts/<uuid:account_id>/stages/", Stages.as_view(), name="api_stages"),
]
