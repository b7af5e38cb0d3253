"""`ecda-stream topics`: the topics of the plan, on paper and on a broker."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes

if TYPE_CHECKING:
    from ecda_stream.worker.topics import TopicReport

app = typer.Typer(
    name="topics",
    no_args_is_help=True,
    help="Make the topics of the plan, compare a broker with it, or print who may use what.",
    epilog="Example: ecda-stream topics create --bootstrap 127.0.0.1:19092",
)

Plan = Annotated[Path, typer.Option("--plan", help="The file that declares every topic.", dir_okay=False)]
Bootstrap = Annotated[str, typer.Option("--bootstrap", help="A broker, as host:port.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

DEFAULT_PLAN = Path("deploy/kafka/topics.yaml")
DEFAULT_BOOTSTRAP = "127.0.0.1:19092"


@app.command(epilog="Example: ecda-stream topics create --replication-factor 3 --bootstrap broker-1:9092")
def create(
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    plan: Plan = DEFAULT_PLAN,
    replication_factor: Annotated[int, typer.Option(min=1, help="Copies of each partition; 3 in production.")] = 1,
    as_json: Json = False,
) -> None:
    """Make the topics that are missing. Existing ones are compared, never changed; exit code 1 if one differs."""
    import asyncio

    from ecda_stream.files.topics import load_topics
    from ecda_stream.worker.settings import load_settings
    from ecda_stream.worker.topics import create_topics

    _quiet_client()
    with errors_as_exit_codes():
        security = load_settings(bootstrap=bootstrap).security_options()
        made = create_topics(bootstrap, load_topics(plan), replication_factor=replication_factor, client_kwargs=security)
        report = asyncio.run(made)
    _print(report, as_json)


@app.command(epilog="Example: ecda-stream topics check --json")
def check(bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, plan: Plan = DEFAULT_PLAN, as_json: Json = False) -> None:
    """Compare the broker with the plan and change nothing; exit code 1 if a topic is missing or differs."""
    import asyncio

    from ecda_stream.files.topics import load_topics
    from ecda_stream.worker.settings import load_settings
    from ecda_stream.worker.topics import compare_topics

    _quiet_client()
    with errors_as_exit_codes():
        security = load_settings(bootstrap=bootstrap).security_options()
        report = asyncio.run(compare_topics(bootstrap, load_topics(plan), client_kwargs=security))
    _print(report, as_json)


@app.command(name="list", epilog="Example: ecda-stream topics list --json")
def list_topics(plan: Plan = DEFAULT_PLAN, as_json: Json = False) -> None:
    """Print the plan: every topic with its partitions, settings, sensitivity and owner. Needs no broker."""
    from ecda_stream.files.topics import load_topics

    with errors_as_exit_codes():
        topics = load_topics(plan).topics
    if as_json:
        typer.echo(json.dumps([{**topic.model_dump(mode="json"), "config": topic.config()} for topic in topics]))
        return
    width = max(len(topic.name) for topic in topics)
    for topic in topics:
        kept = "forever" if topic.retention is None else f"{topic.retention.days} d"
        typer.echo(f"{topic.name:<{width}}  {topic.partitions:>3} partitions  {topic.cleanup:<7}  {kept:<7}  {topic.sensitivity}")


@app.command(epilog="Example: ecda-stream topics acl > acls.sh")
def acl(plan: Plan = DEFAULT_PLAN, as_json: Json = False) -> None:
    """Print the kafka-acls.sh commands that give each principal what the plan says. Needs no broker."""
    from ecda_stream.files.topics import load_topics
    from ecda_stream.worker.topics import generate_acl_commands

    with errors_as_exit_codes():
        commands = generate_acl_commands(load_topics(plan))
    typer.echo(json.dumps(commands) if as_json else "\n".join(commands))


def _quiet_client() -> None:
    """The client logs a broker that does not answer at every attempt; our own message says it once."""
    import logging

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def _print(report: TopicReport, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        for name in report.created:
            typer.echo(f"created  {name}")
        for name in report.missing:
            typer.echo(f"missing  {name}")
        for difference in report.differences:
            typer.echo(f"differs  {difference.topic}  {difference.setting}: {difference.found}, not {difference.wanted}")
        typer.echo(f"{len(report.created)} created, {len(report.unchanged)} as planned", err=True)
    raise typer.Exit(ExitCode.OK if report.agrees else ExitCode.FAILURE)
