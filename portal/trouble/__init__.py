"""My app password isn't working: which devices are refused, and what to do about each."""
