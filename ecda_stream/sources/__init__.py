"""Importers: a file of a known format in, source events out; they convert and never judge a value, because admit does."""
