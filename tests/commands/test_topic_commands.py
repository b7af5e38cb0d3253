"""The commands that read topics, against a real Kafka that holds what the files of `made` hold."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ecda_stream.contract.canonical import hash_of
from ecda_stream.contract.source_event import SourceRecord, decode
from ecda_stream.errors import InvalidEvent
from ecda_stream.files.topics import load_topics
from ecda_stream.local import kafka
from ecda_stream.worker.dead_letters import dead_letter
from ecda_stream.worker.outbox import Headers, Outbox, Sending
from ecda_stream.worker.reading import read_topics
from ecda_stream.worker.settings import load_settings
from ecda_stream.worker.topics import create_topics
from tests.commands.cases import AUTHORITY, CHILD, ROOT, events
from tests.commands.conftest import Run, run_command

pytestmark = pytest.mark.broker

ALERTS, SCORES, LOG = "ecda.re_referral.alerts.v1", "ecda.re_referral.scores.v1", "ecda.event_log.v1"
REVIEW = "ecda.source.review.v1"
POLICE, HOUSING = "ecda.source.police.v1", "ecda.source.housing.v1"
NAME = "Dilly Notareal"
REFUSED = f'{{"specversion":"1.0","note":"{NAME}"}}'.encode()
# A source can name a header as ours are named, and gets it back.
ORIGINAL_HEADERS = (("ce_id", NAME.encode()), ("traceparent", b"00-1"), ("dlq-note", NAME.encode()))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def letter(topic: str, offset: int, code: str, value: bytes | None = REFUSED, stage: str = "admit") -> Sending:
    key, when = NAME.encode(), datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    record = SourceRecord(topic, 3, offset, key, value, dict(ORIGINAL_HEADERS), when)
    return dead_letter(record, ORIGINAL_HEADERS, stage, InvalidEvent(code, "data.note (extra)"), "ecda.admit", when)


def records_of(out: Path, topic: str) -> list[Sending]:
    """The lines of scores.jsonl or alerts.jsonl as records, their values the very bytes."""
    sendings = []
    for line in out.read_bytes().splitlines():
        parsed, value = json.loads(line), line.partition(b'"value":')[2][:-1]
        sendings.append(Sending(topic, parsed["partition"], parsed["key"].encode(), value))
    return sendings


def deliver(bootstrap: str, sendings: Sequence[Sending]) -> None:
    async def send() -> None:
        outbox = Outbox(load_settings(bootstrap=bootstrap))
        await outbox.start()
        await outbox.deliver(sendings)
        await outbox.stop()

    asyncio.run(send())


@pytest.fixture(scope="module")
def holed_log(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log after compaction: its third record is gone, and its last is a tombstone."""
    records = lines(made / "log.jsonl")
    del records[2]
    records[-1]["value"] = None
    path = tmp_path_factory.mktemp("log") / "holed.jsonl"
    canonical = [json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for record in records]
    path.write_text("".join(f"{line}\n" for line in canonical), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bootstrap(kafka_broker: kafka.Broker, made: Path, holed_log: Path) -> str:
    """The planned topics, with the alerts and scores of `made`, four letters, and the log that `log import` makes."""
    address = kafka_broker.bootstrap
    asyncio.run(create_topics(address, load_topics(ROOT / "deploy/kafka/topics.yaml")))
    letters = [
        letter(POLICE, 7, "wrong-shape"),
        letter(POLICE, 8, "tombstone", value=None),
        letter(HOUSING, 1, "not-json"),
        letter(LOG, 5, "bad-entry", stage="score"),
    ]
    outputs = [*records_of(made / "out/alerts.jsonl", ALERTS), *records_of(made / "out/scores.jsonl", SCORES)]
    deliver(address, [*outputs, *letters])
    looked = run_command("log", "import", holed_log, "--bootstrap", address)
    assert (looked.exit_code, "--yes does it" in looked.stderr) == (0, True), looked.output
    imported = run_command("log", "import", holed_log, "--bootstrap", address, "--yes")
    assert imported.exit_code == 0, imported.output
    return address


@pytest.fixture
def alert_id(made: Path) -> str:
    return str(lines(made / "out/alerts.jsonl")[0]["key"])


def test_the_list_shows_the_latest_revision_of_each_alert(run: Run, bootstrap: str, alert_id: str) -> None:
    result = run("alerts", "list", "--bootstrap", bootstrap)

    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0][:3] == ["CLOSED", "AUTHORITY", "ALERT"]
    assert [row[:3] for row in rows[1:]] == [["2025-05-16", AUTHORITY, alert_id[:10]]]
    assert rows[1][4:7] == ["withdrawn", "score", "DEMO"]
    assert "earlier closures in two years" in result.stdout


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--authority", AUTHORITY], 1),
        (["--authority", "330"], 0),
        (["--status", "withdrawn"], 1),
        (["--status", "open"], 0),
        (["--since", "2025-05-16"], 1),
        (["--since", "2025-05-17"], 0),
    ],
)
def test_the_list_can_be_narrowed(run: Run, bootstrap: str, options: list[str], found: int) -> None:
    assert len(json.loads(run("alerts", "list", "--bootstrap", bootstrap, "--json", *options).stdout)) == found


def test_an_alert_is_shown_by_the_first_digits_of_its_id(run: Run, bootstrap: str, alert_id: str) -> None:
    result = run("alerts", "show", alert_id[:6], "--bootstrap", bootstrap)

    assert result.exit_code == 0
    assert f"Alert {alert_id[:10]}    WITHDRAWN    revision 1" in result.stdout
    assert "2 revisions" in result.stderr


def test_all_revisions_of_an_alert_can_be_read_in_order(run: Run, bootstrap: str, alert_id: str) -> None:
    result = run("alerts", "show", alert_id, "--history", "--json", "--bootstrap", bootstrap)

    assert [alert["revision"] for alert in json.loads(result.stdout)] == [0, 1]


def test_an_id_that_no_alert_has_is_a_failure(run: Run, bootstrap: str) -> None:
    result = run("alerts", "show", "zzz", "--bootstrap", bootstrap)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "no alerts of re_referral" in result.stderr


@pytest.mark.parametrize("what", ["alerts", "scores"])
def test_an_export_is_byte_for_byte_the_file_that_replay_writes(
    run: Run, bootstrap: str, made: Path, tmp_path: Path, what: str
) -> None:
    result = run(what, "export", "--out", tmp_path / "out.jsonl", "--bootstrap", bootstrap)

    assert result.exit_code == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (made / f"out/{what}.jsonl").read_bytes()


def test_the_latest_alerts_can_be_exported_alone(run: Run, bootstrap: str, made: Path, tmp_path: Path) -> None:
    run("alerts", "export", "--latest", "--out", tmp_path / "out.jsonl", "--bootstrap", bootstrap)

    assert (tmp_path / "out.jsonl").read_bytes().splitlines() == (made / "out/alerts.jsonl").read_bytes().splitlines()[-1:]


def test_opening_an_alert_prints_the_case_and_logs_who_asked_why_without_it(
    run: Run, bootstrap: str, made: Path, tmp_path: Path, alert_id: str
) -> None:
    log = tmp_path / "openings.jsonl"
    opening = ("alerts", "open", alert_id, "--private-key", made / "secrets/review_private.key", "--bootstrap", bootstrap)

    result = run(*opening, "--reason", "allocated to me", "--opening-log", log, "--json")

    [opened] = json.loads(result.stdout)["references"]
    assert opened["reference"]["la_child_id"] == CHILD
    [logged] = lines(log)
    assert (logged["alert_id"], logged["reason"], logged["references"]) == (alert_id, "allocated to me", 1)
    assert CHILD not in log.read_text()


@pytest.mark.parametrize(
    ("key", "reason", "log", "code"),
    [
        ("pseudonymisation.key", "allocated to me", "openings.jsonl", 1),
        ("review_public.key", "allocated to me", "openings.jsonl", 1),
        ("review_private.key", "  ", "openings.jsonl", 2),
        ("review_private.key", "allocated to me", "folder", 2),
    ],
    ids=["no key", "another key", "no reason", "no place for the log"],
)
def test_nothing_is_opened_without_key_reason_and_log(
    run: Run, bootstrap: str, made: Path, tmp_path: Path, alert_id: str, key: str, reason: str, log: str, code: int
) -> None:
    (tmp_path / "folder").mkdir()
    opening = ("alerts", "open", alert_id, "--private-key", made / "secrets" / key, "--bootstrap", bootstrap)

    result = run(*opening, "--reason", reason, "--opening-log", tmp_path / log)

    assert (result.exit_code, result.stdout) == (code, "")
    assert not (tmp_path / "openings.jsonl").exists()


def test_an_opening_is_an_event_without_the_reason_and_without_the_case(
    run: Run, bootstrap: str, made: Path, tmp_path: Path, alert_id: str
) -> None:
    log = tmp_path / "openings.jsonl"
    opening = ("alerts", "open", alert_id, "--bootstrap", bootstrap, "--reason", "allocated to me", "--opening-log", log)

    result = run(*opening, "--reviewer", "R7", env={"ECDA_REVIEW_PRIVATE_KEY_FILE": str(made / "secrets/review_private.key")})

    *_, last = read_topics(load_settings(bootstrap=bootstrap), REVIEW)
    opened = decode(SourceRecord(last.topic, last.partition, last.offset, last.key, last.value, dict(last.headers), datetime.now(UTC)))
    assert result.exit_code == 0
    assert opened.envelope.type == "uk.csc.alert.opened.v1"
    assert opened.data.model_dump()["access_id"] == hash_of(log.read_text(encoding="utf-8"))
    assert CHILD not in str(last)
    assert b"allocated" not in (last.value or b"")


def test_of_a_withdrawn_alert_nothing_can_be_decided(run: Run, bootstrap: str, alert_id: str) -> None:
    result = run("alerts", "decide", alert_id, "agree", "--reason", "seen", "--bootstrap", bootstrap)

    assert result.exit_code == 1
    assert "withdrawn" in result.stderr


@pytest.mark.parametrize("reason", ["  ", "...", "9434765919", "born 2015-03-27"])
def test_a_reason_that_says_nothing_or_who_is_refused(run: Run, bootstrap: str, alert_id: str, reason: str) -> None:
    assert run("alerts", "decide", alert_id, "agree", "--reason", reason, "--bootstrap", bootstrap).exit_code == 2


def test_closures_are_counted_by_the_outcome_of_their_latest_score(run: Run, bootstrap: str) -> None:
    counted = json.loads(run("scores", "list", "--json", "--bootstrap", bootstrap).stdout)

    reasons = {(row["outcome"], row["reason"]): row["closures"] for row in counted["counts"]}
    assert counted["closures"] == 5 < counted["records"]
    assert reasons[("scored", "fell-below-threshold")] == 1
    assert reasons[("not_scored", "retracted")] == 1


def test_a_score_is_shown_as_its_latest_record(run: Run, bootstrap: str, made: Path) -> None:
    last = {line["key"]: line["value"] for line in lines(made / "out/scores.jsonl")}

    for key, value in last.items():
        assert json.loads(run("scores", "show", key, "--bootstrap", bootstrap).stdout) == value


def test_refused_records_are_counted_by_reason_in_words(run: Run, bootstrap: str) -> None:
    result = run("dlq", "list", "--bootstrap", bootstrap)

    assert f"{POLICE}.dlq" in result.stdout
    assert "the value is not JSON in UTF-8" in result.stdout
    assert NAME not in result.output


@pytest.mark.parametrize("command", [["list", "--records"], ["list", "--records", "--json"], ["list", "--json"]], ids=" ".join)
def test_a_list_of_refused_records_holds_nothing_of_their_content(run: Run, bootstrap: str, command: list[str]) -> None:
    result = run("dlq", *command, "--bootstrap", bootstrap)

    assert "wrong-shape" in result.stdout
    assert "Notareal" not in result.output


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_one_refused_record_is_explained_without_its_content(run: Run, bootstrap: str, options: list[str]) -> None:
    result = run("dlq", "show", POLICE, "3", "0", "--bootstrap", bootstrap, *options)

    assert result.exit_code == 0
    assert "wrong-shape" in result.stdout
    assert "ce_id" in result.stdout
    assert ("Notareal" in result.output, "traceparent" in result.output) == (False, False)


def test_its_bytes_are_shown_on_demand_with_a_warning(run: Run, bootstrap: str) -> None:
    result = run("dlq", "show", POLICE, "3", "0", "--raw", "--bootstrap", bootstrap)

    assert result.stdout.encode() == REFUSED
    assert "as sensitive as its source" in result.stderr


def test_key_value_and_headers_come_back_as_they_were(run: Run, bootstrap: str) -> None:
    shown = json.loads(run("dlq", "show", POLICE, "3", "0", "--raw", "--json", "--bootstrap", bootstrap).stdout)

    assert base64.b64decode(shown["key"]) == NAME.encode()
    assert base64.b64decode(shown["value"]) == REFUSED
    assert [(name, base64.b64decode(value)) for name, value in shown["headers"]] == list(ORIGINAL_HEADERS)


@pytest.mark.parametrize("place", [("no.such.topic", "0", "0"), (POLICE, "3", "99")], ids=["topic", "offset"])
def test_a_place_where_no_letter_stands_is_an_error(run: Run, bootstrap: str, place: tuple[str, str, str]) -> None:
    assert run("dlq", "show", *place, "--bootstrap", bootstrap).exit_code in (1, 2)


def test_without_yes_a_replay_only_says_what_it_would_do(run: Run, bootstrap: str, tmp_path: Path) -> None:
    log = tmp_path / "replays.jsonl"

    result = run("dlq", "replay", "--reason-for-replay", "a test", "--replay-log", log, "--json", "--bootstrap", bootstrap)

    assert json.loads(result.stdout)["published"] is False
    assert sum(row["records"] for row in json.loads(result.stdout)["replayed"]) == 2
    assert json.loads(result.stdout)["left"] == {"a record without a value": 1, "not refused by admit": 1}
    assert not log.exists()
    assert list(read_topics(load_settings(bootstrap=bootstrap), POLICE)) == []


def test_a_replayed_record_is_the_one_that_was_refused(run: Run, bootstrap: str, tmp_path: Path) -> None:
    log = tmp_path / "replays.jsonl"
    replay = ("dlq", "replay", "--topic", HOUSING, "--reason", "not-json", "--yes", "--replay-log", log, "--bootstrap", bootstrap)

    result = run(*replay, "--reason-for-replay", "the reader was mended")

    [back] = read_topics(load_settings(bootstrap=bootstrap), HOUSING)
    headers: Headers = back.headers
    assert result.exit_code == 0
    assert (back.partition, back.key, back.value, headers) == (3, NAME.encode(), REFUSED, ORIGINAL_HEADERS)
    [logged] = lines(log)
    assert logged["reason"] == "the reader was mended"
    assert logged["replayed"] == [{"topic": HOUSING, "reason_code": "not-json", "records": 1}]


def test_a_position_alone_is_not_enough_to_choose_letters(run: Run, bootstrap: str) -> None:
    assert run("dlq", "replay", "--reason-for-replay", "a test", "--offset", "3", "--bootstrap", bootstrap).exit_code == 2


def test_a_log_comes_back_as_the_file_that_was_imported_with_the_same_offsets(
    run: Run, bootstrap: str, holed_log: Path, tmp_path: Path
) -> None:
    result = run("log", "export", "--out", tmp_path / "log.jsonl", "--bootstrap", bootstrap)

    exported = (tmp_path / "log.jsonl").read_bytes().splitlines()
    assert result.exit_code == 0
    assert [line for line in exported if b'"key":"compacted-' not in line] == holed_log.read_bytes().splitlines()
    assert [record["offset"] for record in lines(tmp_path / "log.jsonl")] == list(range(len(events())))


def test_an_exported_log_can_be_replayed(run: Run, bootstrap: str, tmp_path: Path) -> None:
    run("log", "export", "--out", tmp_path / "log.jsonl", "--bootstrap", bootstrap)

    assert run("replay", "re_referral", tmp_path / "log.jsonl", "--out", tmp_path).exit_code == 0


def test_nothing_is_imported_into_a_log_that_is_not_empty(run: Run, bootstrap: str, made: Path) -> None:
    result = run("log", "import", made / "log.jsonl", "--yes", "--bootstrap", bootstrap)

    assert result.exit_code == 1
    assert "is not empty: offsets would differ" in result.stderr


def test_a_log_whose_offsets_do_not_ascend_is_not_imported(run: Run, bootstrap: str, made: Path, tmp_path: Path) -> None:
    whole = (made / "log.jsonl").read_bytes()
    (tmp_path / "twice.jsonl").write_bytes(whole + whole)

    result = run("log", "import", tmp_path / "twice.jsonl", "--yes", "--bootstrap", bootstrap)

    assert result.exit_code == 1
    assert "do not ascend" in result.stderr
