"""Signing in at the organisation's OpenID Connect provider."""
