"""The committed schemas are those of the contract, are JSON Schema, and say what admit does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from ecda_stream.commands.schemas import app, compare, rendered
from ecda_stream.contract.alert import Alert, AlertChild, AlertFact, Notice
from ecda_stream.contract.canonical import to_canonical_json
from ecda_stream.contract.codes import CODE_TABLES, CodeTable
from ecda_stream.contract.entry import Entry, EntryIdentifier, EntryPerson
from ecda_stream.contract.events import EVENT_TYPES, PREFIX
from ecda_stream.contract.refusal import REASONS, Refusal
from ecda_stream.contract.schemas import URN, generate_schemas
from ecda_stream.contract.score import Contribution, Decision, Digests, Position, ScoreRecord
from ecda_stream.contract.source_event import SourceRecord, decode
from ecda_stream.errors import InvalidEvent

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy/schemas"
EXAMPLES = ROOT / "streams/re_referral/examples/demo/events.jsonl"
FILES = generate_schemas()
SCHEMAS = {name: schema for name, schema in FILES.items() if name != "codes.json"}
TOKEN = "k1_" + "0" * 32
HERE = Position(partition=17, offset=4)
NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)

each_schema = pytest.mark.parametrize("name", SCHEMAS)


def nodes_of(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes_of(value)


def faults_in(name: str, instance: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMAS[name]).iter_errors(instance)]


def as_published(value: Any) -> Any:
    return json.loads(to_canonical_json(value))


def test_the_committed_schemas_are_those_of_the_contract() -> None:
    differing = compare(FOLDER, rendered())

    assert not differing, f"run `ecda-stream schemas write` and read the diff of deploy/schemas: {differing}"


@each_schema
def test_every_schema_is_json_schema_2020_12(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])

    assert SCHEMAS[name]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@each_schema
def test_every_schema_uses_standard_keywords_only(name: str) -> None:
    leaked = {"ge", "gt", "le", "lt"}

    assert not [node for node in nodes_of(SCHEMAS[name]) if leaked & node.keys()]


def test_every_schema_has_a_name_of_its_own() -> None:
    ids = [schema["$id"] for schema in SCHEMAS.values()]

    assert len(set(ids)) == len(ids)
    assert all(name.startswith(URN) for name in ids)


def test_every_event_type_has_a_schema() -> None:
    assert {f"events/{name.removeprefix(PREFIX)}.schema.json" for name in EVENT_TYPES} <= SCHEMAS.keys()


@pytest.mark.parametrize("table", CODE_TABLES, ids=lambda table: table.name)
def test_every_enum_of_a_table_holds_all_its_codes(table: CodeTable) -> None:
    enums = [node["enum"] for schema in SCHEMAS.values() for node in nodes_of(schema) if node.get("title") == table.name]

    assert all(enum == list(table.labels) for enum in enums)
    assert FILES["codes.json"][table.name] == dict(table.labels)


def test_the_tables_that_cost_a_record_are_enums_of_an_event() -> None:
    titles = {node.get("title") for schema in SCHEMAS.values() for node in nodes_of(schema) if "enum" in node}

    assert {"ReferralSource", "PrimaryNeedCode", "ReasonForClosure", "AssessmentFactors", "CategoryOfAbuse"} <= titles


def test_a_code_outside_its_table_breaks_the_schema() -> None:
    closure = {"closure_date": "2026-03-02", "closure_reason": "RC99"}

    assert faults_in("events/closure.recorded.v1.schema.json", closure)
    assert not faults_in("events/closure.recorded.v1.schema.json", closure | {"closure_reason": "RC7"})


def test_an_unknown_field_is_tolerated_in_what_arrives_and_forbidden_in_what_leaves() -> None:
    arriving = {"closure_date": "2026-03-02", "closure_reason": "RC7", "colour": "blue"}

    assert not faults_in("events/closure.recorded.v1.schema.json", arriving)
    assert faults_in("refusal.schema.json", as_published(a_refusal()) | {"colour": "blue"})


def test_what_decodes_is_valid_against_its_schemas() -> None:
    checked = 0
    for number, line in enumerate(EXAMPLES.read_bytes().splitlines()):
        try:
            decode(SourceRecord(EXAMPLES.name, 0, number, None, line, {}, NOW))
        except InvalidEvent:
            continue
        event = json.loads(line)
        assert not faults_in("envelope.schema.json", event), f"line {number + 1}"
        assert not faults_in(f"events/{event['type'].removeprefix(PREFIX)}.schema.json", event["data"]), f"line {number + 1}"
        checked += 1

    assert checked > 50


def test_what_is_published_is_valid_against_its_schema() -> None:
    assert not faults_in("entry.schema.json", as_published(an_entry()))
    assert not faults_in("score_record.schema.json", as_published(a_score()))
    assert not faults_in("alert.schema.json", as_published(an_alert()))
    assert not faults_in("notice.schema.json", as_published(a_notice()))
    assert not faults_in("refusal.schema.json", as_published(a_refusal()))


def test_a_published_field_without_a_value_is_absent_and_not_required() -> None:
    assert "referral_date" not in as_published(a_score())
    assert faults_in("score_record.schema.json", as_published(a_score()) | {"referral_date": None})


def test_every_reason_of_a_refusal_is_in_its_schema() -> None:
    assert set(SCHEMAS["refusal.schema.json"]["properties"]["reason_code"]["enum"]) == set(REASONS)


def test_write_mends_what_check_complains_about(tmp_path: Path) -> None:
    invoke = CliRunner().invoke
    assert invoke(app, ["write", "--out", str(tmp_path)]).exit_code == 0
    (tmp_path / "alert.schema.json").write_text("{}\n")
    (tmp_path / "entry.schema.json").unlink()
    (tmp_path / "events/withdrawn.v1.schema.json").write_text("{}\n")

    complaint = invoke(app, ["check", "--out", str(tmp_path)])

    assert complaint.exit_code == 1
    assert "ecda-stream schemas write" in complaint.output
    assert compare(tmp_path, rendered()) == {
        "alert.schema.json": "differs",
        "entry.schema.json": "missing",
        "events/withdrawn.v1.schema.json": "orphan",
    }
    assert invoke(app, ["write", "--out", str(tmp_path)]).exit_code == 0
    assert invoke(app, ["check", "--out", str(tmp_path)]).exit_code == 0


def an_entry() -> Entry:
    child = EntryPerson(role="child", identifiers=(EntryIdentifier(kind="la_child_id", token=TOKEN),), age_months=77)
    return Entry(
        event_id=TOKEN,
        type="closure.recorded.v1",
        authority="881",
        system="social_care",
        happened_at=date(2026, 3, 2),
        arrived_at=NOW,
        people=(child,),
        facts={"closure_reason": "RC8"},
    )


def a_score() -> ScoreRecord:
    return ScoreRecord(
        stream="re_referral",
        score_id="0" * 32,
        revision=0,
        event_id=TOKEN,
        authority="881",
        person="1" * 32,
        family="1" * 32,
        closing_day=date(2026, 3, 2),
        referral_date=None,
        arrived_at=NOW,
        position=HERE,
        caused_by=HERE,
        outcome="scored",
        mode="demo",
        model_version="baseline-1",
        points=-3.0,
        threshold=8,
        features={"referrals_2y": 1.0, "days_since_closure": None},
        contributions=(Contribution(feature="days_since_closure", value=None, points=-1.0),),
        digests=Digests(model="0" * 16, definition="0" * 16),
        decision=Decision(alert=False, reason="below-threshold"),
    )


def an_alert() -> Alert:
    child = AlertChild(
        person="1" * 32,
        closing_day=date(2026, 3, 2),
        score_id="0" * 32,
        score_revision=0,
        sealed_reference=None,
        meaning="points: 9; not calibrated",
        points=9.0,
        raises=(AlertFact(words="3 referrals in two years", days=(date(2025, 1, 7),), points=2.0),),
    )
    return Alert(
        alert_id="2" * 32,
        revision=0,
        status="open",
        status_reason="at-or-above-threshold",
        stream="re_referral",
        mode="demo",
        request="Please read this closed case again.",
        authority="881",
        family="1" * 32,
        closing_day=date(2026, 3, 2),
        raised_at=NOW,
        review_by=date(2026, 3, 12),
        expires_on=date(2026, 5, 1),
        caused_by=HERE,
        model_version="baseline-1",
        children=(child,),
        caveat="A request for a review and no finding.",
    )


def a_notice() -> Notice:
    return Notice(
        kind="notice",
        notice_id="3" * 32,
        stream="re_referral",
        mode="demo",
        authority="881",
        status="stopped",
        cause="alert-rate",
        words="far more alerts than before",
        since=NOW,
        figures={"window_days": 28, "p_value": 1e-9},
        caused_by=HERE,
    )


def a_refusal() -> Refusal:
    return Refusal(
        stage="admit", reason_code="wrong-code", detail="closure_reason", topic="ecda.source.social_care.v1", partition=0, offset=9
    )
