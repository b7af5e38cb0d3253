"""A real single-node Apache Kafka on loopback, with nothing to install by hand; for demos and tests, never for live data."""
