"""A lexicon is taken whole or refused with every fault."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecda_stream.files.lexicon import load_lexicon
from ecda_stream.text.lexicon import CONCEPTS, FILES, BadLexicon, Lexicon
from ecda_stream.text.spelling import slips

from .conftest import FOLDER


@pytest.fixture
def files() -> dict[str, Any]:
    return {stem: yaml.safe_load((FOLDER / f"{stem}.yaml").read_text(encoding="utf-8")) for stem in FILES}


def test_the_lexicon_has_at_least_eight_phrases_for_every_concept(lexicon: Lexicon) -> None:
    assert {name for name, phrases in lexicon.phrases.items() if len(phrases) >= 8} == set(CONCEPTS)


def test_the_digest_follows_the_content(files: dict[str, Any], lexicon: Lexicon) -> None:
    assert len(lexicon.digest) == 16
    assert Lexicon.parse(copy.deepcopy(files)).digest == lexicon.digest
    files["concepts"]["concepts"]["neglect"]["phrases"].append("no winter coat")
    assert Lexicon.parse(files).digest != lexicon.digest


def test_all_faults_are_reported_at_once(files: dict[str, Any]) -> None:
    concepts = files["concepts"]["concepts"]
    concepts["rain"] = {"phrases": ["rain"]}
    concepts["neglect"]["phrases"] += [" ", False, "Home-schooled"]
    concepts["school_attendance"]["phrases"] += ["home schooled", "home schooled"]
    files["cues"]["headings"]["plan"]["status"] = "hoped"
    files["people"]["version"] = 0
    files["weather"] = {}

    with pytest.raises(BadLexicon) as caught:
        Lexicon.parse(files)

    for part in ("'rain'", "empty phrase", "False is not a text", "stands twice", "stands under", "status", "version", "weather"):
        assert part in str(caught.value)


def test_a_missing_file_and_broken_yaml_are_faults(tmp_path: Path) -> None:
    (tmp_path / "cues.yaml").write_text("cues: [", encoding="utf-8")

    with pytest.raises(BadLexicon) as caught:
        load_lexicon(tmp_path)

    assert "concepts.yaml cannot be read" in str(caught.value)
    assert "cues.yaml is not YAML" in str(caught.value)


@pytest.mark.parametrize("nothing", [None, [], "text", {}])
def test_a_file_of_the_wrong_shape_is_a_fault_not_a_crash(files: dict[str, Any], nothing: object) -> None:
    for stem in FILES:
        with pytest.raises(BadLexicon):
            Lexicon.parse({**files, stem: nothing})


def test_a_slip_is_read_as_the_word_meant_unless_it_is_a_word() -> None:
    meant = slips(["neglect", "parents", "parent"], ["elegant"])

    assert meant["negelct"] == meant["neglct"] == meant["negllect"] == "neglect"
    assert "parent" not in meant
