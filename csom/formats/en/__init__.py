"""Formats of every English locale."""
