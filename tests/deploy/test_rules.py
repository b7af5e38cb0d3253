"""What operations are called for: every rule is right by promtool, rests on metrics that exist, and has a heading in the runbook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from ecda_stream.worker.metrics import Metrics

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = PROMETHEUS / "rules/ecda.yml"
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
CASES = sorted((PROMETHEUS / "tests").glob("*.yml"))
RUNBOOK = ROOT / "deploy/runbook.md"

SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",), "info": ("_info",)}
NAME = re.compile(r"[a-z_:]*\becda_[a-z0-9_]+(?::[a-z0-9_]+)?")
GIVEN_BY_PROMETHEUS = {"job", "instance"}


def read_yaml(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


@cache
def rules() -> list[dict[str, Any]]:
    return [rule for group in read_yaml(RULES)["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDED = {rule["record"] for rule in rules() if "record" in rule}

each_alert = pytest.mark.parametrize("name", ALERTS)


def cases() -> Iterator[dict[str, Any]]:
    return (case for path in CASES for case in read_yaml(path)["tests"])


def checks_of(name: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every look at an alert: the name of its case, and the alerts that are to fire."""
    for case in cases():
        for check in case["alert_rule_test"]:
            if check["alertname"] == name:
                yield case["name"], check["exp_alerts"]


@cache
def labels_of() -> dict[str, set[str]]:
    """The labels that a worker gives to each series it exposes."""
    registry = CollectorRegistry()
    metrics = [metric for metric in vars(Metrics(registry)).values() if hasattr(metric, "collect") and metric is not registry]
    exposed = {
        family.name + suffix: set(metric._labelnames) | ({"le"} if suffix == "_bucket" else set())
        for metric in metrics
        for family in metric.collect()
        for suffix in SUFFIXES[family.type]
    }
    return {**exposed, "up": set()}  # Prometheus's own, of every target


def promtool(*arguments: str | Path) -> None:
    """Run promtool, and fail with what it says."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip(
            "NO RULE WAS TESTED: promtool is not installed. Run .ci/run, which takes it out of Debian's package and installs no "
            "service, or put the promtool of a release of Prometheus (2.42 or newer) on the PATH"
        )
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_and_the_configuration_that_loads_them_are_well_formed() -> None:
    promtool("check", "rules", RULES)
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_prometheus_understands_every_query_of_a_dashboard(path: Path, tmp_path: Path) -> None:
    targets = [target for panel in json.loads(path.read_text())["panels"] for target in panel.get("targets", ())]
    expressions = [re.sub(r"\$__rate_interval", "5m", target["expr"]) for target in targets]
    as_rules = [{"record": f"query_{number}", "expr": expression} for number, expression in enumerate(expressions)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": as_rules}]}))

    assert as_rules
    promtool("check", "rules", tmp_path / "queries.yml")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_of_an_alert_comes_out_as_it_says(path: Path) -> None:
    promtool("test", "rules", path)


@each_alert
def test_every_alert_has_a_case_that_fires_and_one_in_which_it_stays_silent(name: str) -> None:
    looks = list(checks_of(name))

    assert [case for case, fires in looks if fires]
    assert [case for case, fires in looks if not fires and case.startswith("Don't alert when ")]


@each_alert
def test_a_case_that_fires_states_every_label_and_every_word(name: str) -> None:
    rule = ALERTS[name]
    for case, fires in checks_of(name):
        for alert in fires:
            assert alert["exp_labels"].keys() >= rule["labels"].keys(), case
            assert alert["exp_annotations"].keys() == rule["annotations"].keys(), case


@each_alert
def test_every_alert_says_how_urgent_it_is_what_happened_and_where_to_read_on(name: str) -> None:
    rule = ALERTS[name]
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)

    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"deploy/runbook.md#{name.lower()}"
    assert name in headings


@each_alert
def test_the_runbook_says_what_an_alert_means_what_to_type_first_and_who_decides(name: str) -> None:
    section = re.split(r"^#+ ", RUNBOOK.read_text(encoding="utf-8").partition(f"\n### {name}\n")[2], flags=re.MULTILINE)[0]

    assert re.findall(r"^- \*\*(.+?)\*\*", section, re.MULTILINE) == ["Means", "First", "Who decides"]
    assert "`" in section.partition("**First**")[2].partition("**Who decides**")[0]
    assert f"{ALERTS[name]['labels']['severity'].capitalize()}. " in section


@each_alert
def test_what_an_alert_is_about_stands_in_its_description(name: str) -> None:
    """By the labels that its expression keeps; nobody looks at a list of labels at night."""
    told = set(re.findall(r"\$labels\.([a-z_]+)", ALERTS[name]["annotations"]["description"]))
    kept = {label for _, fires in checks_of(name) for alert in fires for label in alert["exp_labels"]} - {"severity"}

    assert told == kept


def test_no_heading_of_the_runbook_is_about_an_alert_that_is_gone() -> None:
    section = RUNBOOK.read_text(encoding="utf-8").partition("\n## When Prometheus alerts\n")[2].partition("\n## ")[0]

    assert re.findall(r"^### (.+)$", section, re.MULTILINE) == list(ALERTS)


def test_every_metric_that_a_rule_names_is_one_that_a_worker_exposes() -> None:
    named = {name for rule in rules() for name in NAME.findall(rule["expr"])}
    recorded = {name for name in named if ":" in name}

    assert named - recorded
    assert named - recorded <= labels_of().keys()
    assert recorded == RECORDED


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_what_is_recorded_is_named_by_its_level_its_metric_and_what_was_done(name: str) -> None:
    level, metric, _ = name.split(":")
    [expression] = [rule["expr"] for rule in rules() if rule.get("record") == name]
    by = re.search(r"\bby \(([a-z_, ]+)\)", expression)

    assert by is not None
    assert level == "_".join(by[1].split(", "))
    assert {metric, f"{metric}_total"} & labels_of().keys()


def test_the_series_of_the_cases_have_the_labels_that_a_worker_gives_them() -> None:
    for series in (series["series"] for case in cases() for series in case["input_series"]):
        name, _, labels = series.partition("{")

        assert set(re.findall(r"([a-z_]+)=", labels)) == labels_of()[name] | GIVEN_BY_PROMETHEUS, series


def test_every_label_by_which_a_rule_groups_or_chooses_exists() -> None:
    known = set().union(*labels_of().values()) | GIVEN_BY_PROMETHEUS
    for rule in rules():
        grouped = {label for group in re.findall(r"\b(?:by|on) \(([a-z_, ]+)\)", rule["expr"]) for label in group.split(", ")}
        chosen = set(re.findall(r"([a-z_]+)!?=~?\"", rule["expr"]))

        assert grouped | chosen <= known, rule.get("alert", rule.get("record"))


def test_no_range_is_longer_than_prometheus_keeps_what_it_saw() -> None:
    command = read_yaml(ROOT / "docker-compose.yml")["services"]["prometheus"]["command"]
    [kept_days] = [int(found[1]) for word in command if (found := re.search(r"retention\.time=(\d+)d", word))]
    spans = [
        (int(length) if length else 0) * DAYS[unit or "d"] + (int(offset) if offset else 0) * DAYS[after or "d"]
        for rule in rules()
        for length, unit, offset, after in re.findall(r"\[(\d+)([dw])\](?: offset (\d+)([dw]))?", rule["expr"])
    ]

    assert max(spans) == 22
    assert kept_days > max(spans)


DAYS = {"d": 1, "w": 7}


def test_prometheus_finds_the_rules_where_compose_mounts_them() -> None:
    mounts = read_yaml(ROOT / "docker-compose.yml")["services"]["prometheus"]["volumes"]

    assert read_yaml(PROMETHEUS / "prometheus.yml")["rule_files"] == ["rules/*.yml"]
    assert "./deploy/prometheus/prometheus.yml:/etc/prometheus/prometheus.yml:ro" in mounts
    assert "./deploy/prometheus/rules:/etc/prometheus/rules:ro" in mounts
