"""What arrives and what leaves: frozen pydantic models, the code tables, and nothing that does anything."""
