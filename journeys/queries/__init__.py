"""Reads of handoffs."""
