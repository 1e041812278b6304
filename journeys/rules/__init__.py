"""What a handoff must say, when it is enough, and how its clocks run. No Django here."""
