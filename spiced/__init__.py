"""What we know of why they buy and stay: SPICED notes, impact goals, critical events."""
