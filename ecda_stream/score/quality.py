"""Quality notes: rules of the national CIN validator that need a second record, seen at a closure; they cost nothing but are shown.

Numbers and meanings: data-to-insight/csc-validator-be-cin, rules 2022/23 to 2025/26.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ecda_stream.history.fact import Fact

NOTES: Mapping[str, str] = {
    "2990": "activity on a case closed after assessment (RC8, RC9)",
    "4000": "child in need plan on a referral without further action",
    "4014": "child in need plans overlap",
    "8555Q": "referral after the child's death",
    "8565": "activity after the case was closed",
    "8610": "primary need missing",
    "8815": "more than one open episode",
    "8820": "episodes overlap",
    "8825Q": "closed after assessment, and no assessment recorded",
    "8831": "activity on a referral without further action",
    "8832": "child protection plan on a referral without further action",
    "8867": "closed with an assessment not completed",
    "8868": "closed with a section 47 enquiry not completed",
    "8873Q": "no factors identified, and closed with another reason than after assessment",
    "8940": "child protection plans overlap",
    "identity-conflict": "identifiers of the record belong to different children",
    "family-too-large": "the stated relations join too many people to be one family",
    "same-day-referral": "a new referral on the closing day is neither history nor outcome",
    "no-referral": "no referral of this episode is known",
    "unknown-lexicon": "a text was read with a lexicon that the stream does not declare",
}
"""Every quality note, in words for reviewers."""

_AFTER_ASSESSMENT = {"RC8", "RC9"}


def note(closure: Fact, facts: Sequence[Fact], lexicons: Sequence[str]) -> tuple[str, ...]:
    """Return the notes on a closure, given all facts known of the child (later ones too, but for the closure itself)."""
    episode = [fact for fact in facts if fact.referral_date is not None and fact.referral_date == closure.referral_date]
    notes = {code for fact in episode for code in fact.notes}
    notes |= _within(closure, episode)
    notes |= _across(closure, facts)
    if lexicons and any(fact.lexicon is not None and fact.lexicon not in lexicons for fact in facts):
        notes.add("unknown-lexicon")
    return tuple(sorted(notes))


def _within(closure: Fact, episode: Sequence[Fact]) -> set[str]:
    """Rules within the closing episode."""
    notes = set()
    days = _days_by_type(episode)
    reason = closure.facts.get("closure_reason")
    referrals = [fact for fact in episode if fact.type == "referral.received.v1"]
    heavier = days.keys() & {"s47.started.v1", "cp_conference.held.v1", "cin_plan.started.v1", "cp_plan.started.v1"}
    if not referrals:
        notes.add("no-referral")
    if reason in _AFTER_ASSESSMENT and not days.keys() & {"assessment.started.v1", "assessment.completed.v1"}:
        notes.add("8825Q")
    if reason in _AFTER_ASSESSMENT and heavier:
        notes.add("2990")
    if reason not in _AFTER_ASSESSMENT and any(fact.facts.get("factors") == ["21"] for fact in episode):
        notes.add("8873Q")
    if len(days.get("assessment.completed.v1", ())) < len(days.get("assessment.started.v1", ())):
        notes.add("8867")
    if "s47.completed.v1" in days and len(days["s47.completed.v1"]) < len(days.get("s47.started.v1", ())):
        notes.add("8868")
    if any(fact.day > closure.day and fact.type != "document.recorded.v1" for fact in episode):
        notes.add("8565")
    if any(fact.facts.get("referral_no_further_action_flag") is True for fact in referrals):
        notes |= {"8831"} if days.keys() & {"assessment.started.v1", "s47.started.v1", "cp_conference.held.v1"} else set()
        notes |= {"8832"} if "cp_plan.started.v1" in days else set()
        notes |= {"4000"} if "cin_plan.started.v1" in days else set()
    notes |= {"4014"} if _overlap(days.get("cin_plan.started.v1", ()), days.get("cin_plan.ended.v1", ())) else set()
    notes |= {"8940"} if _overlap(days.get("cp_plan.started.v1", ()), days.get("cp_plan.ended.v1", ())) else set()
    return notes


def _across(closure: Fact, facts: Sequence[Fact]) -> set[str]:
    """Rules about the child's other episodes."""
    notes = set()
    closed = {fact.referral_date: fact.day for fact in facts if fact.type == closure.type}
    for other in (fact for fact in facts if fact.type == "referral.received.v1" and fact.referral_date != closure.referral_date):
        if other.day == closure.day:
            notes.add("same-day-referral")
        opened, ended = other.day, closed.get(other.referral_date)
        if closure.referral_date is None or opened >= closure.day:
            continue
        if ended is None and opened < closure.referral_date:
            notes.add("8815")
        elif (ended is None or ended > closure.referral_date) and (opened > closure.referral_date or ended is not None):
            notes.add("8820")
    return notes


def _days_by_type(facts: Sequence[Fact]) -> dict[str, list[date]]:
    days: dict[str, list[date]] = {}
    for fact in sorted(facts, key=lambda fact: fact.day):
        days.setdefault(fact.type, []).append(fact.day)
    return days


def _overlap(starts: Sequence[date], ends: Sequence[date]) -> bool:
    """Return whether a plan started before as many had ended as had started before it."""
    return any(sum(end <= start for end in ends) < place for place, start in enumerate(starts))
