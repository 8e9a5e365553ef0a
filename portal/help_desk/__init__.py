"""Help desk and administration: users of one's domains, and what can be done for them. No secret is shown."""
