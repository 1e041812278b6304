"""Addresses of plays."""

from django.urls import path

from plays.views import chosen, definitions, panel, postmortem, tasks, today

app_name = "plays"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("today/<uuid:task_id>/", today.item, name="item"),
    path("accounts/chosen/tasks/", chosen.tasks, name="chosen_tasks"),
    path("accounts/chosen/tasks/<uuid:batch>/undo/", chosen.undo_added, name="undo_tasks"),
    path("accounts/chosen/play/", chosen.play, name="chosen_play"),
    path("accounts/chosen/play/<uuid:batch>/undo/", chosen.undo_started, name="undo_start"),
    path("tasks/new/", tasks.new_task, name="new_task"),
    path("tasks/<uuid:task_id>/done/", tasks.done, name="done"),
    path("tasks/<uuid:task_id>/reopen/", tasks.reopen, name="reopen"),
    path("tasks/<uuid:task_id>/snooze/", tasks.snooze, name="snooze"),
    path("tasks/<uuid:task_id>/wake/", tasks.wake, name="wake"),
    path("tasks/<uuid:task_id>/plan/", tasks.plan, name="plan"),
    path("tasks/<uuid:task_id>/drop/", tasks.drop, name="drop"),
    path("tasks/<uuid:task_id>/reassign/", tasks.reassign, name="reassign"),
    path("accounts/<uuid:account_id>/plays/", panel.panel, name="panel"),
    path("accounts/<uuid:account_id>/plays/start/", panel.start, name="start"),
    path("churn/<uuid:churn_record_id>/", postmortem.postmortem, name="postmortem"),
    path("runs/<uuid:run_id>/dismiss/", panel.dismiss, name="dismiss"),
    path("plays/", definitions.plays, name="plays"),
    path("plays/new/", definitions.write, name="new"),
    path("plays/<slug:key>/", definitions.play, name="play"),
    path("plays/<slug:key>/edit/", definitions.edit, name="edit"),
    path("plays/<slug:key>/write/", definitions.write, name="write"),
    path("plays/<slug:key>/on/", definitions.switch_on, name="switch_on"),
    path("plays/<slug:key>/off/", definitions.switch_off, name="switch_off"),
]
