"""A small world with a planted signal, its log, and a model trained on it, each made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecda_stream.identity.tokens import Secret
from ecda_stream.training.gather import gather
from ecda_stream.training.harvest import Harvest
from ecda_stream.training.labels import Labelled, label
from ecda_stream.training.parts import LogFile, survey
from ecda_stream.training.pool import Source, pool_harvests
from ecda_stream.training.release import release
from ecda_stream.training.train import learn
from ecda_stream.training.trained import Order, Trained
from ecda_stream.training.truth import Truth, read_truth
from tests.builders import a_desk, a_stream
from tests.training.worlds import World, a_world, write_log, write_truth

COMMAND = "ecda-stream train re_referral LOG --out DIR"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("training")


@pytest.fixture(scope="session")
def secret() -> Secret:
    return a_desk().secret


@pytest.fixture(scope="session")
def secret_file(folder: Path, secret: Secret) -> Path:
    path = folder / "secret.key"
    path.write_text(f"{secret.key_id} {secret.key.hex()}\n", encoding="ascii")
    return path


@pytest.fixture(scope="session")
def world() -> World:
    return a_world(families=700)


@pytest.fixture(scope="session")
def log(folder: Path, world: World) -> LogFile:
    return survey(write_log(folder / "log.jsonl", world.events))


@pytest.fixture(scope="session")
def truth_file(folder: Path, world: World) -> Path:
    return write_truth(folder / "truth.jsonl", world.truth)


@pytest.fixture(scope="session")
def truth(truth_file: Path, secret: Secret) -> Truth:
    return read_truth(truth_file, secret, a_stream().definition)


@pytest.fixture(scope="session")
def harvest(log: LogFile) -> Harvest:
    return gather(log, a_stream(), processes=1)


@pytest.fixture(scope="session")
def labelled(harvest: Harvest) -> Labelled:
    return label(harvest, a_stream().definition, history_years=1)


@pytest.fixture(scope="session")
def trained(harvest: Harvest, log: LogFile, truth: Truth) -> Trained:
    order = Order("tiny-1", "simulated", history_years=1, seed=1)
    definition = a_stream().definition
    return learn(pool_harvests([Source(log, truth)], [harvest], definition, order.history_years), definition, order)


@pytest.fixture(scope="session")
def unlinked(folder: Path) -> World:
    """A smaller world, in which what foretells a return comes under numbers that nobody can link."""
    world = a_world(families=50, seed=8, unlinked=True)
    write_log(folder / "unlinked.jsonl", world.events)
    write_truth(folder / "unlinked.truth.jsonl", world.truth)
    return world


@pytest.fixture(scope="session")
def released(folder: Path, trained: Trained) -> Path:
    out = folder / "models" / "re_referral" / "tiny-1"
    release(trained, out, COMMAND)
    return out
