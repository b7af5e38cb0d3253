"""From the course of a family to what its case system would say happened: contacts, referrals, assessments, plans, closures."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from ecda_stream.simulate.closing import Closing
from ecda_stream.simulate.course import Course
from ecda_stream.simulate.days import add_working_days, is_working, iso
from ecda_stream.simulate.episode import ChildEpisode, Episode
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.needs import Findings
from ecda_stream.simulate.risk import Stage
from ecda_stream.simulate.world import World

OFFICE_SOURCES = ("schools", "education_services", "la_services", "housing")
"""Refer on working days only, so on these they are five parts in seven of a week more frequent."""
SOURCE_CODES: Mapping[str, tuple[str, ...]] = {
    "police": ("6",),
    "schools": ("2A",),
    "health": ("3A", "3B", "3B", "3C", "3D", "3E", "3E", "3F"),
    "la_services": ("5A", "5B", "5C", "5D", "5D"),
    "individual": ("1A", "1A", "1A", "1B", "1C", "1D"),
    "other_legal": ("7",),
    "other": ("8",),
    "education_services": ("2B",),
    "anonymous": ("9",),
    "housing": ("4",),
    "unknown": ("10",),
}
"""The published groups as codes of the census; codes within a group in assumed proportions."""
REPLACED_BEFORE: Mapping[str, tuple[str, str]] = {
    "5D": ("2022-04-01", "5B"),
    "RC9": ("2022-04-01", "RC8"),
    "18B": ("2020-04-01", "18A"),
    "18C": ("2020-04-01", "18A"),
    "19B": ("2020-04-01", "19A"),
    "19C": ("2020-04-01", "19A"),
    "24A": ("2021-04-01", "13A"),
    "22A": ("2016-04-01", "20"),
}
"""Code -> the day since which the census has it, and what was used before (data_standards.md 2.2)."""
DISABLED_WITH_NEED_N2 = 0.55
"""Share of disabled children whose primary need is their disability (calibrated to N2)."""
OTHER_BESIDES = 0.5
"""Of the published share of factor 20 (calibrated): the rest are needs for which a team ticked nothing else."""
CONTACT_BEFORE_REFERRAL = 0.75
EARLY_HELP_BEFORE, EARLY_HELP_AFTER_NEED = 0.25, 0.25
EARLY_HELP_REASONS = ("parenting", "behaviour", "family_support", "routines", "attendance")
INITIAL_REVIEW_DAYS, LATER_REVIEW_DAYS = 85, 175
"""A protection plan is reviewed within three months, then within six (statutory guidance: Working Together)."""
CONFERENCE_TARGET_WORKING_DAYS = 15


def code_on(code: str, day: int) -> str:
    """Return the code that the census of a day has for what is now this code."""
    since, before = REPLACED_BEFORE.get(code, ("", ""))
    return before if iso(day) < since else code


class Casework:
    """Writes down one family's casework; its random numbers change nothing of what happened."""

    def __init__(self, course: Course, world: World, rng: Random) -> None:
        self._course = course
        self._rates = world.rates
        self._rng = rng
        self._needs = world.rates.primary_need.without("N2")
        self._plans_before: dict[int, int] = {}
        self.happenings: list[Happening] = []
        self.closures: dict[int, Closing] = {}
        """Place of a closure among the happenings -> its planted risk."""

    def write(self) -> None:
        """Write all episodes down."""
        closings = iter(self._course.closings)
        self._write_early_help_before()
        for episode in self._course.episodes:
            source = self._draw_source(episode.referral)
            contact = self._draw_contact(episode)
            self._write_workers(episode)
            for entry in episode.children:
                self._write_child(episode, entry, source, contact, next(closings))

    def _emit(self, type_name: str, day: int, entry: ChildEpisode, episode: int | None, **fields: Any) -> None:
        given = {name: value for name, value in fields.items() if value is not None}
        self.happenings.append(Happening(type_name, "social_care", day, (entry.child.place,), given, episode))

    def _draw_source(self, referral: int) -> str:
        chance = self._rng.random
        while True:
            group = self._rates.referral_source.draw(self._rng)
            office = group in OFFICE_SOURCES
            # five sevenths of the days have to take all of an office's referrals, the others take the rest of the week
            if is_working(referral):
                if office or chance() < self._others_on_working_days():
                    break
            elif not office:
                break
        return code_on(self._rng.choice(SOURCE_CODES[group]), referral)

    def _others_on_working_days(self) -> float:
        """Return the acceptance that keeps the published shares over a week in which referrals fall evenly on seven days."""
        office = sum(self._rates.referral_source.share(group) for group in OFFICE_SOURCES)
        return (1 - 7 / 5 * office) / (7 / 5 * (1 - office))

    def _write_workers(self, episode: Episode) -> None:
        for number, day in enumerate(episode.workers):
            worker = f"W{self._course.team.name}-{self._rng.randrange(40)}"
            reason = self._rng.choice(("LEFTRL", "ORGRST", "ABSENC", "MANAGE")) if number else None
            for entry in episode.children:
                if day <= entry.closing:
                    self._emit("worker.changed.v1", day, entry, episode.number, worker_id=worker, start_date=iso(day), reason=reason)

    def _write_early_help_before(self) -> None:
        """Some families come from early help, which steps them up."""
        if self._rng.random() > EARLY_HELP_BEFORE:
            return
        first = self._course.episodes[0]
        start, reason = first.referral - self._rng.randrange(30, 300), self._rng.choice(EARLY_HELP_REASONS)
        for entry in first.children:
            if entry.child.birth <= start:
                self._write_help(entry, start, first.referral, reason, "STEP_UP")

    def _draw_contact(self, episode: Episode) -> int | None:
        """Return the day of the contact that became the referral, if it was recorded as one."""
        if self._rng.random() > CONTACT_BEFORE_REFERRAL:
            return None
        after = self._course.episodes[episode.number - 1].closing + 1 if episode.number else 0
        return max(after, episode.referral - self._rng.choice((0, 0, 0, 1, 2)))

    def _write_child(self, episode: Episode, entry: ChildEpisode, source: str, contact: int | None, closing: Closing) -> None:
        number, referral = episode.number, episode.referral
        if contact is not None:
            fields = {"contact_date": iso(contact), "referral_source": source, "contact_outcome": ["NEW_REFERRAL"]}
            self._emit("contact.received.v1", contact, entry, None, **fields)
        self._emit(
            "referral.received.v1",
            referral,
            entry,
            number,
            referral_date=iso(referral),
            referral_source=source,
            primary_need_code=None if entry.stage is Stage.NFA else self._draw_need(entry),
        )
        if entry.stage is not Stage.NFA:
            self._write_assessments(episode, entry)
        self._write_protection(episode, entry)
        self._write_plans(episode, entry)
        self._write_care(episode, entry)
        self.closures[len(self.happenings)] = closing
        self._emit(
            "closure.recorded.v1",
            entry.closing,
            entry,
            number,
            closure_date=iso(entry.closing),
            closure_reason=code_on(entry.reason, entry.closing),
            closed_stage=entry.stage.name.lower(),
        )
        self._write_early_help(episode, entry)

    def _draw_need(self, entry: ChildEpisode) -> str:
        if entry.child.disabilities and self._rng.random() < DISABLED_WITH_NEED_N2:
            return "N2"
        return self._needs.draw(self._rng)

    def _write_assessments(self, episode: Episode, entry: ChildEpisode) -> None:
        course = self._course
        findings = {**course.family_findings[episode.number], **course.child_findings[episode.number][entry.child.place]}
        for number, (start, end) in enumerate(episode.assessments):
            if end > entry.closing:
                continue
            own_id = f"AS{course.number}-{entry.child.place}-{episode.number}-{number}"
            self._emit("assessment.started.v1", start, entry, episode.number, assessment_id=own_id, start_date=iso(start))
            self._emit(
                "assessment.completed.v1",
                end,
                entry,
                episode.number,
                assessment_id=own_id,
                start_date=iso(start),
                authorisation_date=iso(end),
                factors=self._tick(findings, entry.stage, end),
                child_seen=self._rng.random() < 0.93,
                outcome=["NFA" if entry.stage is Stage.ASSESSMENT else "PROV_OF_SERVICES"],
            )

    def _tick(self, findings: Findings, stage: Stage, day: int) -> list[str]:
        """Tick factors: after any mention, whatever its status, as the team is used to tick."""
        ticks, rates = self._course.team.ticks, self._rates
        codes = {name for name in findings if name in rates.factors and self._rng.random() < ticks}
        if self._rng.random() < OTHER_BESIDES * rates.factors["20"] / 100:
            codes.add("20")
        if not codes:
            return ["21"] if stage is Stage.ASSESSMENT else ["20"]
        return sorted({code_on(code, day) for code in codes})

    def _write_protection(self, episode: Episode, entry: ChildEpisode) -> None:
        number, place = episode.number, entry.child.place
        if entry.s47:
            start, end = entry.s47
            target = iso(add_working_days(start, CONFERENCE_TARGET_WORKING_DAYS))
            required = entry.conference is not None
            own_id = f"S47-{self._course.number}-{place}-{number}"
            self._emit("s47.started.v1", start, entry, number, s47_id=own_id, start_date=iso(start), icpc_target_date=target)
            self._emit(
                "s47.completed.v1",
                end,
                entry,
                number,
                s47_id=own_id,
                start_date=iso(start),
                end_date=iso(end),
                icpc_required_flag=required,
                outcome=["CP_CONFERENCE" if required else "NFA_CONTINUE_SINGLE"],
            )
        if entry.conference is not None:
            self._emit(
                "cp_conference.held.v1",
                entry.conference,
                entry,
                number,
                icpc_date=iso(entry.conference),
                outcome_cp_flag=entry.plan is not None,
            )
        if entry.plan:
            self._write_protection_plan(episode, entry)

    def _write_protection_plan(self, episode: Episode, entry: ChildEpisode) -> None:
        assert entry.plan
        start, end = entry.plan
        number, place = episode.number, entry.child.place
        own_id = f"CPP-{self._course.number}-{place}-{number}"
        before = self._plans_before.get(place, 0)
        self._plans_before[place] = before + 1
        category = {"initial_category_of_abuse": entry.plan_category, "latest_category_of_abuse": entry.plan_category}
        common = {"plan_id": own_id, "start_date": iso(start)}
        self._emit("cp_plan.started.v1", start, entry, number, **common, **category, number_of_previous_cpp=before)
        review = start + INITIAL_REVIEW_DAYS
        while review < end:
            self._emit("cp_plan.reviewed.v1", review, entry, number, **common, review_date=iso(review), continue_cp=True)
            review += LATER_REVIEW_DAYS
        self._emit("cp_plan.ended.v1", end, entry, number, **common, end_date=iso(end), latest_category_of_abuse=entry.plan_category)
        if end - start > 330 and self._rng.random() < 0.2:  # what a long plan does not change goes before pre-proceedings
            begun, decided = start + 200, min(end, start + 310)
            self._emit("pre_proceedings.started.v1", begun, entry, number, start_date=iso(begun), fgdm_offered=True)
            outcome = "proceedings" if entry.care else "stepped_down"
            fields = {"start_date": iso(begun), "decision_date": iso(decided), "outcome": outcome}
            self._emit("pre_proceedings.ended.v1", decided, entry, number, **fields)

    def _write_plans(self, episode: Episode, entry: ChildEpisode) -> None:
        if not entry.cin_plan:
            return
        start, end = entry.cin_plan
        common = {"plan_id": f"CIN-{self._course.number}-{entry.child.place}-{episode.number}", "start_date": iso(start)}
        self._emit("cin_plan.started.v1", start, entry, episode.number, **common)
        self._emit("cin_plan.ended.v1", end, entry, episode.number, **common, end_date=iso(end))

    def _write_care(self, episode: Episode, entry: ChildEpisode) -> None:
        if not entry.care:
            return
        start, end = entry.care[0], entry.care[1] or entry.closing
        number, legal = episode.number, self._rng.choice(("V2", "V2", "C1", "L2"))
        place_id = f"PL-{self._course.number}-{entry.child.place}-{number}"
        self._emit(
            "cla.started.v1",
            start,
            entry,
            number,
            placement_id=f"{place_id}-0",
            start_date=iso(start),
            start_reason="S",
            placement_type=self._rng.choice(("U6", "U6", "U3", "K2", "P1")),
            legal_status=legal,
        )
        for move, day in enumerate(entry.care_moves, start=1):
            fields = {"placement_id": f"{place_id}-{move}", "start_date": iso(day), "start_reason": "P", "placement_type": "U6"}
            self._emit(
                "cla.placement_changed.v1", day, entry, number, **fields, change_reason=self._rng.choice(("CARPL", "STAND", "CREQB"))
            )
        for day in range(start + 330, end, 365):
            if 4 <= entry.child.age_years(day) < 17:
                score = min(40, int(self._rng.gammavariate(4, 3.5)))
                self._emit("sdq.recorded.v1", day, entry, number, assessment_date=iso(day), score=score)
        reason = {"RC1": "E11", "RC4": "E45", "RC3": "E41"}.get(entry.reason, "E4A" if entry.care[1] else "E8")
        last = f"{place_id}-{len(entry.care_moves)}"
        self._emit("cla.ended.v1", end, entry, number, placement_id=last, start_date=iso(start), end_date=iso(end), end_reason=reason)

    def _write_early_help(self, episode: Episode, entry: ChildEpisode) -> None:
        """Early help follows RC9, and some other closures, until it is done or the family is referred again."""
        if entry.reason != "RC9" and (entry.reason != "RC7" or self._rng.random() > EARLY_HELP_AFTER_NEED):
            return
        start = entry.closing + self._rng.randrange(2, 21)
        following = episode.number + 1
        again = self._course.episodes[following].referral if following < len(self._course.episodes) else None
        end = start + 40 + int(self._rng.expovariate(1 / 90))
        reason = self._rng.choice(("OUTCOMES_MET", "OUTCOMES_MET", "NFA"))
        if again is not None and again <= start:
            return
        if again is not None and again <= end:
            end, reason = again, "STEP_UP"
        self._write_help(entry, start, end, self._rng.choice(EARLY_HELP_REASONS), reason)

    def _write_help(self, entry: ChildEpisode, start: int, end: int, reason: str, end_reason: str) -> None:
        fields = {"start_date": iso(start), "reason": reason, "organisation": "Family hub"}
        self._emit("early_help.started.v1", start, entry, None, **fields)
        self._emit("early_help.ended.v1", end, entry, None, start_date=iso(start), end_date=iso(end), end_reason=end_reason)
