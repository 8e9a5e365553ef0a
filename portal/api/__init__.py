"""The HTTP API: what the pages do, for other programs, such as an identity provider's own security page."""
