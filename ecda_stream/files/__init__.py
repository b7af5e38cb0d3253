"""Readers of the files people edit: each returns a frozen value or reports every fault at once."""
