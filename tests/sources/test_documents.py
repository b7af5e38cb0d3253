"""Narratives arrive as a table, as lines or as a folder, and are the same documents."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ecda_stream.sources.accounting import Account
from ecda_stream.sources.documents import read_documents
from ecda_stream.sources.reading import SourceEvent, UnreadableFile

from .builders import faults

ROWS = [
    {
        "la_child_id": "C1",
        "referral_date": "2026-01-05",
        "kind": "referral",
        "written_date": "2026-01-05",
        "recorded_time": "2026-01-06T09:00:00",
        "text": 'Mo said "no".\n\n- bullet, with comma\n- café',
    },
    {
        "la_child_id": "C1",
        "referral_date": "2026-01-05",
        "kind": "closure",
        "written_date": "2026-05-01",
        "recorded_time": "",
        "text": "Close.",
    },
]


def read(path: Path, account: Account | None = None) -> list[SourceEvent]:
    account = account or Account()
    events = list(read_documents(path, authority="881", account=account))
    assert account.balanced, account.render()
    return events


def a_csv(path: Path, rows: list[dict[str, Any]], encoding: str = "utf-8") -> Path:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def a_folder(folder: Path, rows: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    for place, row in enumerate(rows):
        (folder / f"{place}.txt").write_bytes(row["text"].encode())
    a_csv(folder / "index.csv", [{**{k: v for k, v in row.items() if k != "text"}, "file": f"{i}.txt"} for i, row in enumerate(rows)])
    return folder


def test_table_lines_and_folder_give_equal_events(tmp_path: Path) -> None:
    lines = tmp_path / "d.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in ROWS))

    from_table = read(a_csv(tmp_path / "d.csv", ROWS))

    assert from_table == read(lines) == read(a_folder(tmp_path / "d", ROWS))
    assert [event["data"]["text"] for event in from_table] == [row["text"] for row in ROWS]
    assert from_table[0]["recordedtime"] == "2026-01-06T09:00:00"
    assert "recordedtime" not in from_table[1]
    assert list(faults(from_table)) == []


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    assert read(a_csv(tmp_path / "d.csv", ROWS, "utf-8-sig")) == read(a_csv(tmp_path / "e.csv", ROWS))


def test_a_text_of_nine_megabytes_is_passed_on_for_admit_to_refuse(tmp_path: Path) -> None:
    [event] = read(a_csv(tmp_path / "d.csv", [{**ROWS[0], "text": "x" * 9_000_000}]))

    assert len(event["data"]["text"]) == 9_000_000


def test_a_revised_text_is_the_same_document_and_another_of_its_kind_is_not(tmp_path: Path) -> None:
    revised = {**ROWS[0], "text": "Mo said yes."}
    another = {**ROWS[0], "written_date": "2026-02-01"}

    first, again, second = read(a_csv(tmp_path / "d.csv", [ROWS[0], revised, another]))

    assert first["id"] == again["id"] != second["id"]


def test_a_corrected_written_date_keeps_the_document(tmp_path: Path) -> None:
    [first] = read(a_csv(tmp_path / "d.csv", ROWS[:1]))
    [corrected] = read(a_csv(tmp_path / "e.csv", [{**ROWS[0], "written_date": "2026-01-07"}]))

    assert corrected["id"] == first["id"]


@pytest.mark.parametrize("column", ["la_child_id", "referral_date", "kind", "written_date", "text"])
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    rows = [{name: value for name, value in row.items() if name != column} for row in ROWS]

    with pytest.raises(UnreadableFile, match=f"lacks column .*{column}"):
        read(a_csv(tmp_path / "d.csv", rows))


def test_an_episode_id_can_stand_in_for_the_referral_date(tmp_path: Path) -> None:
    rows = [{**{name: value for name, value in ROWS[0].items() if name != "referral_date"}, "episode_id": "E1"}]

    [event] = read(a_csv(tmp_path / "d.csv", rows))

    assert event["data"]["episode_id"] == "E1"


def test_unknown_columns_and_cells_beyond_them_are_counted(tmp_path: Path) -> None:
    account = Account()
    path = tmp_path / "d.csv"
    path.write_text("la_child_id,referral_date,kind,written_date,text,mood\nC1,2026-01-05,referral,2026-01-05,words,glum,more,\n")

    read(path, account)

    assert account.left_out == {
        ("not a column of a documents table", "mood"): 1,
        ("cell without a column", "(beyond)"): 1,
        ("empty", "(beyond)"): 1,
    }


@pytest.mark.parametrize("given", ["../outside.txt", "/etc/hostname", "a/../../outside.txt"])
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, given: str) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    folder = a_folder(tmp_path / "d", ROWS)
    a_csv(folder / "index.csv", [{**ROWS[0], "text": "", "file": given}])

    with pytest.raises(UnreadableFile, match=r"line 2: the file lies outside"):
        read(folder)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    folder = a_folder(tmp_path / "d", ROWS)
    (folder / "0.txt").unlink()
    (folder / "0.txt").symlink_to(tmp_path / "outside.txt")

    with pytest.raises(UnreadableFile, match="outside"):
        read(folder)


def test_a_text_file_that_the_index_does_not_name_is_counted(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "d", ROWS)
    (folder / "forgotten.txt").write_text("words")
    account = Account()

    read(folder, account)

    assert ("text file that index.csv does not name", "(text file)") in account.left_out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", b"la_child_id,referral_date,kind,written_date,text\nC1,2026-01-05,referral,2026-01-05,\xff\xfe\n"),
        ("d.csv", b'la_child_id,referral_date,kind,written_date,text\nC1,2026-01-05,referral,2026-01-05,"cut'),
        ("d.csv", b""),
        ("d.jsonl", b'{"la_child_id": "C1"\n'),
        ("d.jsonl", b"[1]\n"),
        ("d.docx", b"words"),
    ],
)
def test_broken_files_are_refused_without_quoting_them(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path / name)
    assert "C1" not in str(refused.value)


def test_a_folder_without_index_or_with_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"no index\.csv"):
        read(tmp_path)
    folder = a_folder(tmp_path / "d", ROWS)
    (folder / "1.txt").unlink()
    with pytest.raises(UnreadableFile, match="line 3: no such file"):
        read(folder)
