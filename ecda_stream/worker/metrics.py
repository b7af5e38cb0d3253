"""Every metric, declared once. Seconds and counts; no label ever holds anything about a person or a case."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from ecda_stream import __version__

STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
AGE_BUCKETS = (1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0, 604800.0)


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
        self.alerts = Counter("ecda_alerts", "Alert revisions published", ["stream", "status"], registry=registry)
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
        self.model_info = Gauge("ecda_model_info", "Models installed", ["stream", "version", "digest"], registry=registry)
        self.definition_info = Gauge("ecda_definition_info", "Definition in use", ["stream", "digest"], registry=registry)
        self.table_size = Gauge("ecda_table_size", "Keys of a table on this worker", ["table"], registry=registry)
        self.assigned_partitions = Gauge("ecda_assigned_partitions", "Partitions of this worker", ["topic"], registry=registry)
        self.build_info = Gauge("ecda_build_info", "Version of this worker", ["version"], registry=registry)
        self.build_info.labels(__version__).set(1)

    def serve(self, host: str, port: int) -> int:
        """Serve the metrics from a thread, so that they answer while the loop is busy; return the port."""
        server, _ = start_http_server(port, host, self.registry)
        return int(server.server_port)
