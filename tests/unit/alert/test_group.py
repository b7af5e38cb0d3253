"""One alert per family and closing day: shared, revised, withdrawn, and never named anew."""

from __future__ import annotations

from ecda_stream.contract.alert import Alert
from ecda_stream.score.stream import Stream
from tests.builders import Event, a_closure, a_cp_plan, a_retraction, a_stream, a_troubled_history, changed, fold_events, siblings

ONE, OTHER = a_troubled_history("C1"), a_troubled_history("C2")
RELATED = siblings("C1", "C2")
HISTORIES = [RELATED, *ONE[:-1], *OTHER[:-1]]


def _alerts(*events: Event, stream: Stream | None = None) -> list[Alert]:
    return [alert for outcome in fold_events(*events, stream=stream) for alert in outcome.alerts if isinstance(alert, Alert)]


def test_siblings_closed_on_one_day_share_one_alert() -> None:
    first, second = _alerts(*HISTORIES, ONE[-1], OTHER[-1])

    assert first.alert_id == second.alert_id
    assert [first.revision, second.revision] == [0, 1]
    assert [len(first.children), len(second.children)] == [1, 2]


def test_strangers_closed_on_one_day_have_an_alert_each() -> None:
    first, second = _alerts(*ONE[:-1], *OTHER[:-1], ONE[-1], OTHER[-1])

    assert first.alert_id != second.alert_id


def test_siblings_closed_on_different_days_have_an_alert_each() -> None:
    first, second = _alerts(*HISTORIES, ONE[-1], a_closure("C2", "2026-03-03"))

    assert first.alert_id != second.alert_id
    assert second.revision == 0


def test_a_sibling_below_the_threshold_is_no_part_and_no_news() -> None:
    [only] = _alerts(RELATED, *ONE[:-1], ONE[-1], OTHER[-1])

    assert len(only.children) == 1


def test_a_sibling_below_the_threshold_names_the_alert_if_it_came_first() -> None:
    [with_sibling] = _alerts(RELATED, *ONE[:-1], OTHER[-1], ONE[-1])
    [alone] = _alerts(RELATED, *ONE)

    assert with_sibling.alert_id != alone.alert_id
    assert len(with_sibling.children) == 1


def test_a_retracted_closure_leaves_the_alert_to_the_sibling() -> None:
    *_, last = _alerts(*HISTORIES, ONE[-1], OTHER[-1], a_retraction(ONE[-1]))

    assert (last.revision, last.status, len(last.children)) == (2, "open", 1)


def test_an_alert_whose_last_closure_is_retracted_is_withdrawn_visibly() -> None:
    opened, withdrawn = _alerts(*ONE, a_retraction(ONE[-1]))

    assert withdrawn.alert_id == opened.alert_id
    assert (withdrawn.revision, withdrawn.status, withdrawn.status_reason) == (1, "withdrawn", "retracted")
    assert withdrawn.children == opened.children


def test_a_closure_recorded_again_opens_the_same_alert_again() -> None:
    opened, _, again = _alerts(*ONE, a_retraction(ONE[-1]), ONE[-1])

    assert again.alert_id == opened.alert_id
    assert (again.revision, again.status) == (2, "open")


def test_an_alert_raised_again_has_its_time_from_then_on() -> None:
    retraction = changed(a_retraction(ONE[-1]), arrivedtime="2026-03-05T09:00:00Z")
    opened, withdrawn, again = _alerts(*ONE, retraction, changed(ONE[-1], arrivedtime="2026-03-20T09:00:00Z"))

    assert withdrawn.raised_at == opened.raised_at
    assert again.raised_at.isoformat() == "2026-03-20T09:00:00+00:00"
    assert (again.review_by.isoformat(), again.expires_on.isoformat()) == ("2026-03-30", "2026-05-19")


def test_a_withdrawn_alert_is_not_opened_by_what_arrives_late() -> None:
    fell = [*ONE, a_retraction(ONE[0])]

    assert [alert.status for alert in _alerts(*fell, a_cp_plan())] == ["open", "withdrawn"]


def test_a_withdrawn_alert_is_opened_by_a_sibling_that_raises() -> None:
    late_sibling = changed(OTHER[-1], arrivedtime="2026-03-09T09:00:00Z")
    opened, withdrawn, again = _alerts(*HISTORIES, ONE[-1], a_retraction(ONE[-1]), late_sibling)

    assert opened.alert_id == withdrawn.alert_id == again.alert_id
    assert (again.status, again.raised_at.isoformat()) == ("open", "2026-03-09T09:00:00+00:00")
    assert [child.person for child in again.children] != [child.person for child in opened.children]


def test_each_child_of_an_alert_has_its_own_closing_day() -> None:
    moved = changed(OTHER[-1], closure_date="2026-03-04")
    *_, last = _alerts(*HISTORIES, ONE[-1], OTHER[-1], moved)

    assert [child.closing_day.isoformat() for child in last.children] == ["2026-03-02", "2026-03-04"]
    assert last.closing_day.isoformat() == "2026-03-02"


def test_the_closing_day_of_an_alert_is_that_of_its_first_child() -> None:
    moved = changed(ONE[-1], closure_date="2026-03-04")
    late = changed(a_cp_plan("C2"), arrivedtime="2026-03-06T09:00:00Z")
    *_, last = _alerts(*HISTORIES, ONE[-1], OTHER[-1], moved, late)

    assert [child.closing_day.isoformat() for child in last.children] == ["2026-03-04", "2026-03-02"]
    assert last.closing_day.isoformat() == "2026-03-04"


def test_a_moved_closing_day_keeps_the_alert() -> None:
    opened, moved = _alerts(*ONE, changed(ONE[-1], closure_date="2026-03-04"))

    assert moved.alert_id == opened.alert_id
    assert (moved.revision, moved.status, moved.closing_day.isoformat()) == (1, "open", "2026-03-04")


def test_a_sibling_closed_on_the_day_that_was_left_has_an_alert_of_its_own() -> None:
    first, moved, second = _alerts(*HISTORIES, ONE[-1], changed(ONE[-1], closure_date="2026-03-04"), OTHER[-1])

    assert moved.alert_id == first.alert_id != second.alert_id
    assert (second.revision, second.closing_day.isoformat()) == (0, "2026-03-02")


def test_late_information_changes_an_alert_that_is_out() -> None:
    opened, changed_alert = _alerts(*ONE, a_cp_plan())

    assert (changed_alert.revision, changed_alert.alert_id) == (1, opened.alert_id)
    assert changed_alert.children[0].points == 11  # from no plan (-1) to one (+2)
    assert changed_alert.raised_at == opened.raised_at


def test_what_says_the_same_to_a_reviewer_is_no_revision() -> None:
    assert len(_alerts(*ONE, ONE[-1])) == 1


def test_the_reason_of_an_alert_is_that_of_a_closure_that_is_part_of_it() -> None:
    """The sibling is scored again with the same late entry, and is not part of the alert."""
    late = changed(RELATED, id="late", contact_date="2026-02-01", relations=[])

    *_, last = _alerts(RELATED, *ONE[:-1], ONE[-1], OTHER[-1], late)
    *_, plan = _alerts(
        RELATED, *ONE, OTHER[-1], changed(a_cp_plan(), people=[*ONE[-1]["data"]["people"], *OTHER[-1]["data"]["people"]])
    )

    assert last.status_reason == "at-or-above-threshold"
    assert (plan.status_reason, len(plan.children)) == ("still-at-or-above-threshold", 1)


def test_review_by_and_expiry_count_from_the_london_day_on_which_it_was_raised() -> None:
    """Half past eleven in the evening in UTC is the next day in London in summer."""
    closure = changed(ONE[-1], closure_date="2026-07-01", arrivedtime="2026-07-01T23:30:00Z")
    [alert] = _alerts(*ONE[:-1], closure, stream=a_stream(threshold=7))

    assert alert.review_by.isoformat() == "2026-07-12"
    assert alert.expires_on.isoformat() == "2026-08-31"
