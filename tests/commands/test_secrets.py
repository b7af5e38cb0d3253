"""Keys are made once, for their owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ecda_stream.commands.secrets import create_secrets
from ecda_stream.errors import BadDefinition
from ecda_stream.identity.sealed import Sealer, unseal
from ecda_stream.identity.tokens import Secret
from tests.commands.conftest import Run

FILES = ("pseudonymisation.key", "review_public.key", "review_private.key")


@pytest.mark.parametrize("name", FILES)
def test_a_key_is_readable_by_its_owner_alone(tmp_path: Path, name: str) -> None:
    create_secrets(tmp_path / "new", "k1")

    assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", FILES)
def test_a_key_that_is_there_is_never_overwritten(tmp_path: Path, name: str, run: Run) -> None:
    (tmp_path / name).write_text("precious")

    result = run("secrets", "create", "--out", tmp_path)

    assert result.exit_code == 1
    assert f"{name} is there already" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "precious"


def test_what_is_sealed_with_the_public_key_opens_with_the_private_one(tmp_path: Path) -> None:
    create_secrets(tmp_path, "k7")
    key_id, key = (tmp_path / FILES[0]).read_text().split()
    public, private = (bytes.fromhex((tmp_path / name).read_text()) for name in FILES[1:])

    sealed = Sealer(Secret(key_id, bytes.fromhex(key)), public).seal({"la_child_id": "1"})

    assert key_id == "k7"
    assert unseal(sealed, private) == b'{"la_child_id":"1"}'


def test_no_two_keys_are_alike(tmp_path: Path) -> None:
    create_secrets(tmp_path / "a", "k1")
    create_secrets(tmp_path / "b", "k1")

    assert all((tmp_path / "a" / name).read_bytes() != (tmp_path / "b" / name).read_bytes() for name in FILES)


def test_a_key_id_that_no_pseudonym_could_begin_with_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match="key id"):
        create_secrets(tmp_path, "Key 1")
    assert list(tmp_path.iterdir()) == []


def test_no_key_is_printed(tmp_path: Path, run: Run) -> None:
    result = run("secrets", "create", "--out", tmp_path)

    assert all((tmp_path / name).read_text().split()[-1] not in result.output for name in FILES)
