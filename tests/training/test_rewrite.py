"""The log as it would be without mistakes of linking and reading; and how much was read of what texts were made to say."""

from __future__ import annotations

from datetime import date

from ecda_stream.contract.entry import Entry, LogRecord
from ecda_stream.identity.families import family_of
from ecda_stream.identity.tokens import Secret
from ecda_stream.training.reading import ReadingTally
from ecda_stream.training.rewrite import Both, TrueFacts, TrueLinks
from ecda_stream.training.truth import Mention, Truth
from ecda_stream.training.watch import Rewrite
from tests.builders import (
    AUTHORITY,
    Event,
    State,
    a_child,
    a_closure,
    a_document,
    a_draft,
    a_referral,
    admit_events,
    admitted,
    an_event,
    feature,
    fold_all,
    last_score,
    scores_in,
    siblings,
)

POLICE = [{"kind": "police:nominal", "value": "N7"}]


def truth_of(secret: Secret, **people: tuple[str, str]) -> Truth:
    """Return the truth about identifiers, each `la_child_id` or the police's number."""
    kinds = {name: "police:nominal" if name.startswith("N") else "la_child_id" for name in people}
    return Truth({secret.token(AUTHORITY, kinds[name], name): who for name, who in people.items()}, {}, {})


def rewritten(events: list[Event], rewrite: Rewrite) -> list[LogRecord]:
    """Return the log of events with each entry rewritten."""
    return [record.model_copy(update={"value": rewrite(entry)}) for record in admit_events(events) if (entry := record.value)]


def a_missing_episode(people: list[dict[str, object]]) -> dict[str, object]:
    return an_event("missing.started.v1", None, start_date="2026-02-02", missing_type="M", people=people)


def test_true_links_join_what_no_identifier_joins(secret: Secret) -> None:
    events = [a_referral(), a_missing_episode([a_child(identifiers=POLICE)]), a_closure()]
    rewrite = TrueLinks(truth_of(secret, C1=("one", "F"), N7=("one", "F")))

    [joined] = scores_in(fold_all(rewritten(events, rewrite)))

    assert feature("missing_episodes_1y", *events) == 0
    assert joined.features["missing_episodes_1y"] == 1


def test_true_links_make_families_that_nobody_stated_and_forget_those_that_were_stated_wrongly(secret: Secret) -> None:
    events = [siblings("C1", "C2"), a_referral("C3"), a_referral("C1"), a_referral("C2")]
    rewrite = TrueLinks(truth_of(secret, C1=("p1", "A"), C3=("p3", "A"), C2=("p2", "B")))
    state: State = {}

    fold_all(rewritten(events, rewrite), state=state)
    families = {}
    for name in ("C1", "C2", "C3"):
        [identifier] = rewrite(admitted(a_referral(name))).people[0].identifiers
        [[_, person]] = state["identifiers", identifier.token]
        families[name] = family_of(a_draft(state), person, 99, date(2026, 1, 5)).name

    assert families["C1"] == families["C3"] != families["C2"]


def test_an_entry_about_two_families_makes_them_no_one_family(secret: Secret) -> None:
    rewrite = TrueLinks(truth_of(secret, C1=("p1", "A"), C2=("p2", "B")))

    assert rewrite(admitted(siblings("C1", "C2"))).family is None
    assert rewrite(admitted(siblings("C1", "C2"))).relations == ()


def test_whom_the_truth_does_not_know_stays_as_the_log_has_it(secret: Secret) -> None:
    entry = admitted(a_referral("C9"))

    assert TrueLinks(truth_of(secret, C1=("p1", "A")))(entry).people == entry.people


def planted(entry: Entry, *mentions: Mention) -> Truth:
    return Truth({}, {}, {entry.event_id: mentions})


def test_true_facts_replace_the_findings_and_keep_length_and_lexicon() -> None:
    entry = admitted(a_document(text="There is domestic abuse in the home."))
    past = Mention("neglect", "past", "mother")

    told = TrueFacts(planted(entry, past, past, Mention("gangs", "possible", None)))(entry)

    assert told.document is not None
    assert entry.document is not None
    found = [(one.concept, one.negated, one.historical, one.hypothetical, one.experiencer, one.count) for one in told.document.findings]
    assert found == [("neglect", False, True, False, "mother", 2), ("gangs", False, False, True, None, 1)]
    assert (told.document.words, told.document.kind, told.lexicon) == (entry.document.words, "referral", entry.lexicon)


def test_a_denied_mention_counts_as_ruled_out_and_a_current_one_as_spoken_of(secret: Secret) -> None:
    events = [a_referral(), a_document(kind="assessment", text="Nothing of note."), a_closure()]
    entry = admitted(events[1])
    truth = planted(entry, Mention("neglect", "denied", "child"), Mention("domestic_abuse", "current", "child"))
    both = Both(TrueLinks(truth_of(secret)), TrueFacts(truth))

    [score] = scores_in(fold_all(rewritten(events, both)))

    assert last_score(*events).features["assessment_text_denied"] == 0
    assert score.features["assessment_text_denied"] == 1
    assert score.features["assessment_text_domestic_abuse"] == 1
    assert score.features["assessment_text_neglect"] == 0


def test_a_concept_that_no_reader_looks_for_is_left_out() -> None:
    entry = admitted(a_document())

    told = TrueFacts(planted(entry, Mention("weather", "current", None)))(entry)

    assert told.document is not None
    assert told.document.findings == ()


def test_reading_is_counted_by_mention_and_by_finding() -> None:
    """The text speaks of current domestic abuse; planted were that, past neglect, and the abuse once more as denied."""
    document = admitted(a_document(text="There is domestic abuse in the home.")).document
    assert document is not None
    tally = ReadingTally()

    tally.add(
        document,
        [
            Mention("domestic_abuse", "current", "child"),
            Mention("neglect", "past", "child"),
            Mention("domestic_abuse", "denied", "child"),
        ],
    )

    assert (tally.documents, tally.mentions, tally.concept_found, tally.status_found) == (1, 3, 2, 1)
    assert (tally.findings, tally.findings_planted) == (1, 1)
