"""The lexicon folder, read into a Lexicon."""

from __future__ import annotations

from pathlib import Path

import yaml

from ecda_stream.text.lexicon import FILES, BadLexicon, Lexicon


def load_lexicon(folder: Path) -> Lexicon:
    """Read the four YAML files of a lexicon folder.

    Raises BadLexicon with every fault: a missing or unreadable file, YAML that does not parse, or a content Lexicon.parse refuses.
    """
    files: dict[str, object] = {}
    faults: list[str] = []
    for stem in FILES:
        try:
            files[stem] = yaml.safe_load((folder / f"{stem}.yaml").read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{stem}.yaml cannot be read: {type(error).__name__}")
        except yaml.YAMLError as error:
            faults.append(f"{stem}.yaml is not YAML: {error}")
    if faults:
        raise BadLexicon(faults)
    return Lexicon.parse(files)
