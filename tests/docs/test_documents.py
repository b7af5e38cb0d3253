"""What the documents name exists: commands with their options, make targets, paths, settings, metrics, examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main
from prometheus_client import CollectorRegistry

from ecda_stream.cli import app
from ecda_stream.contract.source_event import SourceRecord, decode
from ecda_stream.worker.metrics import Metrics
from ecda_stream.worker.settings import Settings

ROOT = Path(__file__).parents[2]
README, RUNBOOK = ROOT / "README.md", ROOT / "deploy/runbook.md"
DOCUMENTS = [
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
    RUNBOOK,
    *sorted(ROOT.glob("streams/*/README.md")),
]
SUFFIX_OF = {"counter": "_total"}
WHERE_FILES_LIE = ("ecda_stream", "streams", "models", "deploy")
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*/?")
FILE = re.compile(r"[A-Za-z0-9_-]+\.(json|md|py|toml|txt|xml|yaml|yml)|LICENSE|Makefile|SHA256SUMS")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def blocks_of(document: Path) -> list[str]:
    return BLOCK.findall(document.read_text(encoding="utf-8"))


def spans_of(document: Path) -> list[str]:
    return SPAN.findall(BLOCK.sub("", document.read_text(encoding="utf-8")))


def code_of(document: Path, program: str) -> Iterator[list[str]]:
    """Every use of a program, as its words."""
    for code in (*spans_of(document), *(line for block in blocks_of(document) for line in block.splitlines())):
        if code.startswith(f"{program} "):
            yield code.partition(" #")[0].split()[1:]


def commands_of(command: Any) -> dict[str, Any]:
    """Return what stands below a command; nothing below one that is no group."""
    below: dict[str, Any] = getattr(command, "commands", {})
    return below


def find_command(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that words name, and the words after its name."""
    command: Any = typer.main.get_command(app)
    while commands_of(command) and words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        name, *words = words
        assert name in commands_of(command), f"{command.name} has no command {name}"
        command = commands_of(command)[name]
    return command, words


def options_of(command: Any) -> set[str]:
    return {"--help"} | {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def test_there_are_documents_of_every_kind() -> None:
    assert all(document.is_file() for document in DOCUMENTS)
    assert {"lexicon", "re_referral"} <= {document.parent.name for document in DOCUMENTS}


@each_document
def test_every_command_that_is_named_exists_with_its_options(document: Path) -> None:
    for words in code_of(document, "ecda-stream"):
        command, rest = find_command(words)
        unknown = {word.partition("=")[0] for word in rest if word.startswith("--")} - options_of(command)
        assert not unknown, f"ecda-stream {' '.join(words)}"


def test_the_readme_names_every_command() -> None:
    commands = commands_of(typer.main.get_command(app))

    assert commands.keys() == {words[0] for words in code_of(README, "ecda-stream")}


@each_document
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {words[0] for words in code_of(document, "make")} <= targets


@each_document
def test_every_path_that_is_named_exists(document: Path) -> None:
    top = {path.name for path in ROOT.iterdir()} | {path.name for path in document.parent.iterdir()}
    paths = {span for span in spans_of(document) if PATH.fullmatch(span) and "/" in span and span.partition("/")[0] in top}
    paths |= {span for span in spans_of(document) if span.endswith("/") and PATH.fullmatch(span)}
    missing = [path for path in sorted(paths) if not (ROOT / path).exists() and not (document.parent / path).exists()]

    assert not missing


@each_document
def test_every_file_that_is_named_without_a_folder_exists(document: Path) -> None:
    known = {path.name for folder in WHERE_FILES_LIE for path in (ROOT / folder).rglob("*") if path.is_file()}
    known |= {path.name for path in (*ROOT.iterdir(), *document.parent.iterdir()) if path.is_file()}

    assert {span for span in spans_of(document) if FILE.fullmatch(span)} <= known


@pytest.mark.parametrize(("name", "field"), Settings.model_fields.items(), ids=Settings.model_fields)
def test_the_runbook_has_every_setting_with_its_default(name: str, field: object) -> None:
    default = getattr(field, "default", ...)
    row = f"| `ECDA_{name.upper()}` | {'none' if default is None else f'`{default}`'} |"

    assert row in RUNBOOK.read_text(encoding="utf-8")


@each_document
def test_every_setting_that_is_named_exists(document: Path) -> None:
    named = set(re.findall(r"\bECDA_[A-Z_]+\b", document.read_text(encoding="utf-8")))

    assert named <= {f"ECDA_{name.upper()}" for name in Settings.model_fields}


def test_the_runbook_has_every_metric_and_no_other() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    exposed = {family.name + SUFFIX_OF.get(family.type, "") for family in registry.collect()}

    assert set(re.findall(r"^\| `(ecda_[a-z_]+)` \|", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)) == exposed


def test_the_runbook_has_every_exit_code() -> None:
    from ecda_stream.commands.exits import ExitCode

    rows = re.findall(r"^\| (\d+) \|", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)

    assert {int(row) for row in rows} >= set(ExitCode)


@each_document
def test_every_event_that_is_shown_would_be_admitted(document: Path) -> None:
    for block in blocks_of(document):
        if '"specversion"' in block:
            value = json.dumps(json.loads(block)).encode()
            assert decode(SourceRecord("", 0, 0, None, value, {}, datetime(2026, 11, 23, 12, tzinfo=UTC))).unknown_fields == 0
