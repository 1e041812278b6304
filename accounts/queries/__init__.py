"""Reads of accounts, by noun."""
