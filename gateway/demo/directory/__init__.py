"""The demo's LDAP directory: its users' entries in memory, to be read by whoever binds."""
