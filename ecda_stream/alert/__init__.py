"""Alerts: what is decided about a score, and how it is put to a reviewer."""
