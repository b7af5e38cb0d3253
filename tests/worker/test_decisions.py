"""A reviewer decides, an operator stops and resumes: commands, topics and a running worker, one round after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import Result

from ecda_stream.contract.alert import Alert, Notice, parse_published
from ecda_stream.contract.envelope import LONDON
from ecda_stream.worker.publishing import publish_events
from tests.commands.conftest import run_command
from tests.worker.system import ALERTS, LONGEST_SECONDS, SCORES, System, a_child, a_closure, an_event, running_system

pytestmark = pytest.mark.broker

TODAY = datetime.now(UTC).astimezone(LONDON).date()
CLOSED = TODAY - timedelta(days=2)


def history(child: int) -> list[dict[str, object]]:
    """Return the baseline's 8 points and more: four referrals and three closures within two years, then a closure two days ago."""
    events = []
    for number, days in enumerate([600, 450, 300, 150]):
        referred = CLOSED - timedelta(days=days)
        closed = CLOSED if number == 3 else referred + timedelta(days=30)
        named = {"people": [a_child(child)], "referral_date": referred.isoformat()}
        referral = {**named, "referral_source": "6", "primary_need_code": "N1"}
        events.append(an_event(f"referral-{child}-{number}", "referral.received.v1", referral))
        closure = a_closure(child, referral_date=referred.isoformat(), closure_date=closed.isoformat())
        events.append(an_event(f"closure-{child}-{number}", "closure.recorded.v1", closure))
    return events


class Round:
    """The system with the commands pointed at it."""

    def __init__(self, system: System) -> None:
        self.system = system

    def publish(self, child: int) -> None:
        publish_events(history(child), bootstrap=self.system.bootstrap, on_progress=lambda _: None)
        self.system.wait_until_through(LONGEST_SECONDS)

    def run(self, *arguments: str) -> Result:
        result = run_command(*arguments, "--bootstrap", self.system.bootstrap)
        assert result.exit_code == 0, result.output
        self.system.wait_until_through(LONGEST_SECONDS)
        return result

    def published(self) -> list[Alert | Notice]:
        return [parse_published(found.value or b"") for found in self.system.all(ALERTS)]

    def last_alert(self) -> Alert:
        return [one for one in self.published() if isinstance(one, Alert)][-1]

    def last_reason(self) -> str:
        return str(json.loads(self.system.all(SCORES)[-1].value or b"")["decision"]["reason"])


@pytest.fixture(scope="module")
def round_trip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    with running_system(tmp_path_factory.mktemp("decisions")) as system:
        system.activate_baseline()
        yield Round(system)


def test_a_decision_comes_back_as_the_next_revision_of_the_alert(round_trip: Round) -> None:
    round_trip.publish(1)
    opened = round_trip.last_alert()

    asked = round_trip.run("alerts", "decide", opened.alert_id[:8], "need-information", "--reason", "file is old", "--reviewer", "R7")
    waiting = round_trip.last_alert()
    round_trip.run("alerts", "decide", opened.alert_id, "disagree", "--reason", "Support plan in place.", "--reviewer", "R7")
    closed = round_trip.last_alert()

    assert "reason file-is-old" in asked.stderr
    assert [(alert.revision, alert.status) for alert in (opened, waiting, closed)] == [(0, "open"), (1, "open"), (2, "closed")]
    assert closed.alert_id == opened.alert_id
    assert closed.decision is not None
    assert (closed.decision.verdict, closed.decision.reason) == ("disagree", "support-plan-in-place")
    assert closed.decision.decided_on in (TODAY, TODAY + timedelta(days=1))  # midnight may have passed since
    assert "CLOSED" in round_trip.run("alerts", "show", opened.alert_id).stdout


def test_a_stop_and_a_resumption_are_said_and_followed(round_trip: Round) -> None:
    round_trip.run("alerting", "stop", "re_referral", "--reason", "trial of the switch")
    round_trip.publish(2)
    while_stopped = round_trip.last_reason()
    stopped = round_trip.published()[-1]
    listed = round_trip.run("alerts", "list").stderr
    round_trip.run("alerting", "resume", "re_referral", "--reason", "trial over")
    resumed = round_trip.published()[-1]
    round_trip.publish(3)

    assert while_stopped == "alerting-stopped"
    assert isinstance(stopped, Notice)
    assert isinstance(resumed, Notice)
    assert [(notice.status, notice.cause) for notice in (stopped, resumed)] == [("stopped", "kill-switch"), ("resumed", "trial-over")]
    assert "ALERTING IS STOPPED for authority 881" in listed
    assert round_trip.last_reason() == "at-or-above-threshold"


def test_in_shadow_scores_go_on_and_alerts_do_not(round_trip: Round) -> None:
    before = len(round_trip.published())
    round_trip.run("alerting", "mode", "re_referral", "shadow", "--reason", "trial", "--authority", "881")
    round_trip.publish(4)

    assert round_trip.last_reason() == "shadow-mode"
    assert len(round_trip.published()) == before
