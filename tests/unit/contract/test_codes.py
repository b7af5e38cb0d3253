"""The code tables against the census as published: complete, and nothing else in them."""

from __future__ import annotations

import pytest

from ecda_stream.contract.codes import (
    ASSESSMENT_FACTORS,
    CATEGORY_OF_ABUSE,
    CLOSURE_REASON,
    CODE_TABLES,
    DISABILITY,
    ETHNICITY,
    PRIMARY_NEED,
    REFERRAL_SOURCE,
    SEX,
    UPN_UNKNOWN,
    CodeTable,
)

CENSUS = [
    (REFERRAL_SOURCE, "1A 1B 1C 1D 2A 2B 3A 3B 3C 3D 3E 3F 4 5A 5B 5C 5D 6 7 8 9 10", 22),
    (PRIMARY_NEED, "N1 N2 N3 N4 N5 N6 N7 N8 N9 N0", 10),
    (CLOSURE_REASON, "RC1 RC2 RC3 RC4 RC5 RC6 RC7 RC8 RC9", 9),
    (CATEGORY_OF_ABUSE, "NEG PHY SAB EMO MUL", 5),
    (DISABILITY, "NONE MOB HAND PC INC COMM LD HEAR VIS BEH CON AUT DDA", 13),
    (
        ETHNICITY,
        "WBRI WIRI WIRT WROM WOTH MWBC MWBA MWAS MOTH AIND APKN ABAN AOTH CHNE BCRB BAFR BOTH OOTH REFU NOBT",
        20,
    ),
    (SEX, "M F U", 3),
    (UPN_UNKNOWN, "UN1 UN2 UN3 UN4 UN5 UN6 UN7", 7),
    (
        ASSESSMENT_FACTORS,
        "1A 1B 1C 2A 2B 2C 3A 3B 3C 4A 4B 4C 5A 5B 5C 6A 6B 6C 7A 8B 8C 8D 8E 8F 9A 10A 11A 12A 13A 14A 15A 16A 17A "
        "18A 18B 18C 19A 19B 19C 20 21 22A 23A 24A",
        44,
    ),
]


@pytest.mark.parametrize(("table", "codes", "number"), CENSUS, ids=[table.name for table, _, _ in CENSUS])
def test_a_table_has_every_code_of_the_census_and_no_other(table: CodeTable, codes: str, number: int) -> None:
    assert set(table.labels) == set(codes.split())
    assert len(table.labels) == number


@pytest.mark.parametrize("table", CODE_TABLES, ids=lambda table: table.name)
def test_every_code_has_a_label_of_its_own(table: CodeTable) -> None:
    assert all(label.strip() for label in table.labels.values())
    assert len(set(table.labels.values())) == len(table.labels)


@pytest.mark.parametrize(
    ("table", "code", "label"),
    [
        (REFERRAL_SOURCE, "6", "Police"),
        (REFERRAL_SOURCE, "5D", "Local authority services: early help"),
        (CLOSURE_REASON, "RC9", "Case closed after assessment, referred to early help"),
        (ASSESSMENT_FACTORS, "16A", "Neglect"),
        (ASSESSMENT_FACTORS, "24A", "Child criminal exploitation"),
        (PRIMARY_NEED, "N1", "Abuse, neglect and exploitation"),
    ],
)
def test_labels_are_those_of_the_census(table: CodeTable, code: str, label: str) -> None:
    assert table.labels[code] == label


def test_withdrawn_codes_stay_because_history_holds_them() -> None:
    assert {"18A", "19A"} <= set(ASSESSMENT_FACTORS.labels)
