"""What is remembered: users, app passwords, the change feed, the audit trail; and how secrets are hashed.

Everything here is synchronous. It knows no protocol and no event loop.
"""
