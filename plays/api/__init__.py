"""Endpoints of tasks."""
