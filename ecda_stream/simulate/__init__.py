"""Invented authorities: ten years of source events with a planted, known risk.

Nothing here looks at how the project reads a narrative, builds a feature or scores; the risk is written from knowledge of the field.
"""
