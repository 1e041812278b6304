"""The kinds of contact with an account, in words."""

KINDS = {
    "call": "Call",
    "meeting": "Meeting",
    "email": "E-mail",
    "kickoff": "Kickoff",
    "review": "Business review",
    "note": "Note to ourselves",
}
NOTE = "note"  # not a contact
