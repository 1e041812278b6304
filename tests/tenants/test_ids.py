"""Identifiers made by the application."""

import time
from uuid import RFC_4122

from tenants.ids import uuid7


def test_ids_sort_as_they_were_made():
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made) and len(set(made)) == len(made)


def test_an_id_is_a_version_7_uuid_of_its_moment():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000
