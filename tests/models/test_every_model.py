"""What every model version promises: it is the one that was released, it fits its stream, and its card says what it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.files.stream import load_definition, load_model, verify_checksums
from tests.builders import ROOT

VERSIONS = sorted(path.parent for path in (ROOT / "models").glob("*/*/model.json"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "models").as_posix()


@pytest.mark.parametrize("folder", VERSIONS, ids=_name)
def test_it_is_what_was_released_and_fits_its_stream(folder: Path) -> None:
    definition = load_definition(ROOT / "streams" / folder.parent.name)

    model = load_model(folder, definition)

    assert {shape.feature for shape in model.shapes} <= {spec.name for spec in definition.features}
    assert model.version == folder.name


@pytest.mark.parametrize("folder", VERSIONS, ids=_name)
def test_its_card_says_what_it_is_and_must_not_be_used_for(folder: Path) -> None:
    card = (folder / "card.md").read_text(encoding="utf-8")
    model = load_model(folder, load_definition(ROOT / "streams" / folder.parent.name))

    assert model.version in card
    assert "Must not be used for" in card
    assert model.calibration or "not calibrated" in card
    assert all(shape.missing == 0 or shape.feature in card for shape in model.shapes)


@pytest.mark.parametrize("folder", VERSIONS, ids=_name)
def test_nothing_executable_lies_beside_it(folder: Path) -> None:
    assert {path.suffix for path in folder.iterdir()} <= {".json", ".md", ".png", ""}


def _broken(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / folder.name))


@pytest.mark.parametrize("folder", VERSIONS, ids=_name)
def test_one_changed_byte_one_file_more_or_one_less_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = _broken(folder, tmp_path)
    verify_checksums(copy)
    (copy / "card.md").unlink()
    (copy / "extra.json").write_text("{}")
    (copy / "model.json").write_bytes((copy / "model.json").read_bytes() + b" ")

    with pytest.raises(BadDefinition) as refused:
        verify_checksums(copy)

    assert len(refused.value.faults) == 3


@pytest.mark.parametrize("folder", VERSIONS, ids=_name)
def test_a_version_without_checksums_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = _broken(folder, tmp_path)
    (copy / "SHA256SUMS").unlink()

    with pytest.raises(BadDefinition, match="missing"):
        verify_checksums(copy)
