"""The simulated world beside the sourced rates, and what the planted risk allows anybody to predict.

How the constants were found: run `ecda-stream simulate --check --children 20000` over several seeds, move the one constant that a row
depends on, repeat. In this order, because each row moves those below it: `frailty_variance` and RETURN_INTERCEPT (curve of return,
share of frequent families), NO_S47_IN_FAMILY (stages of a referral), S47_INTERCEPT and ESCALATION_INTERCEPT (what follows a closure),
FIRST_REFERRAL and FIRST_REFERRAL_S47 (per-referral ratios), then the tables of children, plans and factors, which nothing depends on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from ecda_stream.simulate.observation import Observation, Seen
from ecda_stream.simulate.rates import Rates
from ecda_stream.simulate.shares import Shares

REVIEWED_SHARE = 0.06
"""The share of closures that a review team can look at again."""
TOLERANCES_HOLD_FROM_CHILDREN = 20_000
"""In a smaller world chance is larger, so tolerances grow with the square root."""
FACTOR_TOLERANCE_POINTS = 2.5
RARE_FACTOR_TOLERANCE_POINTS = 1.0
RARE_TOLERANCE_POINTS = 0.6
"""What a rare label of a table may be off; a frequent one may be off by its table's tolerance, others by two fifths of their share."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing compared; in percent unless its name says otherwise."""

    name: str
    simulated: float
    lowest: float
    highest: float
    source: str

    @property
    def holds(self) -> bool:
        """Return whether the simulated value lies within what is allowed."""
        return self.lowest <= self.simulated <= self.highest


def compare(seen: Observation, rates: Rates) -> list[Row]:
    """Return every comparison, those of return and risk first."""
    settled = [closure for closure in seen.closures if closure.settled]
    if not settled:
        return []
    rows = [*_returns(seen, settled, rates), *_risk(settled), *_referrals(seen, rates), *_children(seen, rates), *_factors(seen, rates)]
    slack = max(1.0, (TOLERANCES_HOLD_FROM_CHILDREN / max(1, seen.children)) ** 0.5)
    return [_widened(row, slack) for row in rows]


def _widened(row: Row, slack: float) -> Row:
    more = (slack - 1) * (row.highest - row.lowest) / 2
    return Row(row.name, row.simulated, row.lowest - more, row.highest + more, row.source)


def _about(name: str, simulated: float, expected: float, tolerance: float, source: str) -> Row:
    return Row(name, simulated, expected - tolerance, expected + tolerance, source)


def _returns(seen: Observation, settled: Sequence[Seen], rates: Rates) -> Iterable[Row]:
    sources = rates.sources
    within_12 = rates.return_within_12_months_percent
    yield _about("returned within 365 days", _percent(settled, lambda c: c.returned), within_12, 2, sources["return_curve_percent"])
    wide = rates.to_s47_within_window_percent
    yield _about("  and to section 47", _percent(settled, lambda c: c.to_s47), wide, 1, sources["to_s47_within_window_percent"])
    strict = rates.escalated_within_window_percent
    yield _about("  and escalated", _percent(settled, lambda c: c.escalated), strict, 0.4, sources["escalated_within_window_percent"])
    months = [int(month) for month in rates.return_curve_percent]
    curve = return_curve([(closure.days_followed, closure.came_back) for closure in seen.closures], months)
    for month, share in zip(months, curve, strict=True):
        expected = rates.return_curve_percent[str(month)]
        yield _about(f"returned by month {month} (Kaplan-Meier)", share, expected, 3, sources["return_curve_percent"])
    most = rates.frequent_families["families_percent"]
    top = returns_of_most_frequent(seen.returns_of_families, most / 100)
    yield Row(f"returns by {most} % of families", top, 40, 60, sources["frequent_families"])
    yield _about("re-referrals among referrals", seen.share("re_referral", "yes"), 22, 4, sources["re_referral_percent"])


def _risk(settled: Sequence[Seen]) -> Iterable[Row]:
    ceiling = capture(settled, lambda closure: closure.observable)
    bare = capture(settled, lambda closure: closure.without_narrative)
    yield Row("ceiling: escalated in the top 6 %", ceiling, 38, 55, "planted")
    yield Row("  with the frailty known", capture(settled, lambda closure: closure.probability), 38, 60, "planted")
    yield Row("  narrative averaged out", bare, 25, 50, "planted")
    expected_ceiling, expected_bare = (
        capture(settled, score, lambda closure: closure.probability)
        for score in (lambda closure: closure.observable, lambda closure: closure.without_narrative)
    )
    share = 100 * (expected_ceiling - expected_bare) / (expected_ceiling - 100 * REVIEWED_SHARE)
    yield Row("  share of the advantage from narrative", share, 15, 30, "planted, by expected instead of realised escalations")
    expected, realised = (sum(values) for values in zip(*((c.probability, float(c.escalated)) for c in settled), strict=True))
    yield _about("planted over realised escalations", 100 * expected / max(1.0, realised), 100, 10, "planted")
    true, believed = (sum(values) for values in zip(*((c.frailty, c.posterior) for c in settled), strict=True))
    yield _about("posterior over true frailty", 100 * believed / true, 100, 5, "planted")
    assessed = [closure for closure in settled if closure.ticked]
    for code, name in (("1B", "parental alcohol"), ("2B", "parental drugs")):
        has_code = partial(_is_ticked, code)
        points = _difference([closure for closure in assessed if closure.first], has_code)
        yield _about(f"{name} ticked at first, returners minus others", points, 0, FACTOR_TOLERANCE_POINTS, "d1 (2017)")
        first, again = (_percent([closure for closure in assessed if closure.first is value], has_code) for value in (True, False))
        yield _about(f"{name} ticked, re-referrals minus first", again - first, 5, 4, "d1 (2017), alcohol")
    history = _difference(settled, lambda closure: closure.earlier_referral)
    yield Row("referred in the two years before, same", history, 8, 60, "assumed: history carries signal")
    need = [closure for closure in settled if closure.ended_need]
    reason = _difference(need, lambda closure: closure.closure_reason == "RC7")
    yield _about("RC7 among ended need, same", reason, 0, 3, "ern 2024: 92.5 % carry one code")


def _referrals(seen: Observation, rates: Rates) -> Iterable[Row]:
    sources = rates.sources
    for stage, expected, key in (
        ("NFA", rates.no_further_action_percent, "no_further_action_percent"),
        ("ASSESSMENT", rates.not_in_need_percent, "not_in_need_percent"),
    ):
        yield _about(f"referrals closed at {stage.lower()}", seen.share("referrals", stage), expected, 3, sources[key])
    for table, expected, tolerance, key in (
        ("s47_per_referral", rates.s47_per_referral_percent, 2.0, "s47_per_referral_percent"),
        ("cin_plan_per_referral", rates.cin_plan_per_referral_percent, 3.0, "cin_plan_per_referral_percent"),
        ("conference_per_referral", rates.conference_per_referral_percent, 1.2, "conference_per_referral_percent"),
        ("plan_per_referral", rates.protection_plan_per_referral_percent, 1.2, "protection_plan_per_referral_percent"),
        ("second_plan", rates.second_protection_plan_percent, 8.0, "second_protection_plan_percent"),
        ("care_per_need", rates.care_per_need_percent, 1.5, "care_per_need_percent"),
    ):
        yield _about(table.replace("_", " "), seen.share(table, "yes"), expected, tolerance, sources[key])
    yield from _table(seen, "referral_source", rates.referral_source, 1.5, sources["referral_source"])
    mean = sum(rates.referral_month_index.values())
    for place, month in enumerate(MONTHS, start=1):
        index = 100 * rates.referral_month_index[month] / mean
        yield _about(f"referrals in {month}", seen.share("referral_month", str(place)), index, 1.0, sources["referral_month_index"])
    yield from _table(seen, "assessment_days", rates.assessment_working_days, 2.5, sources["assessment_working_days"])
    yield from _table(seen, "duration", rates.duration_of_ended_need, 4, sources["duration_of_ended_need"])
    known = rates.closure_reason.without("unknown")
    yield from _table(seen, "closure_reason", known, 1.2, sources["closure_reason"])
    yield from _table(seen, "primary_need", rates.primary_need, 1.5, sources["primary_need"])
    yield from _table(seen, "protection_plan_category", rates.protection_plan_category, 4, sources["protection_plan_category"])
    yield from _table(seen, "protection_plan_length", rates.protection_plan_length, 5, sources["protection_plan_length"])
    yield from _table(seen, "s47_to_conference", rates.s47_to_conference_days, 6, sources["s47_to_conference_days"])


def _children(seen: Observation, rates: Rates) -> Iterable[Row]:
    yield from _table(seen, "age", rates.age.without("y16p"), 4, rates.sources["age"])  # of 16 and over, many are adults there
    yield from _table(seen, "sex", rates.sex, 3, rates.sources["sex"])
    yield from _table(seen, "ethnicity", rates.ethnicity, 3, rates.sources["ethnicity"])
    yield _about("disability yes", seen.share("disability", "yes"), rates.disability_percent, 2, rates.sources["disability_percent"])


def _factors(seen: Observation, rates: Rates) -> Iterable[Row]:
    assessed = seen.counts.get("assessments_with_factors", Counter())["all"]
    ticked = seen.counts.get("factors", Counter())
    if not assessed:
        return
    for code, expected in rates.factors.items():
        allowed = max(RARE_FACTOR_TOLERANCE_POINTS, 0.25 * expected)
        yield _about(f"factor {code}", 100 * ticked[code] / assessed, expected, allowed, rates.sources["factors"])
    total = sum(rates.factors.values()) / 100
    yield _about("factors per assessment (number)", sum(ticked.values()) / assessed, total, 0.3, rates.sources["factors"])


def _table(seen: Observation, table: str, expected: Shares, tolerance: float, source: str) -> Iterable[Row]:
    for label, share in zip(expected.labels, expected.shares, strict=True):
        allowed = min(tolerance, max(RARE_TOLERANCE_POINTS, 40 * share))
        yield _about(f"{table.replace('_', ' ')} {label}", seen.share(table, label), 100 * share, allowed, source)


def _percent(closures: Sequence[Seen], holds: Callable[[Seen], bool]) -> float:
    return 100 * sum(map(holds, closures)) / max(1, len(closures))


def _is_ticked(code: str, closure: Seen) -> bool:
    return code in closure.ticked


def _difference(closures: Sequence[Seen], holds: Callable[[Seen], bool]) -> float:
    """Return by how many points something is more frequent among those that return."""
    back = [closure for closure in closures if closure.returned]
    return _percent(back, holds) - _percent([closure for closure in closures if not closure.returned], holds)


def _is_escalated(closure: Seen) -> float:
    return float(closure.escalated)


def capture(closures: Sequence[Seen], score: Callable[[Seen], float], worth: Callable[[Seen], float] = _is_escalated) -> float:
    """Return the percentage of all escalated closures that stand in the reviewed share when ranked by a score."""
    ranked = sorted(closures, key=score, reverse=True)
    top = ranked[: int(len(ranked) * REVIEWED_SHARE)]
    return 100 * sum(map(worth, top)) / max(1e-9, sum(map(worth, ranked)))


def returns_of_most_frequent(returns: Sequence[int], share: float) -> float:
    """Return the percentage of all returns that the most frequent families make."""
    ranked = sorted(returns, reverse=True)
    return 100 * sum(ranked[: int(len(ranked) * share)]) / max(1, sum(ranked))


def return_curve(followed: Sequence[tuple[int, bool]], months: Sequence[int]) -> list[float]:
    """Return the Kaplan-Meier estimate of the percentage returned by each month.

    >>> return_curve([(10, True), (20, False), (40, True), (400, False)], [1, 12])
    [25.0, 62.5]
    """
    ordered = sorted(followed)
    at_risk, staying, place = len(ordered), 1.0, 0
    curve: list[float] = []
    for month in months:
        until = month * 365.25 / 12
        while place < len(ordered) and ordered[place][0] <= until:
            if ordered[place][1]:
                staying *= 1 - 1 / at_risk
            at_risk -= 1
            place += 1
        curve.append(100 * (1 - staying))
    return curve
