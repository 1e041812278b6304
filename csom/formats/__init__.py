"""How dates are written in forms: one way, that of the browser, so that nothing is guessed."""
