"""Endpoints of SPICED."""
