"""Secrets that are shown once and stored as a hash: API keys and invitation tokens."""

import hashlib
import secrets

PREFIX = "csom_"


def new_key() -> str:
    """A fresh API key: a recognisable prefix and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def new_token() -> str:
    """A fresh link token: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret. SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
