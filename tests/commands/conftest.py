"""The commands under test, run as a person would run them, and the files they make of a few invented events."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecda_stream.cli import app
from tests.commands.cases import ROOT, write_events

Run = Callable[..., Result]


def run_command(*arguments: str | Path, env: dict[str, str] | None = None) -> Result:
    """Run a command line with the project's own definitions, from wherever the tests were started."""
    surroundings = {
        "ECDA_STREAMS_DIR": str(ROOT / "streams"),
        "ECDA_MODELS_DIR": str(ROOT / "models"),
        "ECDA_TOPICS_FILE": str(ROOT / "deploy/kafka/topics.yaml"),
        **(env or {}),
    }
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=surroundings, catch_exceptions=False)


@pytest.fixture(scope="session")
def run() -> Run:
    return run_command


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with secrets, events.jsonl, log.jsonl, refusals.jsonl and out/, all made by the commands."""
    folder = tmp_path_factory.mktemp("made")
    write_events(folder / "events.jsonl")
    run_command("secrets", "create", "--out", folder / "secrets")
    # Who is drawn for the audit sample follows from the key: with this one nobody here.
    (folder / "secrets/pseudonymisation.key").write_bytes((ROOT / "streams/re_referral/golden/test.key").read_bytes())
    admitted = run_command(
        *("admit", folder / "events.jsonl", "--out", folder / "log.jsonl", "--refusals", folder / "refusals.jsonl"),
        *("--arrive", "recorded", "--secret-file", folder / "secrets/pseudonymisation.key"),
        *("--review-public-key-file", folder / "secrets/review_public.key", "--json"),
    )
    (folder / "admit.stdout").write_text(admitted.stdout, encoding="utf-8")
    (folder / "admit.code").write_text(str(admitted.exit_code), encoding="utf-8")
    replayed = run_command("replay", "re_referral", folder / "log.jsonl", "--out", folder / "out")
    assert replayed.exit_code == 0, replayed.output
    return folder
