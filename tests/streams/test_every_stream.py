"""What every stream promises: it loads, its examples behave, and its golden log gives the golden scores and alerts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecda_stream.contract.events import EVENT_TYPES
from ecda_stream.contract.refusal import REASONS
from ecda_stream.contract.source_event import arrived_as_stated
from ecda_stream.errors import InvalidEvent
from ecda_stream.files.stream import load_stream
from ecda_stream.identity.sealed import Sealer
from ecda_stream.identity.tokens import Secret
from ecda_stream.pipeline import Desk, admit
from ecda_stream.replay import admit_file, record_of_line, replay
from tests.builders import ROOT, a_desk, the_reader

STREAMS = sorted(path.parent for path in (ROOT / "streams").glob("*/stream.yaml"))
VALID = sorted(path for folder in STREAMS for path in folder.glob("examples/valid/*.json"))
REFUSED = sorted(path for folder in STREAMS for path in folder.glob("examples/refused/*.json"))
GOLDEN = [folder / "golden" for folder in STREAMS]

NOT_OF_CONTENT = {"tombstone", "record-too-large", "text-too-long", "entry-too-large", "state-too-large", "bad-entry"}
"""Reasons that no readable example has: of records without value, of size, of the score worker."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "streams").as_posix()


def _desk(golden: Path) -> Desk:
    key_id, key = (golden / "test.key").read_text().split()
    secret = Secret(key_id, bytes.fromhex(key))
    return Desk(the_reader(), secret, Sealer(secret, bytes.fromhex((golden / "test_review_public.key").read_text())))


@pytest.mark.parametrize("folder", STREAMS, ids=_name)
def test_it_loads_and_has_enough_features(folder: Path) -> None:
    stream = load_stream(folder.name, ROOT / "streams", ROOT / "models")

    assert stream.definition.stream == folder.name
    assert len(stream.definition.features) >= 40


@pytest.mark.parametrize("folder", STREAMS, ids=_name)
def test_every_feature_can_be_said_to_a_reviewer(folder: Path) -> None:
    for spec in load_stream(folder.name, ROOT / "streams", ROOT / "models").definition.features:
        assert spec.missing == "never" or spec.wording.missing or spec.wording.many, spec.name
        said = "{level}" if spec.measure == "level" else "{value}"
        yes_or_no = (
            spec.measure in ("missing", "latest", "together") and spec.range == (0, 1) and spec.wording.none and spec.wording.one
        )
        assert said in spec.wording.many or yes_or_no, spec.name


@pytest.mark.parametrize("folder", STREAMS, ids=_name)
def test_it_holds_no_python_and_says_who_reads_it(folder: Path) -> None:
    assert not list(folder.rglob("*.py"))
    assert (folder / "README.md").is_file()


@pytest.mark.parametrize("path", VALID, ids=_name)
def test_a_valid_example_is_admitted(path: Path) -> None:
    admit(record_of_line(path.name, 0, path.read_bytes()), a_desk(), arrived_as_stated)


@pytest.mark.parametrize("path", REFUSED, ids=_name)
def test_a_refused_example_is_refused_with_the_reason_in_its_name(path: Path) -> None:
    with pytest.raises(InvalidEvent) as refused:
        admit(record_of_line(path.name, 0, path.read_bytes()), a_desk(), arrived_as_stated)

    assert refused.value.reason_code == path.name.split(".")[0]


@pytest.mark.parametrize("folder", STREAMS, ids=_name)
def test_the_examples_cover_every_reason_and_many_types(folder: Path) -> None:
    refused = {path.name.split(".")[0] for path in REFUSED if folder in path.parents}
    types = {json.loads(path.read_bytes())["type"] for path in VALID if folder in path.parents}

    assert refused == set(REASONS) - NOT_OF_CONTENT
    assert len(types) >= 10
    assert types <= set(EVENT_TYPES)


@pytest.mark.parametrize("golden", GOLDEN, ids=_name)
def test_the_golden_events_give_the_golden_log(golden: Path, tmp_path: Path) -> None:
    admit_file(golden / "events.jsonl", tmp_path / "log.jsonl", None, _desk(golden), 32, "arrivedtime")

    assert (tmp_path / "log.jsonl").read_bytes() == (golden / "log.jsonl").read_bytes()


@pytest.mark.parametrize("golden", GOLDEN, ids=_name)
def test_the_golden_log_gives_the_golden_scores_and_alerts(golden: Path, tmp_path: Path) -> None:
    replay(golden / "log.jsonl", tmp_path, load_stream(golden.parent.name, ROOT / "streams", ROOT / "models"))

    for name in ("scores.jsonl", "alerts.jsonl"):
        assert (tmp_path / name).read_bytes() == (golden / name).read_bytes(), name
    assert (tmp_path / "refusals.jsonl").read_bytes() == b""


def _golden(name: str, authority: str, *closing_days: str) -> list[dict[str, Any]]:
    """Return the golden records of one authority and these closing days, in order."""
    lines = (ROOT / "streams/re_referral/golden" / name).read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["value"] for line in lines]
    return [value for value in values if value["authority"] == authority and value["closing_day"] in closing_days]


def test_golden_siblings_counted_by_hand() -> None:
    """Authority 881: two siblings, each referred on 2024-06-03, 2024-10-07, 2025-04-07 and 2026-01-05, closed three times, then
    closed on 2026-03-02.

    Referrals in two years (from 2024-03-02): 4 -> +3. In five years: 4 -> +1. Earlier closures in two years: 3 -> +4; in five: 3 -> +1.
    No protection plan -1; no child in need plan, section 47 enquiry or care: 0. Together 8, the threshold. The first closure raises
    the alert; the second, on 2026-03-03 in the log, is its first revision. On 2026-03-05 arrives a section 47 enquiry of the second
    child: +1, so 9 (the first is scored again, because a relative's level rose, with the same 8). On 2026-03-06 the first closure is
    moved to 2026-03-04: one more revision of the same alert.
    """
    scores = _golden("scores.jsonl", "881", "2026-03-02", "2026-03-04")
    alerts = _golden("alerts.jsonl", "881", "2026-03-02", "2026-03-04")

    assert sorted((score["closing_day"], score["revision"], score["points"]) for score in scores) == [
        ("2026-03-02", 0, 8),
        ("2026-03-02", 0, 8),
        ("2026-03-02", 1, 8),
        ("2026-03-02", 1, 9),
        ("2026-03-04", 2, 8),
    ]
    assert len({alert["alert_id"] for alert in alerts}) == 1
    assert [(alert["revision"], [child["points"] for child in alert["children"]]) for alert in alerts] == [
        (0, [8]),
        (1, [8, 8]),
        (2, [8, 9]),
        (3, [8, 9]),
    ]


def test_a_golden_alert_withdrawn_counted_by_hand() -> None:
    """Authority 882: referred on 2021-09-06, 2024-05-07 and 2025-11-03; closed on 2022-03-01, 2025-03-31 and 2026-02-16.

    In two years before 2026-02-16 (from 2024-02-16): 2 referrals -> +1, 1 closure -> +2, 1 child in need plan -> +1, 1 section 47
    enquiry -> +1. In five years (from 2021-02-15): 3 referrals -> +1, 2 closures -> 0. Ever: 1 protection plan -> +2, looked after
    once -> +2. Together 10: an alert. On 2026-02-20 the closure is retracted: not scored, and the alert is withdrawn.
    """
    first, second = _golden("scores.jsonl", "882", "2026-02-16")
    opened, withdrawn = _golden("alerts.jsonl", "882", "2026-02-16")

    assert (first["points"], first["decision"]["alert"], second["outcome"], second["reason"]) == (10, True, "not_scored", "retracted")
    assert [opened["status"], withdrawn["status"]] == ["open", "withdrawn"]
    assert opened["alert_id"] == withdrawn["alert_id"]


def test_a_golden_late_entry_counted_by_hand() -> None:
    """Authority 925: one referral, no earlier closure, no plan: -1 - 1 - 1 - 1 = -4 (five years: 1 referral, 0).

    A week after the closure of 2025-11-24 a section 47 enquiry of 2025-10-20 arrives: +1, so -3. The referral of 2025-12-08 happened
    after the closure and changes nothing.
    """
    scores = _golden("scores.jsonl", "925", "2025-11-24")

    assert [(score["revision"], score["points"]) for score in scores] == [(0, -4), (1, -3)]
    assert [score["features"]["referrals_2y"] for score in scores] == [1, 1]
    assert [score["features"]["s47_2y"] for score in scores] == [0, 1]


def test_every_reason_not_to_score_is_in_the_golden_log() -> None:
    reasons = {
        json.loads(line)["value"].get("reason") for line in (ROOT / "streams/re_referral/golden/scores.jsonl").read_text().splitlines()
    }
    rules = load_stream("re_referral", ROOT / "streams", ROOT / "models").definition.trigger.not_scored

    assert reasons == {None, "too-old", "retracted", *(rule.reason for rule in rules)}
