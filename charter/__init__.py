"""How the team has agreed to work: segments, calendar, promised times, definitions, owners."""
