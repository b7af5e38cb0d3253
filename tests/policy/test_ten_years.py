"""Ten simulated years of eight authorities, arriving all at once, and arriving as they were recorded.

ECDA_TEST_CHILDREN sets the size of the world; `make acceptance` takes 20,000.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ecda_stream.contract.alert import Alert, Notice
from ecda_stream.contract.envelope import LONDON
from ecda_stream.files.stream import load_stream
from ecda_stream.replay import admit_file, fold, read_log
from ecda_stream.score.stream import Stream
from tests.builders import ROOT, a_desk
from tests.commands.conftest import run_command

CHILDREN = int(os.environ.get("ECDA_TEST_CHILDREN", "300"))
CAPACITY = 5 if CHILDREN >= 5000 else 1
"""So that a small world, too, has more to say than a week has places for."""
LAST_DAY = date(2026, 3, 31)

pytestmark = pytest.mark.timeout(600 + CHILDREN // 4)


@pytest.fixture(scope="module")
def stream() -> Stream:
    loaded = load_stream("re_referral", ROOT / "streams", ROOT / "models")
    policy = loaded.definition.policy.model_copy(update={"capacity_per_week": CAPACITY})
    return Stream(loaded.definition.model_copy(update={"policy": policy}), loaded.models)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("years")
    simulated = run_command("simulate", "--children", str(CHILDREN), "--years", "10", "--seed", "5", "--out", folder)
    assert simulated.exit_code == 0, simulated.output
    return folder / "events.jsonl"


def log_of(events: Path, name: str) -> Path:
    log = events.with_name(f"{name}.jsonl")
    admit_file(events, log, None, a_desk(), 32, "recorded" if name == "recorded" else "arrivedtime")
    return log


@pytest.fixture(scope="module")
def at_once(events: Path) -> Path:
    """The log of all events arriving on one day, the last."""
    together = events.with_name("together.jsonl")
    with events.open(encoding="utf-8") as lines, together.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps({**json.loads(line), "arrivedtime": f"{LAST_DAY.isoformat()}T12:00:00Z"}) + "\n")
    return log_of(together, "at_once")


@pytest.fixture(scope="module")
def as_recorded(events: Path, stream: Stream) -> list[Alert | Notice]:
    """All that was published when each event arrived as it was recorded."""
    return list(published(log_of(events, "recorded"), stream))


def published(log: Path, stream: Stream) -> Iterator[Alert | Notice]:
    for _, outcome in fold(read_log(log), stream, lambda record, error: None):
        yield from outcome.alerts


def test_ten_years_at_once_alert_nobody_whose_case_closed_more_than_28_days_ago(at_once: Path, stream: Stream) -> None:
    decisions: Counter[str] = Counter()
    for _, outcome in fold(read_log(at_once), stream, lambda record, error: None):
        for score in outcome.scores:
            if score.revision == 0:
                decisions[score.decision.reason] += 1
            late = (LAST_DAY - score.closing_day).days > 28
            assert not (late and (score.decision.alert or score.decision.held))
        assert all((LAST_DAY - alert.closing_day).days <= 28 for alert in outcome.alerts if isinstance(alert, Alert))

    assert decisions["arrived-too-late"] > CHILDREN / 100


def test_as_recorded_no_authority_ever_has_more_alerts_in_a_week_than_places(as_recorded: list[Alert | Notice]) -> None:
    raised: defaultdict[tuple[str, date], set[tuple[str, datetime]]] = defaultdict(set)
    for alert in as_recorded:
        if isinstance(alert, Alert):
            day = alert.raised_at.astimezone(LONDON).date()
            raised[alert.authority, day - timedelta(days=day.weekday())].add((alert.alert_id, alert.raised_at))

    assert len(raised) > CHILDREN / 50
    assert max(len(alerts) for alerts in raised.values()) == CAPACITY


def test_as_recorded_the_guardrail_trips_at_most_once_for_an_authority(as_recorded: list[Alert | Notice]) -> None:
    trips = Counter(notice.authority for notice in as_recorded if isinstance(notice, Notice) and notice.status == "stopped")

    assert max(trips.values(), default=0) <= 1, trips
