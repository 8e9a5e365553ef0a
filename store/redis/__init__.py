"""Redis as the shared cache: sealed, bounded, and never needed to decide.

The parts load redis-py, so they are imported where there is a Redis, and not here.
"""
