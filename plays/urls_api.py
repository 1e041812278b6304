"""API endpoints of plays."""

from django.urls import URLPattern, path

from plays.api.tasks import Finish, OneTask, Snooze, Tasks

urlpatterns: list[URLPattern] = [
    path("tasks/", Tasks.as_view(), name="api_tasks"),
    path("tasks/<uuid:id>/", OneTask.as_view(), name="api_task"),
    path("tasks/<uuid:id>/finish/", Finish.as_view(), name="api_finish_task"),
    path("tasks/<uuid:id>/snooze/", Snooze.as_view(), name="api_snooze_task"),
]
