"""The second step: authenticator app, recovery codes."""
