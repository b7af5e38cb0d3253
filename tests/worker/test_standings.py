"""The gauges of alerting show what the fold's state says, for the partitions that a worker holds and no others."""

from __future__ import annotations

from functools import partial
from typing import Any

from ecda_stream.alert.guardrail import CAUSES
from ecda_stream.state import Read, Table
from ecda_stream.worker.standings import keep_standings
from tests.builders import State, a_contact, a_day, a_referral, arriving, fold_events
from tests.unit.alert.test_capacity import CROWD, NEXT_MONDAY, TWO_A_WEEK, closing
from tests.unit.alert.test_control import reset, stopped
from tests.worker.counting import FakeApp, Series, series_of

HERE = ("re_referral", "881")


class FakeTables:
    """The tables of a worker: the state of each of its partitions."""

    def __init__(self, states: dict[int, State]) -> None:
        self.states = states

    def readers(self) -> dict[int, Read]:
        return {partition: partial(self._read, partition) for partition in self.states}

    def _read(self, partition: int, table: Table, key: str) -> Any:
        return self.states[partition].get((table, key))


def a_worker(states: dict[int, State], tables: Any = None) -> FakeApp:
    """Return a worker that holds these partitions and has looked once."""
    app = FakeApp(*states)
    shown: Any = tables or FakeTables(states)
    keep_standings(app, shown, TWO_A_WEEK.definition)
    app.look()
    return app


def state_of(*events: Any) -> State:
    state: State = {}
    fold_events(*events, stream=TWO_A_WEEK, state=state)
    return state


def stops_of(app: FakeApp) -> Series:
    return {labels: value for labels, value in series_of(app.metrics, "ecda_alerting_stopped").items() if value}


def test_held_sent_and_places_are_shown_for_each_authority() -> None:
    app = a_worker({0: state_of(*closing(*CROWD, "C5"))})

    assert series_of(app.metrics, "ecda_alerts_held") == {HERE: 3}
    assert series_of(app.metrics, "ecda_alerts_sent_this_week") == {HERE: 2}
    assert series_of(app.metrics, "ecda_alert_capacity") == {HERE: 2}


def test_the_guardrails_shares_are_shown_where_there_are_any() -> None:
    app = a_worker({0: state_of(*closing("C1")), 1: state_of(a_referral(authority="882", source="/882/case_system"))})

    assert series_of(app.metrics, "ecda_guardrail_share") == {
        (*HERE, "alert_rate"): 1.0,
        (*HERE, "episode"): 1.0,
        (*HERE, "history"): 1.0,
        (*HERE, "text"): 0.0,
    }


def test_a_share_that_no_longer_stands_on_anything_goes() -> None:
    state = state_of(*closing("C1"))
    app = a_worker({0: state})
    state.update(state_of(*closing("C1"), arriving(a_contact("C9", "2026-06-01"), "2026-06-01")))
    app.look()

    assert series_of(app.metrics, "ecda_guardrail_share") == {}


def test_while_alerting_runs_every_cause_of_a_stop_is_there_and_none_holds() -> None:
    app = a_worker({0: state_of(*closing("C1"))})

    assert series_of(app.metrics, "ecda_alerting_stopped") == {(*HERE, cause): 0 for cause in CAUSES}


def test_a_stop_shows_its_cause_until_somebody_resumes() -> None:
    state = state_of(*closing("C1"), stopped("881", "2026-03-03"))
    app = a_worker({0: state})
    while_stopped = stops_of(app)
    state.update(state_of(*closing("C1"), stopped("881", "2026-03-03"), reset("881", "2026-03-04")))
    app.look()

    assert while_stopped == {(*HERE, "kill-switch"): 1}
    assert stops_of(app) == {}


def test_a_stop_that_a_newer_version_wrote_is_shown_as_well() -> None:
    state = state_of(*closing("C1"))
    state[("policy", "stop/881")] = [[0, "age-share", "2026-03-02", False]]

    assert stops_of(a_worker({0: state})) == {(*HERE, "age-share"): 1}


def test_authorities_of_a_partition_that_went_away_go_with_it() -> None:
    app = a_worker({0: state_of(*closing("C1")), 1: state_of(a_referral(authority="882", source="/882/case_system"))})
    before = series_of(app.metrics, "ecda_alert_capacity")
    app.partitions = [1]
    app.look()

    assert before == {HERE: 2, ("re_referral", "882"): 2}
    assert series_of(app.metrics, "ecda_alert_capacity") == {("re_referral", "882"): 2}
    assert {labels[1] for labels in series_of(app.metrics, "ecda_alerting_stopped")} == {"882"}


def test_half_a_state_is_not_shown() -> None:
    state = state_of(*closing("C1"), stopped("881", "2026-03-03"))
    tables = FakeTables({0: state})
    app = a_worker({0: state}, tables)
    tables.states = {}
    app.look()

    assert stops_of(app) == {(*HERE, "kill-switch"): 1}


def test_a_partition_that_went_away_is_not_shown_even_while_others_recover() -> None:
    states = {0: state_of(*closing("C1"))}
    tables = FakeTables(states)
    app = a_worker(states, tables)
    tables.states, app.partitions = {}, []
    app.look()

    assert series_of(app.metrics, "ecda_alerts_held") == {}


def test_a_new_week_frees_places_and_releases_what_is_held() -> None:
    state = state_of(*closing(*CROWD, "C5"))
    app = a_worker({0: state})
    state.update(state_of(*closing(*CROWD, "C5"), a_day(NEXT_MONDAY)))
    app.look()

    assert series_of(app.metrics, "ecda_alerts_held") == {HERE: 1}
    assert series_of(app.metrics, "ecda_alerts_sent_this_week") == {HERE: 2}
