"""What workers do at their start."""

import gc
from collections.abc import Callable, Iterator

import pytest

from csom import celery, gunicorn
from csom.garbage import YOUNG

STARTS = [lambda: gunicorn.post_worker_init(None), celery.leave_out_what_stays]


@pytest.fixture
def thawed() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.parametrize("start", STARTS)
def test_what_is_loaded_is_left_out_of_garbage_collection(start: Callable[[], None], thawed: None):
    assert not gc.get_freeze_count()
    start()
    assert gc.get_freeze_count()
    assert gc.get_threshold()[0] == YOUNG


def test_a_worker_process_of_celery_begins_so():
    begun = [receiver() for _, receiver in celery.worker_process_init.receivers]
    assert celery.leave_out_what_stays in begun
