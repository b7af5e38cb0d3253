"""The guardrail where 200 cases close a day: what breaks stops alerting within a day, and only a named reset lets it go on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp, fsum, lgamma, log, log1p

import pytest

from ecda_stream.contract.alert import Notice
from ecda_stream.contract.entry import Entry
from ecda_stream.contract.score import ScoreRecord
from ecda_stream.pipeline import Outcome
from ecda_stream.score.stream import Stream
from tests.builders import BASELINE, State, a_stream, alerts_in, fold_all, notices_in, scores_in
from tests.policy.busy_authority import AUTHORITY, EPISODE_DAYS, Fault, a_token, as_log, days_of

FIRST_DAY = date(2026, 1, 5)
USUAL_DAYS, BROKEN_DAYS, MENDED_DAYS = 45, 14, 3
BROKEN_FROM = FIRST_DAY + timedelta(days=USUAL_DAYS)
SHARE = 0.06

_plain = a_stream(capacity=100)
STREAM = Stream(_plain.definition, {BASELINE: _plain.models[BASELINE].model_copy(update={"alert_rate": SHARE})})


@dataclass(frozen=True)
class World:
    """What was folded before anything broke."""

    state: State
    outcomes: list[Outcome]
    next_offset: int


@pytest.fixture(scope="module")
def usual() -> World:
    state: State = {}
    log = as_log(days_of(FIRST_DAY, USUAL_DAYS, "none", seed=1, loaded_on=FIRST_DAY - timedelta(days=EPISODE_DAYS)))
    return World(state, fold_all(log, STREAM, state), len(log))


def go_on(world: World, *stretches: list[Entry]) -> list[Outcome]:
    """Fold more on a copy of the world."""
    entries = sorted((entry for stretch in stretches for entry in stretch), key=lambda entry: entry.arrived_at)
    return fold_all(as_log(entries, world.next_offset), STREAM, dict(world.state))


def closing_from(first_day: date, days: int, fault: Fault, seed: int) -> list[Entry]:
    """Return days after the usual ones; what came before is loaded on the last of those."""
    return days_of(first_day, days, fault, seed, loaded_on=BROKEN_FROM - timedelta(days=1))


def tail(successes: int, trials: int, share: float, *, upper: bool) -> float:
    """The binomial probability of so many or more (or fewer), term by term."""

    def term(k: int) -> float:
        ways = lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1)
        return exp(ways + k * log(share) + (trials - k) * log1p(-share))

    return fsum(map(term, range(successes, trials + 1) if upper else range(successes + 1)))


def first_passing(
    scores: list[ScoreRecord], holds: Callable[[ScoreRecord], bool], reference: float, *, upper: bool, fall: float = 0.0
) -> date | None:
    """Return the day of the first closure at which the test over its day and the 27 days before fails; everybody is a family alone."""
    window: deque[ScoreRecord] = deque()
    held = 0
    for score in scores:
        if score.revision or score.closing_day < FIRST_DAY:
            continue
        window.append(score)
        held += holds(score)
        while window[0].closing_day < score.closing_day - timedelta(days=27):
            held -= holds(window.popleft())
        falls = upper or reference - held / len(window) >= fall
        if score.closing_day >= BROKEN_FROM and falls and tail(held, len(window), reference, upper=upper) < 1e-5:
            return score.closing_day
    return None


def is_above(score: ScoreRecord) -> bool:
    return score.points is not None and score.points >= score.threshold


def has_text(score: ScoreRecord) -> bool:
    return score.features["text_missing"] == 0


def has_referral(score: ScoreRecord) -> bool:
    return score.features["episode_days"] is not None


def a_reset(day: date) -> Entry:
    return Entry(
        event_id=a_token("reset", day),
        type="guardrail.reset.v1",
        authority=AUTHORITY,
        system="review",
        happened_at=day,
        arrived_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        facts={"stream": "re_referral", "reason": "looked-into"},
    )


def reference_of(world: World, holds: Callable[[ScoreRecord], bool]) -> float:
    """The share among closures up to 28 days before everything broke."""
    scores = [
        score
        for score in scores_in(world.outcomes)
        if score.revision == 0 and FIRST_DAY <= score.closing_day < BROKEN_FROM - timedelta(days=28)
    ]
    return sum(map(holds, scores)) / len(scores)


@pytest.mark.parametrize(
    ("fault", "cause", "holds", "fall"),
    [
        ("empty histories", "episode-share", has_referral, 0.05),
        ("doubled alert rate", "alert-rate", is_above, 0.0),
        ("lost texts", "text-share", has_text, 0.05),
    ],
)
def test_what_breaks_stops_alerting_within_a_day_until_a_named_reset(
    usual: World, fault: Fault, cause: str, holds: Callable[[ScoreRecord], bool], fall: float
) -> None:
    broken = closing_from(BROKEN_FROM, BROKEN_DAYS, fault, seed=2)
    mended_from = BROKEN_FROM + timedelta(days=BROKEN_DAYS)
    mended = closing_from(mended_from, MENDED_DAYS, "none", seed=3)
    reset_on = mended_from + timedelta(days=2)
    outcomes = go_on(usual, broken, mended, [a_reset(reset_on)])
    [stopped, resumed] = notices_in(outcomes)
    upper = cause == "alert-rate"
    reference = max(SHARE, reference_of(usual, holds)) if upper else reference_of(usual, holds)
    passing = first_passing(scores_in([*usual.outcomes, *outcomes]), holds, reference, upper=upper, fall=fall)

    assert passing is not None
    assert stopped.cause == cause
    assert BROKEN_FROM < stopped.since.date() <= passing + timedelta(days=1)
    raised = {alert.raised_at for alert in alerts_in(outcomes) if alert.revision == 0}
    assert not any(stopped.since <= moment < resumed.since for moment in raised)
    assert any(moment > resumed.since for moment in raised)
    assert (resumed.status, resumed.since.date()) == ("resumed", reset_on)


def test_without_a_fault_nothing_trips(usual: World) -> None:
    outcomes = go_on(usual, closing_from(BROKEN_FROM, BROKEN_DAYS + MENDED_DAYS, "none", seed=4))

    assert notices_in([*usual.outcomes, *outcomes]) == []
    assert isinstance(alerts_in(outcomes)[0].raised_at, datetime)
    assert not any(isinstance(one, Notice) for outcome in outcomes for one in outcome.alerts)
