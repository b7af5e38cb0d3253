"""What a worker shows of its topics before anything has happened on them."""

from __future__ import annotations

from ecda_stream.worker.gauges import keep_gauges
from tests.worker.counting import FakeApp, series_of

TOPIC = "ecda.source.police.v1"


def test_refusals_of_a_topic_are_counted_from_nought_and_not_from_the_first() -> None:
    """Prometheus sees no increase in a series that begins with five hundred."""
    app = FakeApp(0, 1, topic=TOPIC)
    keep_gauges(app, None)
    app.look()

    assert series_of(app.metrics, "ecda_entries_total") == {(TOPIC, "refused"): 0}


def test_the_lag_of_a_partition_that_went_away_goes_with_it() -> None:
    app = FakeApp(0, 1, topic=TOPIC)
    keep_gauges(app, None)
    app.look()
    app.partitions = [1]
    app.look()

    assert series_of(app.metrics, "ecda_consumer_lag") == {(TOPIC, "1"): 0}
    assert series_of(app.metrics, "ecda_assigned_partitions") == {(TOPIC,): 1}
