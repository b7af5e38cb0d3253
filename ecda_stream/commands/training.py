"""`ecda-stream train` and `ecda-stream evaluate`: from a log to a released model, and a released model on other logs."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecda_stream.commands.exits import errors_as_exit_codes
from ecda_stream.commands.progress import working
from ecda_stream.commands.records import Json, columns, settings_of

if TYPE_CHECKING:
    from ecda_stream.definition import StreamDefinition
    from ecda_stream.score.model import Model
    from ecda_stream.training.parts import LogFile, Part
    from ecda_stream.training.pool import Source
    from ecda_stream.training.study import Study
    from ecda_stream.training.trained import Order, Trained
    from ecda_stream.training.truth import Truth
    from ecda_stream.worker.settings import Settings


class TrainedOn(StrEnum):
    """What a model learns from."""

    simulated = "simulated"
    real = "real"


StreamArgument = Annotated[str, typer.Argument(metavar="STREAM", help="The stream, by the name of its folder.")]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file", help="The key of the log's pseudonyms; --truth needs it.  [default: ECDA_SECRET_FILE]", dir_okay=False
    ),
]
HistoryYears = Annotated[
    int, typer.Option("--history-years", min=0, help="Years since the first closure of an authority before its closures count.")
]
Seed = Annotated[int, typer.Option("--seed", help="Of folds, trees and bootstraps.")]
Processes = Annotated[
    int | None, typer.Option("--processes", min=1, help="Partitions folded at a time, each in memory.  [default: one for each core]")
]
FOLDS_WITH_LOSSES = 4
"""As it is, with true links, with true facts, with both."""
Truths = Annotated[
    list[Path] | None,
    typer.Option(
        "--truth",
        help="truth.jsonl of the simulator that made the log: gives the ceiling. One for each LOG, in their order.",
        exists=True,
        dir_okay=False,
    ),
]


def train(
    stream: StreamArgument,
    logs: Annotated[
        list[Path], typer.Argument(metavar="LOG...", help="Files of `admit` or `log export`.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the released version.", file_okay=False)],
    version: Annotated[str | None, typer.Option("--version", help="Name of the version.  [default: the name of the folder]")] = None,
    trained_on: Annotated[TrainedOn, typer.Option("--trained-on", help="What the log is.")] = TrainedOn.simulated,
    truth: Truths = None,
    secret_file: SecretFile = None,
    history_years: HistoryYears = 3,
    seed: Seed = 1,
    processes: Processes = None,
    as_json: Json = False,
) -> None:
    """Train a model on LOGs and write model.json, its card, its metrics, its baselines, three pictures and the checksums of all.

    A log is folded as the worker folds it. Labels come from what it says later, and count only where their time has passed. Figures
    are measured out of time and out of family; families of different logs are different. To install the version, copy the folder to
    models/STREAM/VERSION.

    Exit codes: 0 ok, 1 failure (a bad stream or log, too few outcomes, nothing learnt), 2 usage, 5 no such stream or no matplotlib.
    """
    _need_truth_for_each(logs, truth)
    with errors_as_exit_codes():
        _need_matplotlib()
        from ecda_stream.files.stream import load_stream
        from ecda_stream.training.release import check_folder, metrics_of, release
        from ecda_stream.training.train import train as train_on
        from ecda_stream.training.trained import Order

        settings = settings_of(secret_file=secret_file)
        loaded = load_stream(stream, settings.streams_dir, settings.models_dir)
        order = Order(version or out.resolve().name, trained_on.value, history_years, seed)
        check_folder(out)
        sources = _read_sources(logs, truth, settings, loaded.definition, triggers_only=True)
        with _progress([one.log for one in sources]) as say:
            trained = train_on(sources, loaded, order, processes or _cores(), say)
        with working("drawing and writing"):
            release(trained, out, _command_of(stream, order, len(logs), bool(truth)))
    if as_json:
        typer.echo(json.dumps(metrics_of(trained), sort_keys=True))
    else:
        _print_trained(trained)
    typer.echo(f"written to {out}", err=True)
    if order.version != out.resolve().name:
        typer.echo(f"a version is installed in a folder of its name: models/{stream}/{order.version}", err=True)


def evaluate(
    stream: StreamArgument,
    logs: Annotated[list[Path], typer.Argument(metavar="LOG...", help="Logs it was not trained on.", exists=True, dir_okay=False)],
    truth: Truths = None,
    secret_file: SecretFile = None,
    model: Annotated[str | None, typer.Option("--model", help="The version.  [default: the one of stream.yaml]")] = None,
    losses: Annotated[
        bool,
        typer.Option("--losses", help="Also fold with true links, true facts and both; needs --truth."),
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Only from this day on.  [default: when all it learnt from was known]"),
    ] = None,
    history_years: HistoryYears = 3,
    seed: Seed = 1,
    processes: Processes = None,
    as_json: Json = False,
) -> None:
    """Measure a released model on other logs, next to its baselines and, with --truth, the ceiling and what is lost on the way.

    Families of different logs are different. Nothing from before the day on which the model's last outcome was known is measured,
    unless --from says so.

    Exit codes: 0 ok, 1 failure (a bad stream or log, no such model, no outcome to measure), 2 usage, 5 no such stream.
    """
    _need_truth_for_each(logs, truth)
    if losses and not truth:
        raise typer.BadParameter("needs --truth", param_hint="--losses")
    with errors_as_exit_codes():
        from ecda_stream.errors import BadDefinition
        from ecda_stream.files.stream import load_stream
        from ecda_stream.training.baselines import read_baselines
        from ecda_stream.training.report import describe_study
        from ecda_stream.training.study import Plan
        from ecda_stream.training.study import study as study_logs

        settings = settings_of(secret_file=secret_file)
        loaded = load_stream(stream, settings.streams_dir, settings.models_dir)
        definition = loaded.definition
        name = model or definition.model
        if name not in loaded.models:
            raise BadDefinition(f"stream {stream}", [f"model {name} is not installed in {settings.models_dir / stream}"])
        chosen = loaded.models[name]
        begins = _first_day(chosen, since)
        sources = _read_sources(logs, truth, settings, definition, triggers_only=not losses)
        baselines = read_baselines(settings.models_dir / stream / name)
        plan = Plan(chosen, baselines, begins, history_years, processes or _cores(), seed, losses)
        with _progress([one.log for one in sources] * (FOLDS_WITH_LOSSES if losses else 1)) as say:
            found = study_logs(sources, loaded, plan, say)
    if as_json:
        typer.echo(json.dumps(describe_study(found, name, definition), sort_keys=True))
    else:
        _print_study(found)


def _first_day(model: Model, since: datetime | None) -> date:
    """Return the first day to measure; say so if the model knew outcomes from after it."""
    known_by = model.training.known_by if model.training else date.min
    begins = since.date() if since else known_by
    if begins < known_by:
        typer.echo(f"warning: not out of time: it learnt from outcomes up to {known_by}", err=True)
    return begins


def _print_trained(trained: Trained) -> None:
    from ecda_stream.training.report import table_of_counts, table_of_figures, table_of_windows, written_ratio

    typer.echo(columns(table_of_windows(trained)))
    typer.echo(f"\nembargo before the test: {trained.embargo_days} days, {trained.lag_days} of them recording lag")
    typer.echo(columns(table_of_figures(trained.evaluation)))
    typer.echo(written_ratio(trained.evaluation) or "")
    typer.echo("left out:", err=True)
    typer.echo(columns(table_of_counts(trained.excluded)), err=True)


def _print_study(found: Study) -> None:
    from ecda_stream.training.report import shares_of, table_of_counts, table_of_figures, table_of_losses, written_ratio

    evaluation = found.evaluation
    typer.echo(
        f"{found.first} to {found.last}: {evaluation.rows} labelled, {evaluation.positives} positive, {evaluation.families} families"
    )
    typer.echo(columns(table_of_figures(evaluation)))
    if ratio := written_ratio(evaluation):
        typer.echo(ratio)
    if found.losses is not None:
        typer.echo("\n" + columns(table_of_losses(found)))
    if found.reading is not None:
        typer.echo("\n" + columns([(name, str(value)) for name, value in shares_of(found.reading).items()]))
    typer.echo(f"left out ({found.too_early} from before the first day, {found.unknown_to_truth} unknown to the truth):", err=True)
    typer.echo(columns(table_of_counts(found.excluded)), err=True)


def _read_sources(
    logs: list[Path], truth: list[Path] | None, settings: Settings, definition: StreamDefinition, *, triggers_only: bool
) -> list[Source]:
    from ecda_stream.training.parts import survey
    from ecda_stream.training.pool import Source

    planted = [_read_truth(path, settings, definition, triggers_only=triggers_only) for path in truth or ()]
    return [Source(survey(log), planted[place] if planted else None) for place, log in enumerate(logs)]


def _read_truth(path: Path, settings: Settings, definition: StreamDefinition, *, triggers_only: bool) -> Truth:
    from ecda_stream.errors import BadDefinition
    from ecda_stream.training.truth import read_truth

    if settings.secret_file is None:
        raise BadDefinition("--truth", ["it needs the key that the log was made with: --secret-file FILE or ECDA_SECRET_FILE"])
    return read_truth(path, settings.read_secret(), definition, triggers_only=triggers_only)


def _need_truth_for_each(logs: list[Path], truth: list[Path] | None) -> None:
    if truth and len(truth) != len(logs):
        raise typer.BadParameter("one for each LOG, in their order", param_hint="--truth")


def _need_matplotlib() -> None:
    from ecda_stream.errors import Unavailable

    if find_spec("matplotlib") is None:
        raise Unavailable("matplotlib draws the pictures beside a card and is not installed: pip install 'ecda-stream[training]'")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _command_of(stream: str, order: Order, logs: int, truth: bool) -> str:
    """Return the command for the card: what changes the result, and no path."""
    numbered = [""] if logs == 1 else [f"_{number}" for number in range(1, logs + 1)]
    words = ["ecda-stream", "train", stream, *(f"LOG{number}" for number in numbered), "--out", "DIR"]
    words += ["--version", order.version, "--trained-on", order.trained_on]
    words += [word for number in numbered for word in ("--truth", f"TRUTH{number}")] if truth else []
    words += ["--secret-file", "FILE"] if truth else []
    return shlex.join([*words, "--history-years", str(order.history_years), "--seed", str(order.seed)])


@contextlib.contextmanager
def _progress(logs: list[LogFile]) -> Iterator[Callable[[Part], None]]:
    """Yield what to call for each partition folded; say on stderr how far it is, where somebody is watching."""
    total = sum(part.records for log in logs for part in log.parts)
    done = 0

    def say(part: Part) -> None:
        nonlocal done
        done += part.records
        if sys.stderr.isatty():
            typer.echo(f"\r{done} of {total} entries folded ", err=True, nl=done >= total)

    yield say
