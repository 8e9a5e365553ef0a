"""Mail to users about what concerns them, and the same events for other programs."""
