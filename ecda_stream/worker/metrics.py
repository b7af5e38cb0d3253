"""Every metric, declared once. Seconds and counts; no label ever holds anything about a person or a case."""

from __future__ import annotations

from itertools import product
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from ecda_stream import __version__
from ecda_stream.alert.decide import DECISIONS
from ecda_stream.alert.guardrail import CAUSES
from ecda_stream.contract.alert import Alert, Verdict

STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
AGE_BUCKETS = (1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0, 604800.0)
PROBABILITY_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 1.0)
"""Fine around a base rate of 4 %: even steps would put nearly every closure into the first."""

RESET = "reset"
"""The cause of a notice that alerting goes on; an operator's own reason is no label."""

OF_SOURCE = ["authority", "system"]
OF_STREAM = ["stream", "authority"]


class Metrics:
    """The metrics of one worker in a registry of its own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.entries = Counter("ecda_entries", "Records handled", ["topic", "outcome"], registry=registry)
        self.refusals = Counter("ecda_refusals", "Records refused", ["topic", "stage", "reason_code"], registry=registry)
        self.unusable_identifiers = Counter(
            "ecda_unusable_identifiers", "Values set aside without refusing the record", ["kind", "reason"], registry=registry
        )
        self.unknown_fields = Counter("ecda_unknown_fields", "Fields that the contract does not know", ["type"], registry=registry)
        self.records_expired = Counter(
            "ecda_records_expired", "Offsets that retention removed before they were handled", ["topic"], registry=registry
        )
        self.scores = Counter("ecda_scores", "Score records", ["stream", "outcome", "reason"], registry=registry)
        self.score_probability = Histogram(
            "ecda_score_probability", "Probabilities scored", ["stream"], buckets=PROBABILITY_BUCKETS, registry=registry
        )
        self.alerts = Counter("ecda_alerts", "Alert revisions published", ["stream", "status", "kind"], registry=registry)
        self.notices = Counter("ecda_notices", "Notices published", ["stream", "status", "cause"], registry=registry)
        self.decisions = Counter("ecda_decisions", "Reviewers' decisions followed", ["stream", "decision"], registry=registry)
        self.commits = Counter("ecda_commits", "Offset commits", ["outcome"], registry=registry)
        self.stage_duration = Histogram(
            "ecda_stage_duration_seconds", "Time of one stage of a run", ["stage"], buckets=STAGE_BUCKETS, registry=registry
        )
        self.event_age = Histogram(
            "ecda_event_age_seconds",
            "From the arrival of a source record to the handling of its entry",
            ["topic"],
            buckets=AGE_BUCKETS,
            registry=registry,
        )
        self.consumer_lag = Gauge("ecda_consumer_lag", "Records not yet durable", ["topic", "partition"], registry=registry)
        self.commit_age = Gauge("ecda_commit_age_seconds", "Since durable work last waited for no commit", registry=registry)
        self.last_entry = Gauge(
            "ecda_last_entry_timestamp_seconds", "When the last record handled had arrived", ["topic"], registry=registry
        )
        self.source_last_record = Gauge(
            "ecda_source_last_record_timestamp_seconds", "When the last record of a source had arrived", OF_SOURCE, registry=registry
        )
        self.previous_working_day = Gauge(
            "ecda_previous_working_day_timestamp_seconds", "When the last full working day in London began (admit)", registry=registry
        )
        self.extract_promised = Gauge(
            "ecda_extract_promised", "Records that a source's last extract names", ["stream", *OF_SOURCE], registry=registry
        )
        self.extract_arrived = Gauge(
            "ecda_extract_arrived", "Records among them that arrived", ["stream", *OF_SOURCE], registry=registry
        )
        self.alerts_held = Gauge("ecda_alerts_held", "Alerts waiting for a coming week", OF_STREAM, registry=registry)
        self.alerts_sent_this_week = Gauge("ecda_alerts_sent_this_week", "Places of the week in use", OF_STREAM, registry=registry)
        self.alert_capacity = Gauge("ecda_alert_capacity", "Places of a week", OF_STREAM, registry=registry)
        self.alerting_stopped = Gauge(
            "ecda_alerting_stopped", "1 for the cause for which alerting is stopped", [*OF_STREAM, "cause"], registry=registry
        )
        self.guardrail_share = Gauge(
            "ecda_guardrail_share", "Shares that the guardrail watches, in its window", [*OF_STREAM, "measure"], registry=registry
        )
        self.model_info = Gauge("ecda_model_info", "Models installed", ["stream", "version", "digest"], registry=registry)
        self.definition_info = Gauge("ecda_definition_info", "Definition in use", ["stream", "digest"], registry=registry)
        self.table_size = Gauge("ecda_table_size", "Keys of a table on this worker", ["table"], registry=registry)
        self.assigned_partitions = Gauge("ecda_assigned_partitions", "Partitions of this worker", ["topic"], registry=registry)
        self.build_info = Gauge("ecda_build_info", "Version of this worker", ["version"], registry=registry)
        self.build_info.labels(__version__).set(1)

    def begin(self, stream: str) -> None:
        """Show what a stream counts from nought on.

        Prometheus sees no increase in a series that begins with one, and alerts are few.
        """
        self.score_probability.labels(stream)
        for reason in DECISIONS.keys() - {"not-scored"}:
            self.scores.labels(stream, "scored", reason)
        for status, kind in product(*(get_args(Alert.model_fields[field].annotation) for field in ("status", "kind"))):
            self.alerts.labels(stream, status, kind)
        for cause in CAUSES:
            self.notices.labels(stream, "stopped", cause)
        self.notices.labels(stream, "resumed", RESET)
        for verdict in get_args(Verdict):
            self.decisions.labels(stream, verdict)

    def serve(self, host: str, port: int) -> int:
        """Serve the metrics from a thread, so that they answer while the loop is busy; return the port."""
        server, _ = start_http_server(port, host, self.registry)
        return int(server.server_port)
