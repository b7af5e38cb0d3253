"""Write the invented samples of the demo: eight authorities, a few hundred children, and faults on purpose.

Run from the top of the project: `python -m tests.make_demo_samples [FOLDER]`. Seeded, standard library only; a test checks that it
reproduces the committed files byte for byte. Names and postcodes (ZZ99) are of no real person or place. The children in need files use
the layouts of 2017 to 2026 although all their cases run until 2026, because councils keep old software.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.demo_narratives import DENIED, NOW, PAST, Case, Dice, narrate

FOLDER = Path(__file__).resolve().parents[1] / "streams" / "re_referral" / "examples" / "demo"
LAST_DAY = date(2026, 11, 20)
LAYOUTS = {"881": 2017, "882": 2021, "883": 2022, "330": 2025, "816": 2026}
DFE = ("925", "873", "886")
JSONL_AUTHORITY, FOLDER_AUTHORITY, EPISODE_ID_AUTHORITY = "883", "816", "873"
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

FORENAMES = (
    "Aldo",
    "Brin",
    "Cato",
    "Dilly",
    "Enzi",
    "Fenn",
    "Gilly",
    "Hobb",
    "Issa",
    "Jory",
    "Kip",
    "Lumi",
    "Mab",
    "Nell",
    "Orin",
    "Pim",
)
SURNAMES = (
    "Sampleton",
    "Exampleby",
    "Mockford",
    "Fictionby",
    "Testwell",
    "Placeholm",
    "Demoworth",
    "Inventley",
    "Specimenson",
    "Notareal",
)
ETHNICITIES = ("WBRI", "WBRI", "WBRI", "WOTH", "APKN", "BCRB", "BAFR", "MWBC", "ABAN", "MOTH", "NOBT")
SOURCES = {
    "6": "Police",
    "2A": "School",
    "3B": "Health visitor",
    "3E": "A&E",
    "1A": "A grandparent",
    "4": "Housing officer",
    "3A": "GP",
    "9": "An anonymous caller",
}
FACTORS = {
    "domestic_abuse": "3B",
    "alcohol_misuse": "1B",
    "drug_misuse": "2B",
    "mental_health": "4B",
    "neglect": "16A",
    "emotional_abuse": "17A",
    "self_harm": "15A",
    "missing": "10A",
    "young_carer": "7A",
    "physical_abuse": "18C",
    "cce": "24A",
}
CATEGORIES = ("NEG", "EMO", "PHY")


@dataclass
class Episode:
    """One episode of one child, from referral to closure."""

    number: int
    referral: date
    source: str
    need: str
    themes: tuple[str, ...]
    level: int
    """0 no further action, 1 assessment, 2 child in need plan, 3 section 47, 4 protection plan, 5 care."""
    closure: date | None
    reason: str | None
    engaged: bool
    edits: dict[str, str] = field(default_factory=dict)
    """Faults on purpose: element -> what stands there instead."""


@dataclass
class Child:
    """One invented child."""

    authority: str
    number: int
    family: int
    forename: str
    surname: str
    born: date
    sex: str
    ethnicity: str
    disabilities: tuple[str, ...]
    upn: str
    episodes: list[Episode] = field(default_factory=list)

    @property
    def la_child_id(self) -> str:
        """Return the council's own number of the child."""
        return f"D{self.authority}{self.number:04d}"


def main(folder: Path = FOLDER) -> None:
    """Write every sample into the folder."""
    everybody: dict[str, list[Child]] = {}
    for authority in (*LAYOUTS, *DFE):
        dice = Dice(f"demo-{authority}")
        everybody[authority] = list(_children(authority, dice.whole(50, 58) if authority in LAYOUTS else dice.whole(30, 36), dice))
        _plant_faults(everybody[authority])
    folder.mkdir(parents=True, exist_ok=True)
    for authority, children in everybody.items():
        if authority in LAYOUTS:
            _write(folder / f"cin_census_{authority}.xml", _census(authority, LAYOUTS[authority], children))
        else:
            _write(folder / f"dfe_api_{authority}.json", _payload(children))
        _write_documents(folder, authority, children)
    _write(folder / "events.jsonl", _agency_events(everybody))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


# Children and their episodes


def _children(authority: str, count: int, dice: Dice) -> Iterator[Child]:
    number = family = 0
    while number < count:
        family += 1
        surname, troubled = dice.pick(SURNAMES), dice.chance(0.28)
        shared = _course(troubled, dice)
        for _ in range(dice.pick((1, 1, 2, 2, 3))):
            number += 1
            born = date(2010, 1, 1) + timedelta(days=dice.whole(0, 3200))
            body = f"{int(authority):03d}{9000 + dice.whole(0, 9)}{born.year % 100 + 4:02d}{number:03d}"
            child = Child(
                authority,
                number,
                family,
                dice.pick(FORENAMES),
                surname,
                born,
                dice.pick("MF"),
                dice.pick(ETHNICITIES),
                (dice.pick(("LD", "AUT", "BEH", "HEAR")),) if dice.chance(0.12) else (),
                check_letter(body) + body,
            )
            child.episodes = shared if dice.chance(0.6) else _course(troubled, dice)
            child.episodes = [Episode(**{**vars(one), "edits": {}}) for one in child.episodes if one.referral > born] or _course(
                False, dice
            )
            yield child


def check_letter(body: str) -> str:
    """Return the check letter of a unique pupil number: modulus 23 of the digits weighted 2 to 13."""
    return UPN_LETTERS[sum(int(digit) * weight for weight, digit in enumerate(body, start=2)) % 23]


def _course(troubled: bool, dice: Dice) -> list[Episode]:
    """Return the episodes of one child, in order and not overlapping."""
    episodes: list[Episode] = []
    referral = date(2019, 4, 1) + timedelta(days=dice.whole(0, 1400 if troubled else 2500))
    themes = tuple(dice.some(tuple(NOW), dice.whole(2, 4) if troubled else dice.whole(1, 2)))
    for number in range(1, (dice.whole(2, 5) if troubled else dice.pick((1, 1, 2))) + 1):
        level = dice.pick((0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5) if troubled else (0, 0, 1, 1, 1, 1, 2, 2, 3))
        length = (
            dice.whole(1, 5),
            dice.whole(30, 60),
            dice.whole(90, 240),
            dice.whole(40, 120),
            dice.whole(200, 420),
            dice.whole(250, 500),
        )
        closure: date | None = referral + timedelta(days=length[level])
        reason = dice.pick(
            (("RC8",), ("RC8", "RC8", "RC9"), ("RC7", "RC7", "RC9"), ("RC8", "RC7"), ("RC7",), ("RC3", "RC4", "RC7"))[level]
        )
        if closure is not None and closure > LAST_DAY:
            closure = LAST_DAY - timedelta(days=dice.whole(0, 45)) if dice.chance(0.5) and level < 4 else None
        if closure is not None and closure <= referral:
            closure = None
        if dice.chance(0.04):
            reason = dice.pick(("RC3", "RC5", "RC6"))
        episodes.append(
            Episode(
                number,
                referral,
                dice.pick(tuple(SOURCES)),
                dice.pick(("N1", "N1", "N4", "N5", "N3", "N2")),
                themes,
                level,
                closure,
                reason if closure else None,
                dice.chance(0.35 if troubled else 0.8),
            )
        )
        if closure is None:
            break
        referral = closure + timedelta(days=dice.whole(40, 420) if troubled else dice.whole(250, 1100))
        if referral > LAST_DAY - timedelta(days=10):
            break
    else:
        _close_lately(episodes, dice)
    return episodes


def _close_lately(episodes: list[Episode], dice: Dice) -> None:
    """Move some courses so that their last closure lies in the last weeks: those are what reviewers get."""
    last = episodes[-1]
    if last.closure is None or not dice.chance(0.45):
        return
    shift = LAST_DAY - timedelta(days=dice.whole(0, 48)) - last.closure
    for one in episodes:
        one.referral += shift
        if one.closure is not None:
            one.closure += shift


def _plant_faults(children: list[Child]) -> None:
    """Put a few faults of each kind into an authority; each costs one refusal or one note."""
    closed = [(child, one) for child in children for one in child.episodes if one.closure]
    faults = (
        {"ReferralSource": "9Z"},
        {"CINclosureDate": "2018-02-30"},
        {"CINclosureDate": "2017-05-04"},
        {"ReasonForClosure": ""},
        {"CINclosureDate": "2031-01-15"},
        {"duplicate": "Assessments"},
    )
    for place, edits in enumerate(faults):
        closed[7 * place + 3][1].edits = edits
    wrong = children[4]
    wrong.upn = UPN_LETTERS[(UPN_LETTERS.index(wrong.upn[0]) + 5) % 23] + wrong.upn[1:]
    children[9].sex = "X"
    children[13].ethnicity = "ZZZZ"


# The steps of an episode, as both formats need them


@dataclass
class Steps:
    """The dated steps between referral and closure."""

    assessment: tuple[date, date] | None = None
    s47: date | None = None
    conference: date | None = None
    plan: tuple[date, date | None] | None = None
    protection: tuple[date, date | None] | None = None
    care: tuple[date, date | None] | None = None


def _steps(one: Episode) -> Steps:
    def after(days: int) -> date:
        return one.referral + timedelta(days=days)

    def reached(day: date) -> bool:
        return day <= (one.closure or LAST_DAY)

    end = one.closure
    steps = Steps()
    if one.level >= 1 and reached(after(28)):
        steps.assessment = (after(2), after(28))
    if one.level >= 3 and reached(after(6)):
        steps.s47 = after(6)
    if one.level >= 4 and reached(after(25)):
        steps.conference = after(20)
        steps.protection = (after(20), end - timedelta(days=3) if end else None)
    if one.level == 2 and reached(after(40)):
        steps.plan = (after(32), end - timedelta(days=2) if end else None)
    if one.level == 5 and reached(after(61)):
        steps.care = (after(60), end - timedelta(days=10) if end else None)
    return steps


def _factors(one: Episode, layout: int) -> list[str]:
    codes = sorted({FACTORS[theme] for theme in one.themes if theme in FACTORS})
    if layout < 2021:
        codes = ["18A" if code == "18C" else code for code in codes]
    return [code for code in codes if code != "24A" or layout >= 2022] or ["20"]


# The children in need census


def _census(authority: str, layout: int, children: list[Child]) -> str:
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<Message>",
        f"<Header><CollectionDetails><Collection>CIN</Collection><Year>{layout}</Year><ReferenceDate>{LAST_DAY}</ReferenceDate></CollectionDetails>",
        f"<Source><SourceLevel>L</SourceLevel><LEA>{authority}</LEA><SoftwareCode>Invented</SoftwareCode><Release>1</Release>",
        f"<SerialNo>001</SerialNo><DateTime>{LAST_DAY}T06:00:00</DateTime></Source></Header>",
        "<Children>",
    ]
    for child in children:
        lines += _census_child(child, layout)
    return "\n".join([*lines, "</Children>", "</Message>", ""])


def _tag(name: str, value: object) -> str:
    return f"<{name}>{value}</{name}>" if value not in (None, "") else ""


def _census_child(child: Child, layout: int) -> list[str]:
    sex = _tag("Sex", child.sex) if layout >= 2025 else _tag("GenderCurrent", {"M": 1, "F": 2}.get(child.sex, child.sex))
    disabilities = "".join(_tag("Disability", code) for code in child.disabilities)
    named = _tag("LAchildID", child.la_child_id) + _tag("UPN", child.upn) + _tag("PersonBirthDate", child.born) + sex
    lines = [
        " <Child>",
        f"  {_tag('ChildIdentifiers', named)}",
        f"  {_tag('ChildCharacteristics', _tag('Ethnicity', child.ethnicity) + _tag('Disabilities', disabilities))}",
    ]
    for one in child.episodes:
        lines += [f"  {line}" for line in _census_episode(one, layout) if line]
    return [*lines, " </Child>"]


def _census_episode(one: Episode, layout: int) -> list[str]:
    no, yes = ("false", "true") if layout in (2021, 2026) else ("0", "1")
    steps = _steps(one)
    reason = "RC8" if one.reason == "RC9" and layout < 2023 else one.reason
    closing = {"CINclosureDate": one.closure, "ReasonForClosure": reason, **{k: v for k, v in one.edits.items() if k != "duplicate"}}
    lines = [
        "<CINdetails>",
        " " + _tag("CINreferralDate", one.referral) + _tag("ReferralSource", closing.get("ReferralSource", one.source)),
        " "
        + _tag("PrimaryNeedCode", one.need)
        + _tag("CINclosureDate", closing["CINclosureDate"])
        + _tag("ReasonForClosure", closing["ReasonForClosure"]),
        _tag("DateOfInitialCPC", steps.conference),
    ]
    if steps.assessment:
        factors = "".join(_tag("AssessmentFactors", code) for code in _factors(one, layout))
        dates = _tag("AssessmentActualStartDate", steps.assessment[0]) + _tag("AssessmentAuthorisationDate", steps.assessment[1])
        block = _tag("Assessments", dates + _tag("FactorsIdentifiedAtAssessment", factors))
        lines += [block, block] if "duplicate" in one.edits else [block]
    if steps.plan and layout >= 2022:
        lines.append(_tag("CINPlanDates", _tag("CINPlanStartDate", steps.plan[0]) + _tag("CINPlanEndDate", steps.plan[1])))
    if steps.s47:
        conference = _tag("DateOfInitialCPC", steps.conference)
        needless = _tag("ICPCnotRequired", no if steps.conference else yes)
        lines.append(_tag("Section47", _tag("S47ActualStartDate", steps.s47) + conference + needless))
    lines.append(_tag("ReferralNFA", no if one.level else yes))
    if steps.protection:
        start, end = steps.protection
        category = CATEGORIES[one.number % 3]
        lines.append(
            _tag(
                "ChildProtectionPlans",
                _tag("CPPstartDate", start)
                + _tag("CPPendDate", end)
                + _tag("InitialCategoryOfAbuse", category)
                + _tag("LatestCategoryOfAbuse", category)
                + _tag("NumberOfPreviousCPP", one.number - 1)
                + _tag(
                    "Reviews",
                    _tag("CPPreviewDate", start + timedelta(days=88) if (end or LAST_DAY) > start + timedelta(days=88) else ""),
                ),
            )
        )
    if steps.care and layout >= 2026:
        start = steps.care[0]
        lines.append(
            _tag(
                "PreProceedingsandFGDM",
                _tag("PPStartDate", start - timedelta(days=30))
                + _tag("FGDMMeetingOffer", yes)
                + _tag("StepDecisionDate", start)
                + _tag("PPOutcome", "A"),
            )
        )
    return [*lines, "</CINdetails>"]


# The DfE API


def _payload(children: list[Child]) -> str:
    return "[\n" + ",\n".join(json.dumps(_payload_child(child), separators=(",", ":")) for child in children) + "\n]\n"


def _payload_child(child: Child) -> dict[str, Any]:
    details = {
        "unique_pupil_number": child.upn,
        "first_name": child.forename,
        "surname": child.surname,
        "date_of_birth": str(child.born),
        "sex": child.sex,
        "ethnicity": child.ethnicity,
        "disabilities": list(child.disabilities),
        "postcode": f"ZZ99 {child.family % 9 + 1}ZZ",
        "purge": False,
    }
    episodes = [_payload_episode(child, one) for one in child.episodes]
    return {"la_child_id": child.la_child_id, "child_details": details, "social_care_episodes": episodes, "purge": False}


def _episode_id(child: Child, one: Episode) -> str:
    return f"E{child.authority}{child.number:04d}{one.number:02d}"


def _payload_episode(child: Child, one: Episode) -> dict[str, Any]:
    steps, own_id = _steps(one), _episode_id(child, one)

    def item(name: str, **values: object) -> dict[str, Any]:
        given = {key: str(value) if isinstance(value, date) else value for key, value in values.items() if value is not None}
        return {f"{name}_id": f"{own_id}{name[:7]}".replace("_", ""), **given}

    episode: dict[str, Any] = {
        "social_care_episode_id": own_id,
        "referral_date": str(one.referral),
        "referral_source": one.edits.get("ReferralSource", one.source),
        "referral_no_further_action_flag": one.level == 0,
        "care_worker_details": [{"worker_id": f"SW{one.referral.toordinal() % 40:03d}", "start_date": str(one.referral)}],
    }
    if steps.assessment:
        start, end = steps.assessment
        found = item("child_and_family_assessment", start_date=start, authorisation_date=end, factors=_factors(one, 2026))
        episode["child_and_family_assessments"] = [found, found] if "duplicate" in one.edits else [found]
    if steps.s47:
        episode["section_47_assessments"] = [
            item(
                "section_47_assessment",
                start_date=steps.s47,
                icpc_required_flag=steps.conference is not None,
                icpc_date=steps.conference,
                end_date=steps.s47 + timedelta(days=10),
            )
        ]
    for name, period in (("child_in_need_plan", steps.plan), ("child_protection_plan", steps.protection)):
        if period:
            episode[f"{name}s"] = [item(name, start_date=period[0], end_date=period[1])]
    if steps.care:
        start_day, end_day = steps.care
        episode["child_looked_after_placements"] = [
            item(
                "child_looked_after_placement",
                start_date=start_day,
                start_reason="S",
                placement_type="U6",
                end_date=end_day,
                end_reason="E4A" if end_day else None,
            )
        ]
    closing = {
        "closure_date": one.edits.get("CINclosureDate", str(one.closure)),
        "closure_reason": one.edits.get("ReasonForClosure", one.reason),
    }
    if one.closure:
        episode |= {name: value for name, value in closing.items() if value}
    return episode


# Documents


def _write_documents(folder: Path, authority: str, children: list[Child]) -> None:
    rows = list(_documents(authority, children, Dice(f"documents-{authority}")))
    by = "episode_id" if authority == EPISODE_ID_AUTHORITY else "referral_date"
    columns = ["la_child_id", by, "kind", "written_date", "recorded_time", "text"]
    if authority == JSONL_AUTHORITY:
        text = "".join(json.dumps({name: row[name] for name in columns}, separators=(",", ":")) + "\n" for row in rows)
        _write(folder / f"documents_{authority}.jsonl", text)
    elif authority == FOLDER_AUTHORITY:
        for place, row in enumerate(rows, start=1):
            row["file"] = f"texts/{place:03d}.txt"
            _write(folder / f"documents_{authority}" / row["file"], row["text"])
        _write(folder / f"documents_{authority}" / "index.csv", _table([*columns[:-1], "file"], rows))
    else:
        _write(folder / f"documents_{authority}.csv", _table(columns, rows))


def _table(columns: list[str], rows: list[dict[str, str]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _documents(authority: str, children: list[Child], dice: Dice) -> Iterator[dict[str, str]]:
    for child in children:
        for one in child.episodes:
            if dice.chance(0.6):
                yield from _documents_of(child, one, dice)
    stranger = children[2]
    case = Case("ZZ", "age not known", "School", ("neglect",), (), (), True, False, "a child in need plan", "Close.")
    yield _row(stranger, "no-such-episode", date(2001, 2, 3), "closure", date(2026, 10, 5), 0, narrate("closure", case, 2026, dice))


def _documents_of(child: Child, one: Episode, dice: Dice) -> Iterator[dict[str, str]]:
    rest = [theme for theme in PAST if theme not in one.themes]
    denied = [theme for theme in DENIED if theme not in one.themes]
    endings = {
        True: (
            "No ongoing safeguarding concerns. Close with early help in place.",
            "Needs met, case to close. Family know how to come back to us.",
        ),
        False: (
            "Threshold not met without consent, case to close. Universal services to monitor.",
            "Worries remain but family decline support; close NFA.",
        ),
    }
    past = tuple(dice.some(rest, dice.whole(0, 2)))
    case = Case(
        f"{child.forename[0]}{child.surname[0]}",
        f"age {max(0, (one.referral - child.born).days // 365)}",
        SOURCES[one.source],
        one.themes,
        past,
        tuple(theme for theme in dice.some(denied, dice.whole(1, 3)) if theme not in past),
        one.engaged,
        one.level >= 3,
        ("contact only", "assessment", "a child in need plan", "s47 enquiries", "a child protection plan", "a care plan")[one.level],
        dice.pick(endings[one.engaged]),
    )
    steps = _steps(one)
    dated = [("referral", one.referral), ("assessment", steps.assessment[1] if steps.assessment else None)]
    dated.append(("closure", one.closure if dice.chance(0.7) else None))
    for kind, day in dated:
        if day is not None:
            late = dice.pick((0, 0, 0, 1, 1, 2, 5, 21)) if day < LAST_DAY - timedelta(days=25) else 0
            yield _row(child, _episode_id(child, one), one.referral, kind, day, late, narrate(kind, case, day.year, dice))


def _row(child: Child, episode_id: str, referral: date, kind: str, written: date, late_days: int, text: str) -> dict[str, str]:
    return {
        "la_child_id": child.la_child_id,
        "episode_id": episode_id,
        "referral_date": str(referral),
        "kind": kind,
        "written_date": str(written),
        "recorded_time": f"{written + timedelta(days=late_days)}T16:40:00",
        "text": text,
    }


# Events of other agencies


def _agency_events(everybody: dict[str, list[Child]]) -> str:
    events: list[dict[str, Any]] = []
    for authority, children in everybody.items():
        dice = Dice(f"agencies-{authority}")
        for place in range(18):
            child = children[place % 9 * 3]
            day = date(2020, 1, 1) + timedelta(days=dice.whole(0, (LAST_DAY - date(2020, 1, 1)).days - 10))
            events.append(_agency_event(authority, place, child, children, day, dice))
    events.sort(key=lambda event: (event["recordedtime"], event["id"]))
    faulty = [dict(events[20]), {**events[30], "id": "demo-fault-type", "type": "uk.csc.weather.observed.v1"}]
    nobody = {**events[40], "id": "demo-fault-nobody"}
    nobody["data"] = {**nobody["data"], "people": [{"role": "child", "forename": "Kip", "surname": "Notareal"}], "relations": []}
    later = {**events[50], "id": "demo-fault-future", "type": "uk.csc.contact.received.v1"}
    later["data"] = {"people": events[50]["data"]["people"], "contact_date": "2032-03-01", "referral_source": "6"}
    return "".join(json.dumps(event, separators=(",", ":"), sort_keys=True) + "\n" for event in [*events, *faulty, nobody, later])


def _agency_event(authority: str, place: int, child: Child, children: list[Child], day: date, dice: Dice) -> dict[str, Any]:
    kinds = ("police", "school", "police", "attendance", "housing", "contact", "police", "early_help", "missing")
    kind = kinds[place % 9]
    own: dict[str, Any] = {"role": "child", "identifiers": [{"kind": "la_child_id", "value": child.la_child_id}]}
    content: dict[str, Any] = {"people": [own]}
    system, type_name = "social_care", ""
    if kind == "police":
        system, type_name = "police", "police.incident_notified.v1"
        content |= {"incident_date": str(day), "incident_id": f"INC{authority}{place:03d}", "child_present": dice.chance(0.7)}
        content |= {"domestic_abuse_flag": dice.chance(0.6), "risk_grade": dice.pick(("standard", "medium", "high"))}
        _add_family(content, child, children)
    elif kind == "school":
        system, type_name = "education", "school.excluded.v1"
        own["identifiers"] = [{"kind": "upn", "value": child.upn}]
        content |= {"start_date": str(day), "category": "SUSP", "sessions": dice.whole(2, 10), "reason1": "PA"}
    elif kind == "attendance":
        system, type_name = "education", "school.attendance_summarised.v1"
        own["identifiers"].append({"kind": "upn", "value": child.upn})
        content |= {"period_start": str(day - timedelta(days=60)), "period_end": str(day), "sessions_possible": 80}
        content |= {"sessions_authorised": dice.whole(0, 12), "sessions_unauthorised": dice.whole(0, 30)}
    elif kind == "housing":
        system, type_name = "housing", "housing.case_changed.v1"
        own["identifiers"].append({"kind": "housing:household", "value": f"H{child.family:03d}"})
        content |= {
            "change_date": str(day),
            "stage": dice.pick(("relief", "prevention", "temporary_accommodation")),
            "case_id": f"HC{place:03d}",
        }
    elif kind == "contact":
        type_name = "contact.received.v1"
        content |= {"contact_date": str(day), "referral_source": dice.pick(("6", "2A", "3B")), "contact_outcome": ["NFA"]}
    elif kind == "early_help":
        type_name = "early_help.started.v1"
        content |= {"start_date": str(day), "reason": "parenting"}
    else:
        type_name = "missing.started.v1"
        content |= {"start_date": str(day), "missing_type": "M"}
    return {
        "specversion": "1.0",
        "id": f"demo-{authority}-{place:03d}",
        "source": f"/{authority}/{system}",
        "type": f"uk.csc.{type_name}",
        "authority": authority,
        "recordedtime": f"{day + timedelta(days=dice.pick((0, 0, 1, 3)))}T09:15:00",
        "data": content,
    }


def _add_family(content: dict[str, Any], child: Child, children: list[Child]) -> None:
    """Add the mother as the police know her, and a sibling if there is one, with what they are to the child."""
    mother = {
        "role": "mother",
        "identifiers": [{"kind": "police:nominal", "value": f"N{child.authority}{child.family:03d}"}],
        "surname": child.surname,
    }
    content["people"].append(mother)
    content["relations"] = [{"kind": "parent_of", "subject": 1, "object": 0}]
    for other in children:
        if other.family == child.family and other.number != child.number:
            content["people"].append({"role": "sibling", "identifiers": [{"kind": "la_child_id", "value": other.la_child_id}]})
            content["relations"].append({"kind": "sibling_of", "subject": 2, "object": 0})
            content["relations"].append({"kind": "parent_of", "subject": 1, "object": 2})
            break


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
