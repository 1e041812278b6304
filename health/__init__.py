"""Measures, conditions, snapshots and scores: one honest number per account, and why."""
