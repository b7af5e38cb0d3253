"""A stream from its folder, and its models from theirs: checksums first, then the content."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import yaml

from ecda_stream.definition import StreamDefinition, parse_definition
from ecda_stream.errors import BadDefinition, Unavailable
from ecda_stream.score.model import Model, parse_model
from ecda_stream.score.stream import Stream

CHECKSUMS = "SHA256SUMS"


def load_stream(name: str, streams: Path, models: Path) -> Stream:
    """Return a stream with every model version in its folder.

    Raises Unavailable if there is no such stream, BadDefinition with every fault of the definition or of a model.
    """
    definition = load_definition(streams / name)
    if definition.stream != name:
        raise BadDefinition(f"stream {name}", [f"stream.yaml says it is {definition.stream}"])
    installed = {folder.name: load_model(folder, definition) for folder in sorted((models / name).glob("*")) if folder.is_dir()}
    if definition.model not in installed:
        raise BadDefinition(f"stream {name}", [f"model {definition.model} is named and not installed in {models / name}"])
    return Stream(definition, installed)


def load_definition(folder: Path) -> StreamDefinition:
    """Return the definition in a stream's folder."""
    path = folder / "stream.yaml"
    if not path.is_file():
        raise Unavailable(f"no stream here: {path} does not exist")
    try:
        return parse_definition(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise BadDefinition(str(path), [f"not YAML: {error}"]) from None


def load_model(folder: Path, definition: StreamDefinition) -> Model:
    """Return the model in a version's folder, after every file that its SHA256SUMS lists has been checked."""
    verify_checksums(folder)
    try:
        raw = json.loads((folder / "model.json").read_bytes())
    except (OSError, ValueError):
        raise BadDefinition(str(folder), ["model.json cannot be read as JSON"]) from None
    model = parse_model(raw, definition)
    if model.version != folder.name:
        raise BadDefinition(str(folder), [f"model.json says version {model.version}"])
    return model


def verify_checksums(folder: Path) -> None:
    """Check a version's files against its SHA256SUMS.

    Raises BadDefinition if a listed file differs or a file is not listed.
    """
    sums = folder / CHECKSUMS
    if not sums.is_file():
        raise BadDefinition(str(folder), [f"{CHECKSUMS} is missing"])
    lines = [line.partition("  ") for line in sums.read_text(encoding="utf-8").splitlines()]
    listed = {name: checksum for checksum, _, name in lines}
    present = {path.name for path in folder.iterdir() if path.name != CHECKSUMS}
    faults = [f"{name} is not in {CHECKSUMS}" for name in sorted(present - listed.keys())]
    faults += [f"{name} is listed and missing" for name in sorted(listed.keys() - present)]
    faults += [
        f"{name} is not the file that was released"
        for name in sorted(present & listed.keys())
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != listed[name]
    ]
    if faults:
        raise BadDefinition(str(folder), faults)
