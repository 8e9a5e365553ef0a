"""Metrics and health: what monitoring and load balancers are told of the running gateway."""
