"""The simulator knows nothing of how the project reads, links features or scores: its risk is not written from their list."""

from __future__ import annotations

import ast
from pathlib import Path

import ecda_stream.simulate

FORBIDDEN = ("ecda_stream.features", "ecda_stream.text", "ecda_stream.score", "ecda_stream.alert", "ecda_stream.definition")
PACKAGE = Path(ecda_stream.simulate.__file__).parent


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_no_module_imports_what_reads_or_scores() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        assert not [name for name in imported(path) if name.startswith(FORBIDDEN)], path.name


def test_no_module_opens_the_streams_or_the_lexicon() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        assert "streams/" not in path.read_text(encoding="utf-8"), path.name
