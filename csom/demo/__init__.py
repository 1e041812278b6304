"""Two made-up companies with fourteen months behind them, and a small sample for a new tenant.

Everything is drawn from a seed and told relative to a moment, so the same seed and moment make
the same companies, people and figures. Only ids differ.
"""
