"""`ecda-stream check` and `ecda-stream codes`: whether a stream is well defined, and the codes that events may hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ecda_stream.commands.exits import ExitCode, errors_as_exit_codes
from ecda_stream.commands.records import Json, columns, settings_of

if TYPE_CHECKING:
    from ecda_stream.definition import StreamDefinition
    from ecda_stream.score.model import Model

T = TypeVar("T")


def check(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="The stream, by the name of its folder.")],
    as_json: Json = False,
) -> None:
    """Load a stream's definition, its models and the lexicon, and print what they are, or every fault at once.

    Exit codes: 0 ok, 1 faults, 2 usage, 5 no such stream.
    """
    from ecda_stream.files.lexicon import load_lexicon
    from ecda_stream.files.stream import load_definition, load_model, verify_checksums

    faults: list[str] = []
    with errors_as_exit_codes():
        settings = settings_of()
        definition = _try(faults, lambda: load_definition(settings.streams_dir / stream))
        lexicon = _try(faults, lambda: load_lexicon(settings.streams_dir / "lexicon"))
        models: dict[str, Model] = {}
        for folder in _versions(settings.models_dir / stream):
            if definition is None:  # a model is measured against its stream; without one its checksums can still be
                _try(faults, lambda folder=folder: verify_checksums(folder))  # type: ignore[misc]
            elif model := _try(faults, lambda folder=folder: load_model(folder, definition)):  # type: ignore[misc]
                models[folder.name] = model
        if definition is not None:
            faults += _faults_between(stream, definition, [folder.name for folder in _versions(settings.models_dir / stream)])
    if faults:
        typer.echo(json.dumps({"stream": stream, "faults": faults}) if as_json else "\n".join(faults), err=not as_json)
        raise typer.Exit(ExitCode.FAILURE)
    assert definition is not None
    assert lexicon is not None
    if as_json:
        typer.echo(json.dumps(_summary(definition, models, lexicon.digest)))
    else:
        typer.echo(_described(definition, models, lexicon.digest))


def codes(
    table: Annotated[str | None, typer.Argument(metavar="TABLE", help="A code table; without one, the names of all.")] = None,
    as_json: Json = False,
) -> None:
    """Print the codes that events may hold, with their labels."""
    from ecda_stream.contract.codes import CODE_TABLES

    if table is None:
        if as_json:
            typer.echo(json.dumps({known.name: dict(known.labels) for known in CODE_TABLES}, ensure_ascii=False))
        else:
            typer.echo(columns([(known.name, f"{len(known.labels)} codes") for known in CODE_TABLES]))
        return
    chosen = next((known for known in CODE_TABLES if known.name.lower() == table.lower()), None)
    if chosen is None:
        raise typer.BadParameter(f"one of {', '.join(known.name for known in CODE_TABLES)}", param_hint="TABLE")
    if as_json:
        typer.echo(json.dumps(dict(chosen.labels), ensure_ascii=False))
    else:
        typer.echo(columns(list(chosen.labels.items())))


def _try(faults: list[str], load: Callable[[], T]) -> T | None:
    """Return what is loaded, or None with its faults added to the list."""
    from ecda_stream.errors import BadDefinition

    try:
        return load()
    except BadDefinition as error:
        faults += [f"{error.what}: {fault}" for fault in error.faults]
    except (OSError, ValueError) as error:
        faults.append(f"a file cannot be read: {type(error).__name__}")
    return None


def _versions(models: Path) -> list[Path]:
    return sorted(folder for folder in models.glob("*") if folder.is_dir())


def _faults_between(name: str, definition: StreamDefinition, installed: list[str]) -> list[str]:
    faults = []
    if definition.stream != name:
        faults.append(f"stream.yaml: stream is {definition.stream} and its folder is {name}")
    if definition.model not in installed:
        faults.append(f"stream.yaml: model {definition.model} is named and not installed")
    return faults


def _by_scope(definition: StreamDefinition) -> dict[str, list[str]]:
    scopes: dict[str, list[str]] = {}
    for spec in definition.features:
        scopes.setdefault(spec.scope, []).append(spec.name)
    return scopes


def _summary(definition: StreamDefinition, models: dict[str, Model], lexicon: str) -> dict[str, object]:
    return {
        "stream": definition.stream,
        "version": definition.version,
        "mode": definition.mode,
        "definition": definition.digest,
        "lexicon": lexicon,
        "model": definition.model,
        "models": {version: model.digest for version, model in models.items()},
        "features": _by_scope(definition),
        "faults": [],
    }


def _described(definition: StreamDefinition, models: dict[str, Model], lexicon: str) -> str:
    lines = [
        ("stream", f"{definition.stream} {definition.version}, mode {definition.mode}"),
        ("definition", definition.digest),
        ("lexicon", lexicon),
    ]
    for version, model in models.items():
        used = ", named in stream.yaml" if version == definition.model else ""
        lines.append((f"model {version}", f"{model.digest}, {len(model.shapes)} features, trained on {model.trained_on}{used}"))
    policy = definition.policy
    lines.append(("threshold", f"{models[definition.model].threshold:g} of model {definition.model}"))
    lines.append(("policy", f"at most {policy.capacity_per_week} alerts a week, review within {policy.review_within_days} days"))
    scoring = {shape.feature for shape in models[definition.model].shapes}
    text = [columns(lines)]
    for scope, names in _by_scope(definition).items():
        text.append(f"{len(names)} features of the {scope} (* used by {definition.model})")
        text += [f"  {'*' if name in scoring else ' '} {name}" for name in names]
    return "\n".join(text)
