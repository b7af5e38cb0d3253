"""Features: a small fixed vocabulary over what was known before a closure, point-in-time by construction."""
