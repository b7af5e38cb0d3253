"""Every command says what it does, shows an example that would run, and says so quickly."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from ecda_stream import __version__
from ecda_stream.cli import app
from tests.commands.conftest import Run

HEAVY = {"spacy", "sklearn", "faust", "aiokafka", "pydantic_settings", "yaml", "numpy"}
"""pydantic itself may be there: typer uses it for options where it is installed."""


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, below in getattr(command, "commands", {}).items():
        yield from walk(below, (*path, name))
    if not hasattr(command, "commands"):
        yield path, command


ROOT_COMMAND = typer.main.get_command(app)
COMMANDS = dict(walk(ROOT_COMMAND))
GROUPS = sorted({path[:-1] for path in COMMANDS if len(path) > 1})


def examples_of(command: Any) -> list[list[str]]:
    lines = f"{command.help or ''}\n{command.epilog or ''}".splitlines()
    shown = [line.partition(":")[2] for line in lines if line.strip().startswith(("Example:", "Examples:"))]
    return [shlex.split(example)[1:] for line in shown for example in line.replace(" && ", " · ").split("·")]


def resolve(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    place, rest = ROOT_COMMAND, list(words)
    path: tuple[str, ...] = ()
    while hasattr(place, "commands") and rest and rest[0] in place.commands:
        path = (*path, rest[0])
        place = place.commands[rest.pop(0)]
    return path, rest


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_command_says_what_it_does(path: tuple[str, ...]) -> None:
    assert len(COMMANDS[path].help or "") > 20


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_option_and_argument_is_explained(path: tuple[str, ...]) -> None:
    unexplained = [parameter.name for parameter in COMMANDS[path].params if not parameter.help]

    assert unexplained == []


@pytest.mark.parametrize("path", sorted(COMMANDS), ids=" ".join)
def test_every_command_has_an_example_of_itself_with_options_that_it_has(path: tuple[str, ...]) -> None:
    resolved = [resolve(words) for words in examples_of(COMMANDS[path])]
    options = {name for parameter in COMMANDS[path].params for name in (*parameter.opts, *parameter.secondary_opts)}

    own = [rest for named, rest in resolved if named == path]
    assert own, "no example of this command"
    assert {word for rest in own for word in rest if word.startswith("--")} <= options


@pytest.mark.parametrize("path", [(), *GROUPS, ("admit",), ("run",), ("alerts", "show")], ids=" ".join)
def test_help_is_quick_because_it_imports_nothing_heavy(path: tuple[str, ...]) -> None:
    program = f"import sys\nfrom ecda_stream.cli import main\nsys.argv = ['ecda-stream', *{list(path)!r}, '--help']\n"
    program += "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code\n"

    assert modules_after(program) & HEAVY == set()


def test_the_command_line_itself_imports_no_pydantic() -> None:
    assert modules_after("import ecda_stream.cli") & (HEAVY | {"pydantic"}) == set()


def modules_after(program: str) -> set[str]:
    program += "\nimport json, sys\nprint(json.dumps([*{name.partition('.')[0] for name in sys.modules}]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").stdout.strip() == __version__


def test_a_stream_that_is_not_there_is_a_message_and_not_a_traceback(run: Run) -> None:
    result = run("check", "no_such_stream")

    assert result.exit_code == 5
    assert "no stream here" in result.stderr
    assert "Traceback" not in result.output
