"""Fixtures for every test."""

from tests.kafka_fixture import kafka_broker

__all__ = ["kafka_broker"]
