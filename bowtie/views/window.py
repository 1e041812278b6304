"""How many rows a page lists at most."""

MOST_ROWS = 200
