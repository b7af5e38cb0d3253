"""The shell: agents, transport, settings, metrics; everything that knows Kafka, a clock or the environment."""
