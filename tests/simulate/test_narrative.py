"""The notes of the simulator: they say what they are asked to say, nothing else, and read like the work of different people."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import yaml

from ecda_stream.errors import BadDefinition
from ecda_stream.simulate.bank import CONCEPTS, PEOPLE, STATUSES, Nouns
from ecda_stream.simulate.load_bank import PHRASES, load_bank
from ecda_stream.simulate.narrative import Kind, Mention, Names, Style, settle, write_note
from ecda_stream.simulate.wording import SLOT

KINDS: tuple[Kind, ...] = get_args(Kind)
NAMES = Names("Zorin", "Quilla", "Vossel", "Brannoc", ("Tivvy", "Ossian"), "Yevka", "Wexcombe Primary", "he")
NOBODY = Names("Zorin", None, None, None, (), "Yevka", None, "they")
PLAIN = Style(headings=False, bullets=False, shorthand=0.0, typos=0.0, length=1.0, telegraphic=0.0)
FORMAL = Style(headings=True, bullets=True, shorthand=0.0, typos=0.0, length=1.0, telegraphic=0.0)
HURRIED = Style(headings=False, bullets=True, shorthand=1.0, typos=0.1, length=0.7, telegraphic=0.9)

RARE = "learning_disability physical_illness sexual_abuse gangs trafficking young_carer private_fostering uasc fgm faith_abuse"

FAMILY = [
    Mention("domestic_abuse", "past", "mother"),
    Mention("alcohol_misuse", "current", "father"),
    Mention("drug_misuse", "denied", "mother"),
    Mention("protective_support", "current", "grandparent"),
    Mention("school_attendance", "possible", "child"),
]


def write_many(count: int, seed: str, mentions: list[Mention], names: Names = NAMES, style: Style | None = None) -> list[str]:
    rng = random.Random(seed)
    return [write_note(KINDS[place % 3], mentions, names, style or any_style(rng), rng) for place in range(count)]


def any_style(rng: random.Random) -> Style:
    shares = [rng.random() for _ in range(3)]
    return Style(rng.random() < 0.5, rng.random() < 0.5, shares[0], shares[1] * 0.05, rng.uniform(0.6, 1.4), shares[2])


@cache
def nouns_of(concept: str) -> re.Pattern[str]:
    entry: Nouns = next(saying.nouns for (known, _, _), saying in load_bank().sayings.items() if known == concept)
    nouns = {noun for manners in (*entry.topics, *entry.problems) for noun in manners}
    return re.compile("|".join(rf"(?<!\w){re.escape(noun)}(?!\w)" for noun in nouns), re.IGNORECASE)


@cache
def sentences_of(mention: Mention) -> list[list[str]]:
    saying = load_bank().sayings[mention.concept, mention.status, mention.whose]
    sources = [wording.source for wording in (*saying.wordings, *saying.nouns.theirs)]
    cut = [[piece.lower() for piece in SLOT.split(source)[::2]] for source in sources]
    return [pieces for pieces in cut if "".join(pieces).strip()]


def says(note: str, mention: Mention) -> bool:
    """Whether one wording stands in the note with all the pieces between its slots, or a noun of the concept does."""
    lines = note.lower().split("\n")
    return any(stand_in_order(pieces, line) for line in lines for pieces in sentences_of(mention)) or bool(
        nouns_of(mention.concept).search(note)
    )


def stand_in_order(pieces: list[str], line: str) -> bool:
    place = 0
    for piece in pieces:
        place = line.find(piece, place) + len(piece)
        if place < len(piece):
            return False
    return True


def wordings() -> Iterator[tuple[str, str]]:
    for (concept, _, _), saying in load_bank().sayings.items():
        for wording in saying.wordings:
            yield concept, wording.source


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_concept_can_be_said_with_every_status_of_everybody(concept: str, status: str) -> None:
    rng = random.Random(f"{concept}/{status}")
    for whose in PEOPLE:
        mention = Mention(concept, status, whose)  # type: ignore[arg-type]
        for kind in KINDS:
            note = write_note(kind, [mention], NAMES, rng.choice((PLAIN, FORMAL)), rng)

            assert says(note, mention)


def test_many_ways_lead_to_every_concept_and_more_to_the_frequent_ones() -> None:
    for concept in CONCEPTS:
        for status in STATUSES:
            ways = {way.source for whose in PEOPLE for way in load_bank().sayings[concept, status, whose].wordings}

            assert len(ways) >= (8 if concept in RARE else 12), (concept, status)


def test_a_mention_of_somebody_it_makes_no_sense_of_is_told_of_somebody_else() -> None:
    assert settle(Mention("school_attendance", "current", "mother")) == Mention("school_attendance", "current", "child")
    assert settle(Mention("housing", "past", "sibling")) == Mention("housing", "past", "family")
    assert settle(Mention("alcohol_misuse", "denied", "grandparent")) == Mention("alcohol_misuse", "denied", "grandparent")


def test_a_note_without_mentions_uses_no_wording_of_any_concept() -> None:
    pieces = {max(SLOT.split(source)[::2], key=len) for _, source in wordings()}
    telling = [piece for piece in pieces if len(piece) >= 15]
    for note in write_many(180, "nothing", [], style=FORMAL) + write_many(60, "nobody", [], NOBODY, PLAIN):
        assert not [piece for piece in telling if piece in note]
        assert not [concept for concept in CONCEPTS if nouns_of(concept).search(note)]


def test_a_note_does_not_name_a_concept_that_was_not_asked_for() -> None:
    others = ("gangs", "trafficking", "fgm", "uasc", "cse", "housing", "self_harm", "private_fostering")
    for note in write_many(300, "others", FAMILY, style=PLAIN):
        assert not [concept for concept in others if nouns_of(concept).search(note)]


def test_all_that_is_asked_for_is_in_one_note() -> None:
    many = [Mention(concept, STATUSES[place % 4], "mother") for place, concept in enumerate(CONCEPTS)]
    for note in write_many(60, "all", many, style=FORMAL) + write_many(60, "all", many, style=PLAIN):
        assert [mention.concept for mention in many if not says(note, mention)] == []


def test_the_same_seed_gives_the_same_notes_and_another_seed_others() -> None:
    assert write_many(30, "a", FAMILY) == write_many(30, "a", FAMILY)
    assert write_many(30, "a", FAMILY) != write_many(30, "b", FAMILY)


def test_no_two_workers_write_the_same_note() -> None:
    notes = write_many(200, "twins", FAMILY)

    assert len(set(notes)) == 200


def test_typos_change_letters_and_not_what_is_said() -> None:
    for place in range(300):
        style = any_style(random.Random(place))
        clean, typed = (
            write_note(KINDS[place % 3], FAMILY, NAMES, Style(**{**vars(style), "typos": share}), random.Random(place))
            for share in (0.0, 0.08)
        )

        assert [line.count(" ") for line in clean.split("\n")] == [line.count(" ") for line in typed.split("\n")]
        changed = [(a, b) for a, b in zip(clean.split(), typed.split(), strict=True) if a != b]
        assert all(a.islower() and abs(len(a) - len(b)) <= 3 for a, b in changed)


def test_a_careless_worker_mistypes_and_a_careful_one_does_not() -> None:
    rng = random.Random(5)
    careful = " ".join(write_note("assessment", FAMILY, NAMES, PLAIN, rng) for _ in range(50)).split()
    careless = " ".join(write_note("assessment", FAMILY, NAMES, Style(**{**vars(PLAIN), "typos": 0.1}), rng) for _ in range(50)).split()

    assert len(set(careless)) > 1.2 * len(set(careful))


@pytest.mark.parametrize(("kind", "shortest", "longest"), [("referral", 60, 180), ("assessment", 180, 450), ("closure", 50, 150)])
def test_notes_are_as_long_as_their_kind_on_average(kind: Kind, shortest: int, longest: int) -> None:
    rng = random.Random(kind)
    words = sorted(len(write_note(kind, FAMILY, NAMES, PLAIN, rng).split()) for _ in range(400))
    long = [len(write_note(kind, FAMILY, NAMES, Style(**{**vars(PLAIN), "length": 1.4}), rng).split()) for _ in range(400)]

    assert shortest < sum(words) / 400 < longest
    assert sum(shortest <= count <= longest for count in words) > 0.8 * 400
    assert sum(long) > 1.15 * sum(words)


def test_no_slot_is_left_open_in_any_note() -> None:
    rng = random.Random("slots")
    for place in range(5000):
        mentions = [Mention(rng.choice(CONCEPTS), rng.choice(STATUSES), rng.choice(PEOPLE)) for _ in range(place % 8)]
        note = write_note(KINDS[place % 3], mentions, NOBODY if place % 5 == 0 else NAMES, any_style(rng), rng)

        assert not re.search(r"[<>{}]|%s|%%|\bNone\b(?! of)|  ", note)
        assert note
        assert note == note.strip()


def test_headings_stand_only_where_a_team_writes_them() -> None:
    bank = load_bank()
    shaped = [
        heading for shape in bank.shapes.values() for layout in shape.layouts for part in layout.sections for heading in part.headings
    ]
    known = {heading.lower() for heading in [*shaped, *bank.shared.forms, *(h for some in bank.shared.headings.values() for h in some)]}

    def headings(note: str) -> list[str]:
        return [line for line in note.split("\n") if line.lower().rstrip(" :-") in known]

    assert not [note for note in write_many(300, "without", FAMILY, style=PLAIN) if headings(note)]
    assert sum(bool(headings(note)) for note in write_many(300, "with", FAMILY, style=FORMAL)) > 270


def test_bullets_stand_only_where_a_team_writes_them() -> None:
    bulleted = re.compile(r"^[-•*–] ?\w", re.MULTILINE)

    assert not [note for note in write_many(200, "plain", FAMILY, style=PLAIN) if bulleted.search(note)]
    assert sum(bool(bulleted.search(note)) for note in write_many(200, "list", FAMILY, style=FORMAL)) > 150


def test_only_the_names_that_were_given_occur() -> None:
    given = "Zorin|Quilla|Vossel|Brannoc|Tivvy|Ossian|Yevka|Wexcombe|Primary"
    days = "(?:Mon|Tues|Wednes|Thurs|Fri|Sun)days?|Christmas|Easter|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
    proper = "Mum|Dad|Polish|English|British|White|Catholics|Minecraft|Year"
    schemes = "Freedom|Programme|Graded|Care|Profile|Home|Office|Operation|Encompass"
    allowed = re.compile(f"{given}|{days}|{proper}|{schemes}")
    seen: set[str] = set()
    for note in write_many(2000, "names", [], style=PLAIN) + [
        n for m in every_mention() for n in write_many(3, str(m), [m], style=PLAIN)
    ]:
        seen |= set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]+\b", note))

    assert not [word for word in seen if not allowed.fullmatch(word)]


def every_mention() -> Iterator[Mention]:
    for concept in CONCEPTS:
        for status in STATUSES:
            for whose in PEOPLE:
                yield Mention(concept, status, whose)


def test_nobody_is_named_who_is_not_there() -> None:
    for note in write_many(300, "alone", FAMILY, NOBODY, PLAIN):
        assert not re.search("Quilla|Vossel|Brannoc|Tivvy|Ossian|Wexcombe", note)
    for note in write_many(300, "alone", [], NOBODY, PLAIN):
        assert not re.search(
            r"\b(?:sibling|partner)\b(?! [a-z]*ed\b)", note.replace("sibling to be included", "").replace("siblings", "")
        )


def test_a_child_who_is_not_born_has_no_hobbies() -> None:
    unborn = Names("Unborn", "Quilla", None, None, (), "Yevka", None, "they")

    assert not [
        note for note in write_many(300, "unborn", [], unborn, PLAIN) if re.search("Unborn (?:likes|eats|told|said|enjoys)", note)
    ]


def test_a_hurried_worker_abbreviates() -> None:
    notes = " ".join(write_many(100, "hurried", FAMILY, style=HURRIED))

    assert re.search(r"\bMo\b", notes)
    assert re.search(r"\b(?:DA|DV)\b", notes)
    assert len(re.findall(r"\bthe\b", notes)) < 0.3 * len(
        re.findall(r"\bthe\b", " ".join(write_many(100, "hurried", FAMILY, style=PLAIN)))
    )


def test_a_bank_with_faults_is_refused_with_all_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "phrases"
    shutil.copytree(PHRASES, folder)
    path = folder / "concepts" / "gangs.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    entry["current"]["anyone"].append("<whom> is in a gang.")
    entry["current"]["lodger"] = ["<who> <is> in a gang."]
    entry["sometimes"] = {}
    path.write_text(yaml.safe_dump({**entry, "concept": "gang_life"}), encoding="utf-8")

    with pytest.raises(BadDefinition) as refused:
        load_bank(folder)

    for fault in ("<whom>", "'lodger'", "'sometimes'", "'gang_life' is not known", "'gangs' is missing"):
        assert fault in str(refused.value)
