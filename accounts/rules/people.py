"""The roles a person at an account may have, in words."""

ROLES = {
    "economic_buyer": "Economic buyer",
    "exec_sponsor": "Executive sponsor",
    "champion": "Champion",
    "user_lead": "Lead user",
    "technical_lead": "Technical lead",
    "procurement": "Procurement",
    "end_user": "User",
    "blocker": "Blocker",
}
