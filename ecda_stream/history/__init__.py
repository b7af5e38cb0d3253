"""What was known: facts by person and month, each stamped with the position in the log at which it was learnt."""
