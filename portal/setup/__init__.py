"""Setting up mail programs: what to type, profiles, and what programs ask for by themselves."""
