"""The children in need (CIN) census, collections 2017 to 2026: XML in, source events out, one child in memory at a time.

Source of element names and codes: Department for Education, CIN census XML schemas 2017-2026; `PreProceedingsandFGDM` as in files of
the 2026 collection. A census has no recording times, so events carry none, and they are in order within each child only: sorting a
whole census would need memory that grows with the file. A command that needs one order over all children sorts outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ecda_stream.sources.accounting import Account, Block, Leaf
from ecda_stream.sources.children import Child, identify, in_order, make_child, to_event
from ecda_stream.sources.facts import Episode, text_of
from ecda_stream.sources.reading import DEEPEST_NESTING, SourceEvent, UnreadableFile

FLAGS = MappingProxyType({"0": False, "1": True, "false": False, "true": True})
SEX_OF_GENDER = MappingProxyType({"1": "M", "2": "F", "0": "U", "9": "U"})
LEFT_OUT = MappingProxyType({"GenderCurrent": "Sex is given as well"})

HEADER = "collection header"
STRAY_TEXT = "stray text between elements"
ATTRIBUTE = "attribute: not in any layout 2017-2026"
UNKNOWN = "not in any layout 2017-2026"
NO_EPISODE = "child without an episode"
PLAN_UNFINISHED = "pre-proceedings without a decision"


@dataclass(slots=True)
class _Open:
    """An element whose end has not been read, outside of any child."""

    element: Element
    path: str
    last: Element | None = None
    """The latest inner element that ended: its tail is stray text, and known only when the next one begins."""


def read_cin_census(stream: BinaryIO, *, authority: str, account: Account) -> Iterator[SourceEvent]:
    """Yield the source events of a CIN census, child by child, each child's in order of happening.

    `authority` wins over the file's own LEA; if they differ, the account holds one warning.

    Raises UnreadableFile where the file stops being a CIN census, naming the line; events before it have been yielded.
    """
    yield from _read(stream, authority, account)


def _elements(stream: BinaryIO) -> Iterator[tuple[str, Element]]:
    """Yield the starts and ends of elements; turn what the parser says into an error without content."""
    try:
        yield from iterparse(stream, events=("start", "end"), forbid_entities=True)
    except DefusedXmlException:
        raise UnreadableFile("the XML declares entities; it is refused, because they can be made to fill any memory") from None
    except ParseError as error:
        raise UnreadableFile(f"not well-formed XML, or cut off, at line {error.position[0]}") from None
    except (ValueError, LookupError):
        raise UnreadableFile("not XML in an encoding that can be read") from None


def _read(stream: BinaryIO, authority: str, account: Account) -> Iterator[SourceEvent]:
    path: list[_Open] = []
    inside_child = 0
    place = 0
    for happened, element in _elements(stream):
        name = _local(element.tag)
        if happened == "start":
            if inside_child or (name == "Child" and path):
                inside_child += 1
            if not inside_child:
                if not path and name != "Message":
                    raise UnreadableFile("not a CIN census: the outermost element is not Message")
                if path:
                    _see_tail(path[-1], account)
                path.append(_Open(element, f"{path[-1].path}/{name}" if path else name))
            if len(path) + inside_child > DEEPEST_NESTING:
                raise UnreadableFile(f"elements are nested deeper than {DEEPEST_NESTING} levels")
            continue
        if inside_child:
            inside_child -= 1
            if inside_child:
                continue
            _see_tail(path[-1], account)
            place += 1
            yield from _read_child(element, place, authority, account)
            del element[:]  # clear() would also drop the text behind the element, which may have been parsed already
        else:
            _close(path.pop(), authority, account)
        if path:
            path[-1].element.remove(element)
            path[-1].last = element


def _local(tag: str) -> str:
    """Return the element name without its namespace."""
    return tag.rsplit("}", 1)[-1]


def _see_tail(parent: _Open, account: Account) -> None:
    if parent.last is not None and (parent.last.tail or "").strip():
        _see_and_leave_out(f"{parent.path}/(text)", STRAY_TEXT, account)
    parent.last = None


def _see_and_leave_out(path: str, reason: str, account: Account) -> None:
    account.see(path)
    account.leave_out(path, reason)


def _close(closed: _Open, authority: str, account: Account) -> None:
    """Account for an element outside of any child: the header, or something that no layout has."""
    had_children = closed.last is not None
    _see_tail(closed, account)
    text = (closed.element.text or "").strip()
    for attribute in closed.element.attrib:
        _see_and_leave_out(f"{closed.path}/@{_local(attribute)}", ATTRIBUTE, account)
    if had_children:
        if text:
            _see_and_leave_out(f"{closed.path}/(text)", STRAY_TEXT, account)
        return
    if closed.path in ("Message", "Message/Children") and not text:
        return
    header = closed.path.startswith("Message/Header/")
    _see_and_leave_out(closed.path, HEADER if header else UNKNOWN if text else "empty", account)
    if closed.path == "Message/Header/Source/LEA" and text and text != authority:
        own = text if re.fullmatch(r"[A-Za-z0-9]{1,12}", text) else "another"
        account.warn(f"the file says LEA {own}; the authority given, {authority}, wins")


def _block(element: Element, path: str, account: Account) -> Block:
    """Turn an element into a block, counting every leaf, attribute and stray text."""
    block = Block()
    _see_attributes(block, element, path, account)
    texts = [element.text, *(inner.tail for inner in element)]
    for text in texts:
        if (text or "").strip():
            _add_leaf(block, "(text)", f"{path}/(text)", text, STRAY_TEXT, account)
    for inner in element:
        name = _local(inner.tag)
        if len(inner):
            block.add(name, _block(inner, f"{path}/{name}", account))
        else:
            _see_attributes(block, inner, f"{path}/{name}", account)
            _add_leaf(block, name, f"{path}/{name}", inner.text, None, account)
    return block


def _see_attributes(block: Block, element: Element, path: str, account: Account) -> None:
    for attribute in element.attrib:
        _add_leaf(block, "@", f"{path}/@{_local(attribute)}", "given", ATTRIBUTE, account)


def _add_leaf(block: Block, name: str, path: str, text: str | None, reason: str | None, account: Account) -> None:
    account.see(path)
    block.add(name, Leaf(path, (text or "").strip() or None, reason=reason))


def _read_child(element: Element, place: int, authority: str, account: Account) -> Iterator[SourceEvent]:
    block = _block(element, "Child", account)
    if not block.fields:
        _see_and_leave_out("Child", "empty", account)
    child = _child(block, place)
    facts = [fact for details in block.blocks("CINdetails") for fact in _episode(details).facts]
    for own_id, fact in in_order(identify(facts, authority, child.key)):
        yield to_event(own_id, fact, child, authority, account)
    if not facts:
        for leaf in child.leaves:
            leaf.reason = NO_EPISODE
    account.settle(block, LEFT_OUT, UNKNOWN)


def _child(block: Block, place: int) -> Child:
    given = _merged(block.blocks("ChildIdentifiers"))
    about = _merged(block.blocks("ChildCharacteristics"))
    sex = given.leaf("Sex")
    if sex is None:
        sex = given.leaf("GenderCurrent")
        _convert(sex, SEX_OF_GENDER)
    kinds = (("la_child_id", "LAchildID"), ("upn", "UPN"), ("former_upn", "FormerUPN"))
    return make_child(
        [(kind, leaf) for kind, name in kinds for leaf in given.leaves(name)],
        {
            "birth_date": given.leaf("PersonBirthDate"),
            "expected_birth_date": given.leaf("ExpectedPersonBirthDate"),
            "death_date": given.leaf("PersonDeathDate"),
            "sex": sex,
            "ethnicity": about.leaf("Ethnicity"),
            "disabilities": [leaf for inner in about.blocks("Disabilities") for leaf in inner.leaves("Disability")],
            "upn_unknown": given.leaf("UPNunknown"),
        },
        place,
    )


def _merged(blocks: list[Block]) -> Block:
    """Return blocks of one name as one; a layout has one of each, and what a second adds is not lost."""
    merged = Block()
    for block in blocks:
        for name, parts in block.fields.items():
            merged.fields.setdefault(name, []).extend(parts)
    return merged


def _convert(leaf: Leaf | None, table: Mapping[str, object]) -> Leaf | None:
    """Convert a value that the table has and pass any other on as it is."""
    if leaf is not None:
        leaf.value = table.get(leaf.value, leaf.value)
    return leaf


def _flag(block: Block, name: str, *, negated: bool = False) -> Leaf | None:
    leaf = _convert(block.leaf(name), FLAGS)
    if leaf is not None and negated and isinstance(leaf.value, bool):
        leaf.value = not leaf.value
    return leaf


def _count(block: Block, name: str) -> Leaf | None:
    leaf = block.leaf(name)
    if leaf is not None and leaf.value.isascii() and leaf.value.isdigit() and len(leaf.value) < 10:
        leaf.value = int(leaf.value)
    return leaf


def _episode(details: Block) -> Episode:
    """Return the facts of one CINdetails."""
    episode = Episode(details.leaf("CINreferralDate"))
    episode.referral(details.leaf("ReferralSource"), details.leaf("PrimaryNeedCode"), _flag(details, "ReferralNFA"))
    for block in details.blocks("Assessments"):
        factors = [leaf for inner in block.blocks("FactorsIdentifiedAtAssessment") for leaf in inner.leaves("AssessmentFactors")]
        episode.assessment(
            block.leaf("AssessmentActualStartDate"),
            block.leaf("AssessmentAuthorisationDate"),
            factors,
            block.leaf("AssessmentInternalReviewDate"),
            None,
        )
    for block in details.blocks("Section47"):
        episode.s47(
            block.leaf("S47ActualStartDate"),
            None,
            _flag(block, "ICPCnotRequired", negated=True),
            block.leaf("InitialCPCtarget"),
            block.leaf("DateOfInitialCPC"),
            None,
        )
    episode.conference(details.leaf("DateOfInitialCPC"))
    for block in details.blocks("ChildProtectionPlans"):
        episode.cp_plan(
            block.leaf("CPPstartDate"),
            block.leaf("CPPendDate"),
            block.leaf("InitialCategoryOfAbuse"),
            block.leaf("LatestCategoryOfAbuse"),
            _count(block, "NumberOfPreviousCPP"),
            [leaf for inner in block.blocks("Reviews") for leaf in inner.leaves("CPPreviewDate")],
            None,
        )
    for block in details.blocks("CINPlanDates"):
        episode.cin_plan(block.leaf("CINPlanStartDate"), block.leaf("CINPlanEndDate"), None)
    for block in details.blocks("PreProceedingsandFGDM"):
        _pre_proceedings(episode, block)
    episode.closure(details.leaf("CINclosureDate"), details.leaf("ReasonForClosure"))
    return episode


def _pre_proceedings(episode: Episode, block: Block) -> None:
    """Add pre-proceedings; without PPStartDate the start is yielded without its date, for admit to refuse, if anything else is known.

    They have ended once there is a decision date, an outcome or an application to court; a mere count of review meetings ends nothing.
    """
    start, decision = block.leaf("PPStartDate"), block.leaf("StepDecisionDate")
    outcome, court, reviews = block.leaf("PPOutcome"), block.leaf("CourtAppDate"), _count(block, "ReviewMeetingsCount")
    opening = {
        "letter_before_proceedings_date": block.leaf("LBPSentDate"),
        "fgdm_offered": _flag(block, "FGDMMeetingOffer"),
        "fgdm_facilitated": _flag(block, "FGDMMeetingFac"),
        "initial_meeting_date": block.leaf("InitialPPMeetingDate"),
        "letter_initiating_conference_date": block.leaf("LetterInitCPDate"),
    }
    dates = (start, *(opening[name] for name in opening if name.endswith("_date")), decision, court)
    key = (next((text_of(leaf) for leaf in dates if leaf is not None), None),)
    if start is not None or any(opening.values()):
        episode.add("pre_proceedings.started.v1", key, start, start_date=start, **opening)
    if (decision, outcome, court) != (None, None, None):
        episode.add(
            "pre_proceedings.ended.v1",
            key,
            decision,
            start_date=start,
            decision_date=decision,
            outcome=outcome,
            review_meetings_count=reviews,
            court_application_date=court,
        )
    elif reviews is not None:
        reviews.leave_out(PLAN_UNFINISHED)
