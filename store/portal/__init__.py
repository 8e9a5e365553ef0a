"""What the portal remembers: sessions, second steps, recovery codes. The gateway has no business here."""
