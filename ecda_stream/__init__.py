"""Event-driven streaming scorer for closed children's social-care cases; `pipeline.py` is the page to read first."""

__version__ = "0.1.0"
