"""App passwords: the list, creating, showing once, deleting."""
