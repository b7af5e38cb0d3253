"""An alert in full is a request with its reasons, its gaps and its dates, and never wider than the terminal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ecda_stream.alert.render import WIDTH, render_alert
from ecda_stream.contract.alert import Alert, AlertChild, AlertFact
from ecda_stream.contract.score import Position


def a_child(**changes: Any) -> AlertChild:
    fields: dict[str, Any] = {
        "person": "k1_" + "ab" * 16,
        "score_id": "5" * 32,
        "score_revision": 0,
        "closing_day": date(2025, 5, 16),
        "sealed_reference": "c2VhbGVk",
        "meaning": "points: 7; not calibrated",
        "points": 7.0,
        "raises": (AlertFact(words="3 referrals in two years", days=(date(2025, 1, 6), date(2024, 2, 5)), points=4),),
        "lowers": (AlertFact(words="no child protection plan", points=-1.5),),
        "missing": ("no referral text was read",),
    }
    return AlertChild(**{**fields, **changes})


def an_alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "alert_id": "0123456789abcdef" * 2,
        "revision": 1,
        "status": "open",
        "status_reason": "still-at-or-above-threshold",
        "stream": "re_referral",
        "mode": "demo",
        "request": "Please read this closed case again and decide whether the closure stands.",
        "authority": "881",
        "family": "k1_" + "cd" * 16,
        "closing_day": date(2025, 5, 16),
        "raised_at": datetime(2025, 5, 17, 23, 30, tzinfo=UTC),
        "review_by": date(2025, 5, 28),
        "expires_on": date(2025, 7, 17),
        "caused_by": Position(partition=17, offset=12),
        "model_version": "baseline-1",
        "children": (a_child(),),
        "caveat": "This is a request for a review and no finding about anybody.",
    }
    return Alert(**{**fields, **changes})


def test_it_opens_with_the_mode_and_the_request_and_ends_with_the_caveat() -> None:
    lines = render_alert(an_alert()).splitlines()

    assert lines[1].startswith("DEMO")
    assert lines[4] == "Please read this closed case again and decide whether the closure stands."
    assert lines[-1] == "This is a request for a review and no finding about anybody."


def test_an_uncalibrated_score_is_points_and_says_so() -> None:
    assert "points: 7; not calibrated" in render_alert(an_alert())


def test_facts_stand_each_way_with_points_and_dates_in_order() -> None:
    text = render_alert(an_alert())

    raises, lowers = text.index("What raises it"), text.index("What lowers it")
    assert raises < text.index("+4 3 referrals in two years: 5 Feb 2024, 6 Jan 2025") < lowers
    assert lowers < text.index("-1.5 no child protection plan")


def test_what_is_missing_is_said() -> None:
    assert "- no referral text was read" in render_alert(an_alert())


def test_dates_are_london_days_in_words() -> None:
    text = render_alert(an_alert())

    assert "Closed on     16 May 2025" in text
    assert "Review by     28 May 2025" in text
    assert "Expires on    17 Jul 2025" in text
    assert "Raised        18 May 2025, 00:30" in text


def test_the_status_is_in_the_words_of_the_decision() -> None:
    withdrawn = an_alert(status="withdrawn", status_reason="fell-below-threshold", revision=2)

    text = " ".join(render_alert(withdrawn).split())
    assert "withdrawn, revision 2: with what has become known since, the closure is below the threshold" in text


def test_a_reason_not_to_score_is_a_reason_too() -> None:
    assert "the closure was retracted" in render_alert(an_alert(status="withdrawn", status_reason="retracted"))
    assert "the closure is not scored: adopted" in render_alert(an_alert(status="withdrawn", status_reason="adopted"))


def test_each_child_of_a_family_has_its_part() -> None:
    text = render_alert(an_alert(children=(a_child(), a_child(person="k1_" + "ef" * 16, sealed_reference=None))))

    assert "Child 1 of 2  ababababab (pseudonym)" in text
    assert "Child 2 of 2  efefefefef (pseudonym)" in text
    assert "no reference came with the closure" in text


def test_of_many_dates_the_latest_are_shown_and_the_others_counted() -> None:
    days = tuple(date(2024, month, 1) for month in range(5, 10))
    fact = AlertFact(words="9 contacts", days=days, entries=9, points=1)

    text = " ".join(render_alert(an_alert(children=(a_child(raises=(fact,)),))).split())

    assert "9 contacts: 1 May 2024, 1 Jun 2024, 1 Jul 2024, 1 Aug 2024, 1 Sep 2024, and 4 earlier" in text


def test_a_day_with_two_entries_is_said_once() -> None:
    fact = AlertFact(words="2 plans", days=(date(2024, 5, 1), date(2024, 5, 1)), entries=2, points=1)

    text = render_alert(an_alert(children=(a_child(raises=(fact,)),)))

    assert "2 plans: 1 May 2024\n" in text


def test_where_all_dates_are_shown_none_are_said_to_be_earlier() -> None:
    fact = AlertFact(words="1 contact", days=(date(2024, 5, 1),), entries=1, points=1)

    assert "earlier" not in render_alert(an_alert(children=(a_child(raises=(fact,)),)))


def test_a_child_closed_on_another_day_has_its_own() -> None:
    children = (a_child(), a_child(person="k1_" + "ef" * 16, closing_day=date(2025, 5, 19)))

    text = render_alert(an_alert(children=children))

    assert [line for line in text.splitlines() if line.startswith("Closed on")] == [
        "Closed on     16 May 2025",
        "Closed on     19 May 2025",
    ]


def test_no_line_is_wider_than_the_terminal() -> None:
    long = a_child(missing=("a sentence that goes on " * 12,), meaning="about 12 in 100 closures like this one " * 6)

    assert max(len(line) for line in render_alert(an_alert(children=(long,))).splitlines()) == WIDTH


def test_text_from_a_topic_cannot_move_the_cursor() -> None:
    assert "\x1b" not in render_alert(an_alert(caveat="before\x1b[2Jafter"))
