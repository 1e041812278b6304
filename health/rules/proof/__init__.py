"""Does a score tell the truth: what it said before decisions, against what came of them.

Source: operating model, 11. A decision is one renewal, one departure or one quarter of an account.
"""
