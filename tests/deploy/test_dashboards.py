"""What the dashboards show exists, and what docker-compose refers to is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",), "info": ("_info",)}
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

each_dashboard = pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)


def read_yaml(path: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / path).read_text())
    return content


def read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def data_panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def queries(dashboard: dict[str, Any]) -> Iterator[str]:
    yield from (target["expr"] for panel in data_panels(dashboard) for target in panel["targets"])
    yield from (variable["definition"] for variable in dashboard["templating"]["list"] if variable["type"] == "query")


@pytest.fixture
def exposed_names() -> set[str]:
    from ecda_stream.worker.metrics import Metrics

    registry = CollectorRegistry()
    Metrics(registry)
    return {family.name + suffix for family in registry.collect() for suffix in SUFFIXES[family.type]}


@pytest.fixture
def compose() -> dict[str, Any]:
    return read_yaml("docker-compose.yml")


@each_dashboard
def test_every_metric_of_a_panel_is_one_that_a_worker_exposes(path: Path, exposed_names: set[str]) -> None:
    used = {name for query in queries(read_json(path)) for name in re.findall(r"\becda_[a-z_]+\b", query)}

    assert used
    assert used <= exposed_names


@each_dashboard
def test_every_query_goes_to_the_chosen_data_source(path: Path) -> None:
    dashboard = read_json(path)
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}

    assert variables["datasource"]["type"] == "datasource"
    assert all(variable["datasource"] == DATASOURCE for variable in variables.values() if variable["type"] == "query")
    for panel in data_panels(dashboard):
        assert panel["datasource"] == DATASOURCE, panel["title"]
        assert all(target["datasource"] == DATASOURCE for target in panel["targets"]), panel["title"]


@each_dashboard
def test_every_panel_says_what_it_means_and_in_which_unit(path: Path) -> None:
    for panel in data_panels(read_json(path)):
        assert panel["description"], panel["title"]
        assert panel["type"] == "table" or panel["fieldConfig"]["defaults"]["unit"], panel["title"]


@each_dashboard
def test_panels_have_ids_of_their_own_and_do_not_overlap(path: Path) -> None:
    panels = read_json(path)["panels"]
    cells = [
        (x, y)
        for box in (panel["gridPos"] for panel in panels)
        for x in range(box["x"], box["x"] + box["w"])
        for y in range(box["y"], box["y"] + box["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_the_address_of_a_dashboard_does_not_change() -> None:
    assert {path.stem: read_json(path)["uid"] for path in DASHBOARDS} == {
        "alerts": "ecda-alerts",
        "stream": "ecda-stream",
    }


def test_the_stream_dashboard_follows_the_path_of_a_record() -> None:
    panels = read_json(ROOT / "deploy/grafana/dashboards/stream.json")["panels"]
    rows = [panel["title"] for panel in panels if panel["type"] == "row"]

    assert rows == ["Flow", "Lag", "Refusals", "Latency", "Scores", "Alerts"]


def test_the_alerts_dashboard_goes_from_what_is_now_to_why() -> None:
    panels = read_json(ROOT / "deploy/grafana/dashboards/alerts.json")["panels"]
    rows = [panel["title"] for panel in panels if panel["type"] == "row"]

    assert rows == ["Now", "Scores", "Alerts and decisions", "Places", "Guardrail"]


@pytest.mark.parametrize(
    "metric",
    [
        "ecda_score_probability_bucket",
        "ecda_alerts_total",
        "ecda_notices_total",
        "ecda_decisions_total",
        "ecda_alerts_held",
        "ecda_alerts_sent_this_week",
        "ecda_alert_capacity",
        "ecda_alerting_stopped",
        "ecda_guardrail_share",
        "ecda_model_info",
    ],
)
def test_the_alerts_dashboard_shows_what_is_measured_of_alerts_and_models(metric: str) -> None:
    assert any(metric in query for query in queries(read_json(ROOT / "deploy/grafana/dashboards/alerts.json")))


def test_every_file_that_compose_mounts_or_builds_from_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    mounted = [volume.split(":")[0] for service in services for volume in service.get("volumes", ())]
    built = [service["build"]["dockerfile"] for service in services if "build" in service]
    named = [word for service in services for word in service.get("command", ()) if word.startswith("deploy/")]
    files = [path for path in mounted if path.startswith(".")] + built + named

    assert [path for path in files if not (ROOT / path).exists()] == []
    assert [volume for volume in mounted if not volume.startswith(".") and volume not in compose["volumes"]] == []


def test_every_secret_is_a_file_outside_the_repository(compose: dict[str, Any]) -> None:
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", ())}

    assert used == set(compose["secrets"])
    assert all(secret["file"].startswith(".ecda/") for secret in compose["secrets"].values())
    assert ".ecda/" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_scorer_does_not_hold_the_key_of_the_pseudonyms(compose: dict[str, Any]) -> None:
    admit, score = (compose["services"][name].get("secrets", []) for name in ("admit", "re_referral"))

    assert admit == ["pseudonymisation_key", "review_public_key"]
    assert score == []


def test_every_file_that_the_image_copies_is_there() -> None:
    lines = (ROOT / "deploy/docker/Dockerfile").read_text().splitlines()
    copied = [source for line in lines if line.startswith("COPY ") and "--from" not in line for source in line.split()[1:-1]]
    admitted = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert set(copied) <= admitted


def test_the_image_does_not_run_as_root_and_checks_its_own_metrics() -> None:
    text = (ROOT / "deploy/docker/Dockerfile").read_text()
    final_stage = text.rpartition("\nFROM ")[2]

    assert re.search(r"^USER (?!0|root)", final_stage, re.MULTILINE)
    assert "-c constraints.txt" in text
    assert "ECDA_METRICS_PORT" in final_stage.partition("HEALTHCHECK")[2]


def test_prometheus_scrapes_every_worker_of_compose(compose: dict[str, Any]) -> None:
    workers = {
        name: f"127.0.0.1:{service['environment']['ECDA_METRICS_PORT']}"
        for name, service in compose["services"].items()
        if "ECDA_METRICS_PORT" in service.get("environment", {})
    }
    jobs = read_yaml("deploy/prometheus/prometheus.yml")["scrape_configs"]

    assert {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs} == {
        name: [target] for name, target in workers.items()
    }
    assert {compose["services"][name]["network_mode"] for name in (*workers, "prometheus")} == {"service:kafka"}


def test_grafana_is_provisioned_read_only_from_the_repository(compose: dict[str, Any]) -> None:
    mounts = [volume for volume in compose["services"]["grafana"]["volumes"] if volume.startswith("./")]
    provider = read_yaml("deploy/grafana/provisioning/dashboards/ecda.yaml")["providers"][0]
    datasource = read_yaml("deploy/grafana/provisioning/datasources/prometheus.yaml")["datasources"][0]

    assert mounts
    assert all(mount.endswith(":ro") for mount in mounts)
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in mounts
    assert (provider["allowUiUpdates"], datasource["editable"]) == (False, False)


def test_nothing_in_compose_is_published_beyond_this_machine(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", ())]

    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_a_worker_starts_only_after_the_topics_exist(compose: dict[str, Any]) -> None:
    for name in ("admit", "re_referral"):
        assert compose["services"][name]["depends_on"]["topics"] == {"condition": "service_completed_successfully"}
    assert compose["services"]["topics"]["command"][:2] == ["topics", "create"]
