"""`day.started`: once per London date, for each log partition, from the worker that holds that partition of the social-care topic.

The only clock that anything downstream depends on, and it stands in the log: the fold itself reads none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from ecda_stream.contract.canonical import hash_of, to_canonical_json
from ecda_stream.contract.entry import Entry
from ecda_stream.contract.envelope import LONDON
from ecda_stream.identity.tokens import Secret
from ecda_stream.worker.agents import LOG_TOPIC
from ecda_stream.worker.outbox import Sending, log_key

CHECK_EVERY_SECONDS = 30.0


def announce_days(app: Any, topic: str, secret: Secret) -> None:
    """Append `day.started` to the partitions of this worker as each London day begins; a repetition changes nothing."""
    announced: dict[int, date] = {}

    async def begin_days() -> None:
        today = datetime.now(UTC).astimezone(LONDON).date()
        mine = [tp.partition for tp in app.consumer.assignment() if tp.topic == topic]
        due = [partition for partition in mine if announced.get(partition) != today]
        await app.outbox.deliver([_day_started(partition, today, secret) for partition in sorted(due)])
        announced.update(dict.fromkeys(due, today))

    app.timer(interval=CHECK_EVERY_SECONDS, on_leader=False)(begin_days)


def _day_started(partition: int, today: date, secret: Secret) -> Sending:
    entry = Entry(
        event_id=secret.token("*", "day.started", f"{today.isoformat()}/{partition}"),
        type="day.started.v1",
        authority="*",
        system="ecda",
        happened_at=today,
        arrived_at=datetime.combine(today, time(), LONDON).astimezone(UTC),
    )
    key = log_key(hash_of("day.started", today.isoformat(), str(partition)))
    return Sending(LOG_TOPIC, partition, key, to_canonical_json(entry))
