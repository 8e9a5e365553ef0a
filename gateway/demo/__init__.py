"""A gateway, its mail server and its users, all on loopback, to try things out."""
