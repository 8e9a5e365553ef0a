"""Signing in with the main password, which is checked where the organisation keeps it."""
