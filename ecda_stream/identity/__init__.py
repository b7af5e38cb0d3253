"""Who is meant: identifiers, keyed tokens, sealed references, and the people and families known so far."""
