"""Wiring and the pages that combine apps. No tables, imported by nobody."""

from csom.celery import app as celery_app

__all__ = ["celery_app"]
