"""The customer company: who they are, what they bought, what they pay."""
