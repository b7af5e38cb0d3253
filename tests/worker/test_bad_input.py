"""Bad input on the running worker: each record is exactly one refusal, with its bytes, and no neighbour notices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecda_stream.worker.dead_letters import original_headers
from ecda_stream.worker.reading import Found
from tests.worker.system import (
    LOG,
    LONGEST_SECONDS,
    SCORES,
    SOCIAL_CARE,
    Raw,
    System,
    a_child,
    a_closure,
    an_event,
    running_system,
    structured,
)

pytestmark = pytest.mark.broker

SURNAME, FORENAME, STREET = "Quillfeather", "Zebedee", "Marzipan Lane"
PLANTED = (SURNAME, FORENAME, STREET, "4010232137", "2009-07-21", "PLANTED77", "H801200001001")


def planted(number: int) -> dict[str, Any]:
    """A child with everything personal that could leak."""
    return a_child(
        number,
        forename=FORENAME,
        surname=SURNAME,
        birth_date="2009-07-21",
        postcode=STREET,
        identifiers=[
            {"kind": "la_child_id", "value": f"PLANTED77{number}"},
            {"kind": "nhs_number", "value": "4010232137"},
            {"kind": "upn", "value": "H801200001001"},
        ],
    )


def closure_of(place: int, **changes: Any) -> dict[str, Any]:
    return an_event(f"planted-{place}-{SURNAME}", "closure.recorded.v1", a_closure(place, people=[planted(place)], **changes))


def document_of(number: int, text: str) -> dict[str, Any]:
    data = {"people": [planted(number)], "referral_date": "2025-01-10", "kind": "referral", "written_date": "2025-01-10", "text": text}
    return an_event(f"document-{number}", "document.recorded.v1", data)


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def on_day(days: int) -> str:
    return in_days(days)[:10]


NOTHING_USABLE = [a_child(1, identifiers=[{"kind": "upn", "value": "A111111111111"}, {"kind": "nhs_number", "value": "1234567890"}])]

NULL_HEADER: list[tuple[str, Any]] = [("ce_specversion", b"1.0"), ("ce_id", None)]  # Java clients can send it
DECISION = an_event(
    "mode",
    "mode.changed.v1",
    {"stream": "re_referral", "mode": "shadow", "reason": "a-test", "decision_date": "2026-01-05"},
    source="/881/review",
)

BAD: dict[str, tuple[str, Raw]] = {
    "not JSON": ("not-json", Raw(b"{" + SURNAME.encode())),
    "not UTF-8": ("not-json", Raw(b"\xff\xfe\x00")),
    "JSON of another shape": ("wrong-shape", Raw(json.dumps([SURNAME]).encode())),
    "an object that is no CloudEvent": ("wrong-shape", Raw(json.dumps({"name": SURNAME}).encode())),
    "unknown event type": ("unknown-type", structured(an_event("u", "closure.imagined.v1", {"people": [planted(2)]}))),
    "wrong code in a field that matters": ("wrong-code", structured(closure_of(3, closure_reason="RC99"))),
    "recorded after it arrived": ("recorded-in-future", structured({**closure_of(4), "recordedtime": in_days(3)})),
    "happened after it was recorded": (
        "happened-in-future",
        structured({**closure_of(5), "recordedtime": "2025-03-01T10:00:00"}),
    ),
    "happened after it arrived": ("happened-in-future", structured(closure_of(6, closure_date=on_day(5)))),
    "closure before referral": ("8630", structured(closure_of(7, closure_date="2024-12-31"))),
    "closure without reason": ("8805", structured(closure_of(8, closure_reason=None))),
    "reason without closure": ("8810", structured(closure_of(9, closure_date=None))),
    "5 MB text": ("text-too-long", structured(document_of(10, f"{SURNAME} " * 400_000))),
    "empty value": ("empty-value", Raw(b"")),
    "tombstone": ("tombstone", Raw(None)),
    "lone surrogates": ("not-unicode", Raw(json.dumps(document_of(11, "x")).replace('"x"', '"\\ud800 text"').encode())),
    "10,000 levels of nesting": ("nested-too-deep", Raw(b'{"data":' * 10_000 + b"1" + b"}" * 10_000)),
    "NaN": ("not-a-number", Raw(json.dumps(closure_of(12, weight=float("nan"))).encode())),
    "no usable identifier at all": (
        "no-usable-identifier",
        structured(an_event("n", "closure.recorded.v1", a_closure(1, people=NOTHING_USABLE))),
    ),
    "a header without a value": ("wrong-field", Raw(b"{}", headers=NULL_HEADER)),
    "a decision that does not come through the review topic": ("wrong-source", structured(DECISION)),
    "more values than any event has": ("too-many-values", Raw(json.dumps({"specversion": "1.0", "data": [{}] * 20_000}).encode())),
    "another authority in the source": ("authority-mismatch", structured({**closure_of(13), "source": "/882/social_care"})),
    "a date that is none": ("wrong-field", structured(closure_of(14, closure_date="2025-02-30"))),
}

SET_ASIDE: dict[str, tuple[str, dict[str, Any]]] = {
    "bad check digit": (
        'kind="upn",reason="wrong-check-digit"',
        a_child(21, identifiers=[{"kind": "la_child_id", "value": "INVENTED21"}, {"kind": "upn", "value": "A801200001001"}]),
    ),
    "wrong code for sex": ('kind="sex",reason="wrong-code"', a_child(22, sex="X9")),
    "wrong code for ethnicity": ('kind="ethnicity",reason="wrong-code"', a_child(23, ethnicity="ZZZZ")),
    "wrong code for disability": ('kind="disability",reason="wrong-code"', a_child(24, disabilities=["AUT", "NOPE"])),
}


GOOD_AND_PERSONAL = [
    {**closure_of(50), "recordedtime": "2025-03-05T09:00:00", "subject": SURNAME, "nickname": FORENAME},
    document_of(50, f"{FORENAME} {SURNAME} of {STREET}, born 2009-07-21, was seen at home. No concerns about neglect."),
]


class Run:
    """Everything bad at once, each between two good neighbours, in one partition."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.before = system.pids()
        records: list[Raw] = []
        for number, (_, raw) in enumerate(BAD.values()):
            records += [structured(an_event(f"good-{number}", "closure.recorded.v1", a_closure(1000 + number))), raw]
        records += [structured(event) for event in GOOD_AND_PERSONAL]
        for name, (_, child) in SET_ASIDE.items():
            records.append(structured(an_event(name, "closure.recorded.v1", a_closure(1, people=[child]))))
        system.publish_raw(records)
        system.wait_until_through(LONGEST_SECONDS)
        self.letters = system.all(f"{SOCIAL_CARE}.dlq")
        self.offsets = {name: 2 * place + 1 for place, name in enumerate(BAD)}

    def letters_of(self, name: str) -> list[Found]:
        return [
            letter for letter in self.letters if dict(letter.headers)["__streams.errors.offset"] == str(self.offsets[name]).encode()
        ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with running_system(tmp_path_factory.mktemp("bad-input")) as system:
        yield Run(system)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_record_is_exactly_one_refusal_with_its_reason_and_its_bytes(run: Run, name: str) -> None:
    code, raw = BAD[name]

    letters = run.letters_of(name)

    assert [dict(letter.headers)["dlq-reason-code"].decode() for letter in letters] == [code]
    assert letters[0].value == raw.value
    assert letters[0].key == raw.key
    assert tuple(original_headers(letters[0].headers)) == tuple(raw.headers)


def test_every_neighbour_of_a_bad_record_is_scored(run: Run) -> None:
    entries = [json.loads(found.value or b"null") for found in run.system.all(LOG)]
    closures = [entry for entry in entries if entry["type"] == "closure.recorded.v1"]
    scores = run.system.all(SCORES)

    assert len(closures) == len(BAD) + len(SET_ASIDE) + 1
    assert len({found.key for found in scores}) == len(closures)
    assert any(entry["type"] == "document.recorded.v1" for entry in entries)
    assert len(run.letters) == len(BAD)


@pytest.mark.parametrize("name", SET_ASIDE)
def test_a_value_that_is_not_usable_is_set_aside_and_counted(run: Run, name: str) -> None:
    labels, _ = SET_ASIDE[name]

    assert f"ecda_unusable_identifiers_total{{{labels}}} 1.0" in run.system.metrics("admit")


def test_no_worker_restarted(run: Run) -> None:
    assert run.system.pids() == run.before


def test_nothing_personal_is_in_logs_metrics_keys_or_headers(run: Run) -> None:
    said = run.system.logs() + run.system.metrics("admit") + run.system.metrics("re_referral")
    keys = b"".join(found.key or b"" for found in run.system.all(LOG, SCORES))
    reasons = b"".join(value for letter in run.letters for name, value in letter.headers if name.startswith(("dlq-", "__")))
    downstream = b"".join(found.value or b"" for found in run.system.all(LOG, SCORES))

    for word in PLANTED:
        assert word not in said
        assert word.encode() not in keys
        assert word.encode() not in reasons
        assert word.encode() not in downstream


def test_the_dead_letters_are_where_the_metrics_say(run: Run) -> None:
    text = run.system.metrics("admit")

    for code in {code for code, _ in BAD.values()}:
        number = sum(code == other for other, _ in BAD.values())
        assert f'ecda_refusals_total{{reason_code="{code}",stage="admit",topic="{SOCIAL_CARE}"}} {number}.0' in text
