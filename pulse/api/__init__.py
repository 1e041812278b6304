"""Endpoints of pulse that are more than rows of a noun."""
