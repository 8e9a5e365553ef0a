"""Tokens of the HTTP API, as administrators make and revoke them on pages."""
