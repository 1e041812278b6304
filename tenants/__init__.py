"""Who you are, where you belong, what you may do, what was done. Everything shared lives here."""
