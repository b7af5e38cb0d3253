"""Reads the phrase bank, checks the whole of it, and compiles every sentence once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from math import gcd
from pathlib import Path
from typing import Any

import yaml

from ecda_stream.contract.finding import Concept, Experiencer
from ecda_stream.errors import BadDefinition
from ecda_stream.simulate.bank import (
    CONCEPTS,
    DATES,
    DRAWN_ANEW,
    GROUPS,
    KINDS,
    PEOPLE,
    ROLES,
    SLOTS,
    STATUSES,
    Bank,
    Character,
    Filler,
    Layout,
    Listing,
    Manners,
    Nouns,
    Role,
    Saying,
    Section,
    Shape,
    Shared,
)
from ecda_stream.simulate.style import Status
from ecda_stream.simulate.wording import Compiler, Wording

PHRASES = Path(__file__).parent / "phrases"

_NEEDED = ("concept", "topics", "problems", "theirs", *STATUSES)
_ALLOWED = (*_NEEDED, "kind", "otherwise")


@cache
def load_bank(folder: Path = PHRASES) -> Bank:
    """Read the bank of a folder; raises BadDefinition with every fault of every file."""
    words, shorthand = _open(folder / "words.yaml"), _open(folder / "shorthand.yaml")
    lists = {name: tuple(map(str, options)) for name, options in words.items()}
    reader = _Reader(folder, Compiler(SLOTS, {**lists, **dict.fromkeys(DATES, DRAWN_ANEW)}, shorthand))
    bank = reader.read()
    if reader.faults or reader.compiler.faults:
        raise BadDefinition("phrase bank", reader.faults + reader.compiler.faults)
    return bank


def _open(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe; the C one is ten times faster


class _Reader:
    def __init__(self, folder: Path, compiler: Compiler) -> None:
        self._folder = folder
        self.compiler = compiler
        self.faults: list[str] = []

    def read(self) -> Bank:
        filler = {name: self._filler(name, sources) for name, sources in _open(self._folder / "filler.yaml").items()}
        people, shapes = _open(self._folder / "people.yaml"), _open(self._folder / "layouts.yaml")
        self._expect(people, PEOPLE, "people.yaml", every=True)
        self._expect(shapes, KINDS, "layouts.yaml", every=True)
        misspellings = {word: tuple(wrong) for word, wrong in _open(self._folder / "misspellings.yaml").items()}
        return Bank(
            sayings=dict(self._sayings()),
            people={person: tuple(map(self._character, kinds)) for person, kinds in people.items()},
            filler=filler,
            openings=tuple(name for name in filler if name.startswith("opening_")),
            shapes={kind: self._shape(kind, shape, filler) for kind, shape in shapes.items()},
            shared=self._shared(_open(self._folder / "shared.yaml")),
            misspellings=misspellings,
        )

    def _expect(self, names: Collection[str], known: Collection[str], where: str, *, every: bool = False) -> None:
        self.faults += [f"{where}: {name!r} is not known" for name in names if name not in known]
        if every:
            self.faults += [f"{where}: {name!r} is missing" for name in known if name not in names]

    def _compile(self, sources: Collection[str], where: str) -> tuple[Wording, ...]:
        self.faults += [f"{where}: said twice: {source!r}" for source in dict.fromkeys(sources) if list(sources).count(source) > 1]
        return tuple(self.compiler.compile(str(source), where) for source in sources)

    def _sayings(self) -> Iterator[tuple[tuple[Concept, Status, Experiencer], Saying]]:
        told = []
        for path in sorted((self._folder / "concepts").glob("*.yaml")):
            entry = _open(path)
            self._expect(entry, _ALLOWED, path.name)
            lacking = [f"{path.name}: {key!r} is missing" for key in _NEEDED if not entry.get(key)]
            self.faults += lacking
            if not lacking:
                told.append(entry["concept"])
                yield from self._concept(entry, path.name)
        self._expect(told, CONCEPTS, "concepts", every=True)

    def _concept(self, entry: Mapping[str, Any], where: str) -> Iterator[tuple[tuple[Concept, Status, Experiencer], Saying]]:
        nouns = Nouns(
            tuple(map(self._manners, entry["topics"])),
            tuple(map(self._manners, entry["problems"])),
            self._compile(entry["theirs"], f"{where} theirs"),
        )
        concern, otherwise = entry.get("kind", "concern") == "concern", entry.get("otherwise")
        for status in STATUSES:
            wordings = self._by_person(entry.get(status, {}), f"{where} {status}")
            role = _role(status, concern)
            for person in PEOPLE:
                whose = person if wordings[person] else otherwise
                if whose is None or not wordings.get(whose):
                    self.faults.append(f"{where} {status}: no wording for {person}")
                else:
                    yield (entry["concept"], status, person), Saying(whose, role, concern, wordings[whose], nouns)

    def _by_person(self, groups: Mapping[str, Any], where: str) -> dict[str, tuple[Wording, ...]]:
        found: dict[str, tuple[Wording, ...]] = dict.fromkeys(PEOPLE, ())
        for group, sources in groups.items():
            names = [name.strip() for name in group.split(",")]
            self._expect(names, GROUPS, where)
            wordings = self._compile(sources, where)
            for person in {person: None for name in names for person in GROUPS.get(name, ())}:
                found[person] += wordings
        return found

    def _manners(self, noun: str) -> Manners:
        return noun, self.compiler.shorten(noun, 0), self.compiler.shorten(noun, -1)

    def _character(self, entry: Mapping[str, Any]) -> Character:
        self._expect(entry, ("pronoun", "many", "named", "plain", "short", "hurt_by"), "people.yaml")
        forms = (
            self._compile(list(dict.fromkeys(entry.get(key, []))), "people.yaml") for key in ("named", "plain", "short", "hurt_by")
        )
        return Character(entry.get("pronoun"), bool(entry.get("many", False)), *forms)

    def _filler(self, name: str, sources: Collection[str]) -> Filler:
        wordings = self._compile(sources, f"filler.yaml {name}")
        return Filler(wordings, tuple(step for step in range(1, len(wordings) + 1) if gcd(step, len(wordings)) == 1))

    def _shape(self, kind: str, entry: Mapping[str, Any], filler: Mapping[str, Filler]) -> Shape:
        layouts = tuple(self._layout(sections, f"layouts.yaml {kind}", {"opening", *filler}) for sections in entry["layouts"])
        fewest, most = entry["words"]
        return Shape(fewest, most, layouts)

    def _layout(self, entries: Collection[Mapping[str, Any]], where: str, categories: Collection[str]) -> Layout:
        places: dict[Role, tuple[int, ...]] = {
            role: tuple(place for place, entry in enumerate(entries) if role in entry.get("says", ())) for role in ROLES
        }
        self.faults += [f"{where}: a layout without a place for {role}" for role, found in places.items() if not found]
        for entry in entries:
            self._expect(entry, ("headings", "says", "opens", "filler"), where)
            self._expect(entry.get("says", ()), ROLES, where)
            self._expect([*entry.get("opens", ()), *entry.get("filler", ())], categories, where)
        sections = tuple(Section(tuple(e["headings"]), tuple(e.get("opens", ())), tuple(e.get("filler", ()))) for e in entries)
        fillable = tuple((place, category) for place, section in enumerate(sections) for category in section.filler)
        return Layout(sections, places, fillable)

    def _shared(self, entry: Mapping[str, Any]) -> Shared:
        self._expect(entry, Shared._fields, "shared.yaml", every=True)
        for part in ("lists", "headings", "answers"):
            self._expect(entry[part], STATUSES, f"shared.yaml {part}", every=True)
        return Shared(
            lists={status: self._listing(listing, f"shared.yaml {status}") for status, listing in entry["lists"].items()},
            headings={status: tuple(headings) for status, headings in entry["headings"].items()},
            forms=tuple(entry["forms"]),
            answers={status: tuple(answers) for status, answers in entry["answers"].items()},
            boxes=tuple(map(tuple, entry["boxes"])),
            lead_ins=self._compile(entry["lead_ins"], "shared.yaml lead_ins"),
            again=tuple(entry["again"]),
        )

    def _listing(self, entry: Mapping[str, Any], where: str) -> Listing:
        wordings = self._compile(entry["sentences"], where)
        return Listing(entry["join"], wordings, tuple(w for w in wordings if "<theirs>" in w.source and "<who>" not in w.source))


def _role(status: Status, concern: bool) -> Role:
    if status == "current":
        return "worry" if concern else "strength"
    return "worry" if status == "denied" and not concern else status
