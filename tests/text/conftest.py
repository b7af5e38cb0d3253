from __future__ import annotations

from pathlib import Path

import pytest

from ecda_stream.files.lexicon import load_lexicon
from ecda_stream.text.lexicon import Lexicon
from ecda_stream.text.reader import Reader

FOLDER = Path(__file__).resolve().parents[2] / "streams" / "lexicon"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon(FOLDER)


@pytest.fixture(scope="session")
def reader(lexicon: Lexicon) -> Reader:
    return Reader(lexicon)
