"""What holds for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecda_stream.text.lexicon import SECTIONS
from ecda_stream.text.mention import summarise
from ecda_stream.text.plain import Plain
from ecda_stream.text.reader import Reader

WORDS = [
    "No evidence of", "neglect", "DV", "Mother", "denies", "but", "confirmed", ".", ";", "\n", "\n\n", "- ", "[ ]", "[x]", "☐", "?",
    "History:", "risk of", "no longer", "hit", "her", "he", "since", "2015", ": No", ", ", "  ", "self-harm", "\u200b", "’s", "\r\n",
]  # fmt: skip
NOTES = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=300),
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=40).map("".join),
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(note=NOTES)
def test_any_text_is_read_with_spans_inside_it(reader: Reader, note: str) -> None:
    for mention in reader.read(note):
        assert 0 <= mention.start < mention.end <= len(note)
        assert note[mention.start].strip()
        assert mention.section in SECTIONS
        assert not (mention.negated and (mention.historical or mention.hypothetical))


@quick
@given(note=NOTES)
def test_the_same_text_gives_the_same_findings(reader: Reader, note: str) -> None:
    assert reader.read(note) == reader.read(note)
    assert summarise(reader.read(note)) == summarise(reversed(reader.read(note)))


@quick
@given(note=NOTES)
def test_a_plain_position_leads_back_to_its_character(note: str) -> None:
    plain = Plain.of(note)

    origins = [plain.origin(at) for at in range(len(plain.text))]

    assert len(plain.text) <= len(note)
    assert origins == sorted(set(origins))
    assert all(note[where] == char for char, where in zip(plain.text, origins, strict=True) if char.isalnum())


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\x00\x01\x1f",
        "\n" * 100_000,
        "a" * 200_000,
        "?!" * 50_000,
        "neglect " * 5_000,
        "no neglect and " * 4_000,
        "[ ] neglect " * 3_000,
        "CSE: no " * 4_000,
        "\u202eneglect\u202c 🙂" * 1_000,
        "\ud800 neglect",
    ],
    ids=["empty", "control", "lines", "one word", "signs", "one concept", "one sentence", "boxes", "answers", "rtl", "surrogate"],
)
def test_a_hostile_note_is_read(reader: Reader, note: str) -> None:
    assert all(note[m.start : m.end].strip() for m in reader.read(note))
