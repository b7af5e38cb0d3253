"""What is written about a child in an episode: referral, assessment and closure texts, each with the part of the truth it mentions."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from ecda_stream.simulate.course import Course
from ecda_stream.simulate.days import iso
from ecda_stream.simulate.episode import ChildEpisode, Episode
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.narrative import Mention, settle
from ecda_stream.simulate.needs import CONTEXT, Findings, Voiced, alleged
from ecda_stream.simulate.risk import Stage

ABSENT_REFERRAL_TEXTS = 0.2
"""Of a team's missing documents; a referral text comes with the referral and is nearly always there."""
REASSESSMENT_WRITTEN = 0.5

Chances = Mapping[str, float]
IN_REFERRAL: Chances = {"current": 0.80, "possible": 0.75, "past": 0.50, "denied": 0.10}
IN_ASSESSMENT: Chances = {"current": 0.96, "possible": 0.90, "past": 0.85, "denied": 0.85}
IN_CLOSURE: Chances = {"current": 0.65, "possible": 0.40, "past": 0.50, "denied": 0.30}
STRENGTHS = ("engagement", "protective_support", "non_engagement")
"""How the family works with the service: hardly known at the referral, always part of a closure summary."""
STRENGTHS_IN_REFERRAL, STRENGTHS_IN_CLOSURE = 0.12, 0.92


def write_documents(course: Course, rng: Random) -> list[Happening]:
    """Return the documents of a family that are there; some teams write few."""
    present = course.team.documents_present
    documents: list[Happening] = []
    for episode in course.episodes:
        for entry in episode.children:
            place = entry.child.place
            findings = {**course.family_findings[episode.number], **course.child_findings[episode.number][place]}
            if rng.random() > ABSENT_REFERRAL_TEXTS * (1 - present):
                heard = findings if entry.stage is Stage.NFA else alleged(findings, rng)
                documents.append(_document("referral", 0, episode.referral, episode, entry, _mention(heard, IN_REFERRAL, rng), course))
            for number, (_, end) in enumerate(episode.assessments):
                if end <= entry.closing and rng.random() < present * (1.0 if number == 0 else REASSESSMENT_WRITTEN):
                    mentions = _mention(findings, IN_ASSESSMENT, rng)
                    documents.append(_document("assessment", number, end, episode, entry, mentions, course))
            if rng.random() < present:
                written = max(episode.referral, entry.closing - rng.choice((0, 0, 0, 1, 2, 4)))
                mentions = _mention(findings, IN_CLOSURE, rng)
                documents.append(_document("closure", 0, written, episode, entry, mentions, course))
    return documents


def _mention(findings: Findings, chances: Chances, rng: Random) -> tuple[Mention, ...]:
    mentioned = [voiced for voiced in findings.values() if rng.random() < _chance(voiced, chances)]
    rng.shuffle(mentioned)
    return tuple(settle(voiced.mention) for voiced in mentioned)


def _chance(voiced: Voiced, chances: Chances) -> float:
    if voiced.need.name in STRENGTHS and chances is not IN_ASSESSMENT:
        return STRENGTHS_IN_REFERRAL if chances is IN_REFERRAL else STRENGTHS_IN_CLOSURE
    if voiced.need.name in CONTEXT and chances is IN_REFERRAL:
        return 0.5 * chances[voiced.status]
    return chances[voiced.status]


def _document(
    kind: str, number: int, day: int, episode: Episode, entry: ChildEpisode, mentions: tuple[Mention, ...], course: Course
) -> Happening:
    place = entry.child.place
    fields = {"document_id": f"D{course.number}-{place}-{episode.number}-{kind}{number}", "kind": kind, "written_date": iso(day)}
    return Happening("document.recorded.v1", "social_care", day, (place,), fields, episode.number, mentions)
