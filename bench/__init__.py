"""Benchmarks as ratios: what ours costs, divided by the least the job could cost here."""
