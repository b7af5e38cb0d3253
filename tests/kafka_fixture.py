"""One real Kafka for the whole test session, on a free port and in a temporary folder; stopped at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ecda_stream.local import kafka


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Broker]:
    """A broker without topics; tests make their own and share nothing by name. Mark the test `broker`."""
    with kafka.running(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker
