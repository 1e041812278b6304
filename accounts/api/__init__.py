"""Endpoints of everything that can be brought in, made from the targets."""
