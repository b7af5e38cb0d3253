"""topics.yaml is the one place that says what exists, how long it is kept and who may see it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from ecda_stream.commands.topics import app
from ecda_stream.errors import BadDefinition, Unavailable
from ecda_stream.files.topics import TopicPlan, load_topics, parse_duration
from ecda_stream.state import TABLES
from ecda_stream.worker.topics import generate_acl_commands

FILE = Path(__file__).parents[2] / "deploy/kafka/topics.yaml"
SOURCES = ("social_care", "police", "education", "housing", "review")


@pytest.fixture
def plan() -> TopicPlan:
    return load_topics(FILE)


@pytest.fixture
def document() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return content


def faults_of(document: object, tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "topics.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    with pytest.raises(BadDefinition) as caught:
        load_topics(path)
    return caught.value.faults


def test_every_source_has_a_topic(plan: TopicPlan) -> None:
    assert [topic.name for topic in plan.of_kind("source")] == [f"ecda.source.{source}.v1" for source in SOURCES]


def test_a_refused_record_fits_its_dead_letter_topic_even_at_full_size(plan: TopicPlan) -> None:
    sources = [topic for topic in plan.topics if topic.kind in ("source", "log")]

    for source in sources:
        refused = plan.topic(f"{source.name}.dlq")
        assert refused.max_message_bytes > source.max_message_bytes
        assert refused.partitions == source.partitions
        assert refused.sensitivity == "as sensitive as its source"


def test_arrival_is_the_brokers_clock(plan: TopicPlan) -> None:
    arriving = [*plan.of_kind("source"), *plan.of_kind("refused")]

    assert {topic.config()["message.timestamp.type"] for topic in arriving} == {"LogAppendTime"}


def test_raw_data_is_kept_for_days_and_refused_records_for_three_months(plan: TopicPlan) -> None:
    assert {topic.retention for topic in plan.of_kind("source")} == {timedelta(days=30)}
    assert {topic.retention for topic in plan.of_kind("refused")} == {timedelta(days=90)}


def test_the_event_log_loses_nothing_but_what_a_tombstone_names(plan: TopicPlan) -> None:
    config = plan.topic("ecda.event_log.v1").config()

    assert (config["cleanup.policy"], config["retention.ms"]) == ("compact", "-1")
    assert config["max.compaction.lag.ms"] == str(7 * 24 * 3600 * 1000)


def test_changelogs_are_compacted_and_partitioned_like_the_event_log(plan: TopicPlan) -> None:
    changelogs = plan.changelogs_of("ecda.re_referral")

    assert [topic.name for topic in changelogs] == [f"ecda.re_referral-{table}-changelog" for table in TABLES]
    assert {topic.cleanup for topic in changelogs} == {"compact"}
    assert {topic.partitions for topic in changelogs} == {plan.topic("ecda.event_log.v1").partitions}


def test_every_topic_has_an_owner_and_says_who_reads_and_writes_it(plan: TopicPlan) -> None:
    assert all(topic.owner and topic.readers and topic.writers for topic in plan.topics)


def test_names_and_narrative_reach_nobody_but_admit_and_operations(plan: TopicPlan) -> None:
    raw = [topic for topic in plan.topics if topic.kind == "source" or topic.name.startswith("ecda.source.")]

    assert {reader for topic in raw for reader in topic.readers} == {"admit", "ops"}


def test_the_scorer_may_read_the_log_and_its_own_state_only(plan: TopicPlan) -> None:
    granted = [line for line in generate_acl_commands(plan) if "User:score_re_referral " in line]
    readable = [line.partition("--topic ")[2].split()[0] for line in granted if "Read" in line and "--topic" in line]

    assert readable == ["ecda.event_log.v1", "ecda.re_referral-"]


def test_access_is_given_by_name_by_group_and_by_prefix_for_changelogs(plan: TopicPlan) -> None:
    commands = "\n".join(generate_acl_commands(plan))
    start = 'kafka-acls.sh --bootstrap-server "$ECDA_BOOTSTRAP" --command-config "$ECDA_ADMIN_CONFIG" --add --allow-principal'

    assert f"{start} User:source_police --operation Write --operation Describe --topic ecda.source.police.v1\n" in commands
    assert f"{start} User:admit --operation Read --operation Describe --group ecda.admit\n" in commands
    assert (
        f"{start} User:score_re_referral --operation Read --operation Write --operation Describe "
        "--topic ecda.re_referral- --resource-pattern-type prefixed\n"
    ) in commands
    assert "--topic ecda.re_referral-people-changelog" not in commands


def test_all_faults_are_reported_at_once(document: dict[str, Any], tmp_path: Path) -> None:
    police, refused = document["topics"][2], document["topics"][3]
    police["colour"] = "blue"
    police["retention"] = "a month"
    del refused["owner"]
    document["topics"][0]["partitions"] = 0
    document["spelling"] = 1
    document["kinds"]["sauce"] = {}
    document["groups"].append({"id": "ecda.admit", "principal": "admit"})

    faults = faults_of(document, tmp_path)

    assert sorted(fault.partition(":")[0] for fault in faults if "there is no" not in fault) == sorted(
        [
            "unknown key `spelling`",
            "kinds",
            "ecda.source.social_care.v1.partitions",
            "ecda.source.police.v1",
            "ecda.source.police.v1.retention",
            "ecda.source.police.v1.dlq.owner",
            "group ecda.admit",
        ]
    )
    assert "ecda.source.police.v1: unknown key `colour`" in faults


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param({"max_message_bytes": 8388608}, "must exceed that of ecda.source.social_care.v1", id="too small"),
        pytest.param({"partitions": 8}, "must equal that of ecda.source.social_care.v1", id="other partitions"),
        pytest.param({"cleanup": "compact"}, "a compacted topic ignores it", id="retention of a compacted topic"),
        pytest.param({"compacted_within": "7d"}, "only a compacted topic has it", id="compaction of a deleted topic"),
        pytest.param({"name": "ecda.source.fire.v1.dlq"}, "there is no ecda.source.fire.v1", id="refusals of nothing"),
        pytest.param({"name": "ecda.source.fire.v1"}, "and no others, end in .dlq", id="refused without suffix"),
        pytest.param({"name": "ecda.source.police.v1"}, "named more than once", id="same name twice"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(
    document: dict[str, Any], tmp_path: Path, changes: dict[str, Any], fault: str
) -> None:
    document["topics"][1].update(changes)

    faults = faults_of(document, tmp_path)

    assert any(fault in found for found in faults), faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("a: [", "not YAML", id="broken YAML"),
        pytest.param("- a", "expected a mapping", id="a list"),
        pytest.param("topics: 3", "topics: expected a list", id="no list of topics"),
        pytest.param("topics: [3]\nkinds: {source: 1}", "kinds: expected a mapping", id="a kind without settings"),
        pytest.param("groups: []\ngroups: []", "key `groups` is written twice", id="a key twice"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    faults = faults_of(text, tmp_path)

    assert any(fault in found for found in faults), faults


def test_a_missing_file_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="--plan"):
        load_topics(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("forever", None),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, span: timedelta | None) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "0d", "30", "d", "-1d", "1.5h", "3y", 30, None, "30d "])
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_the_commands_print_the_plan_and_the_access_rules() -> None:
    runner = CliRunner()

    listed = runner.invoke(app, ["list", "--json", "--plan", str(FILE)])
    commands = runner.invoke(app, ["acl", "--plan", str(FILE)])

    assert [result.exit_code for result in (listed, commands)] == [0, 0]
    assert {"name", "owner", "sensitivity", "config"} <= json.loads(listed.stdout)[0].keys()
    assert all(line.startswith("kafka-acls.sh ") for line in commands.stdout.splitlines())


def test_a_broker_that_does_not_answer_is_exit_code_5() -> None:
    result = CliRunner().invoke(app, ["check", "--bootstrap", "127.0.0.1:1", "--plan", str(FILE)])

    assert result.exit_code == 5
    assert "ecda-stream kafka start" in result.stderr
    assert result.stdout == ""


def test_a_faulty_plan_is_exit_code_1(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text("topics: []")

    result = CliRunner().invoke(app, ["list", "--plan", str(path)])

    assert result.exit_code == 1
    assert "topics: expected a list" in result.stderr
