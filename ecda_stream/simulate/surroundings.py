"""What happens around a family between two days: police notices, missing episodes, suspensions, homelessness, contacts.

All of it depends on the family's needs and on nothing latent, so it says nothing about the frailty beyond what the facts say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from ecda_stream.simulate.days import iso
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.household import Child, Household
from ecda_stream.simulate.needs import Findings, status_of
from ecda_stream.simulate.rates import Numbers, Rates

FIXED_TERM_UNTIL = "2020-08-01"
"""The school census called a suspension FIXD until then, SUSP since."""
SUSPENSION_REASONS = ("DB", "VA", "VP", "PP", "DM", "OW")
CONTACT_SOURCES = ("6", "6", "2A", "2A", "3B", "1A", "9")
TEMPORARY_DAYS = 210
"""Mean stay in temporary accommodation (assumed)."""


class Surroundings:
    """Lives with one family and remembers what the facts at a closure count."""

    def __init__(self, household: Household, rates: Rates, rng: Random) -> None:
        self._household = household
        self._rates = rates
        self._rng = rng
        self.happenings: list[Happening] = []
        self.abuse_notices: list[int] = []
        self.missing: dict[int, list[int]] = {child.place: [] for child in household.children}
        self.suspensions: list[int] = []
        self.temporary: list[tuple[int, int]] = []
        self.gone: dict[int, int] = {}
        """Place of a child who has left the family for good -> the day."""
        self._cases = 0

    def pass_time(self, first: int, last: int, family: Findings, by_child: Mapping[int, Findings], in_care: set[int]) -> None:
        """Let the days from `first` to `last` pass; both belong to it."""
        if last < first:
            return
        rates = self._rates
        for day in self._days(rates.police_abuse_notices_per_year, status_of(family, "3B", "3A"), first, last):
            self._notify_of_abuse(day)
        for day in self._days(rates.temporary_accommodation_per_year, status_of(family, "housing"), first, last):
            self._become_homeless(day, last)
        for child in self._household.children:
            age_years = child.age_years((first + last) // 2)
            if age_years < 5 or child.adult_from <= last or child.place in self.gone:
                continue
            findings = by_child.get(child.place, {})
            if age_years < 16:
                for day in self._days(rates.suspensions_per_year, status_of(findings, "14A"), first, last):
                    self._suspend(child, day)
            if age_years >= 10:
                for day in self._days(rates.police_other_notices_per_year, status_of(findings, "14A", "13A", "24A"), first, last):
                    self._notify_of_young_person(child, day)
            if age_years >= 11:
                status = "current" if child.place in in_care and self._rng.random() < 0.2 else status_of(findings, "10A")
                for day in self._days(rates.missing_per_year, status, first, last):
                    self._go_missing(child, day)

    def forget_the_gone(self) -> None:
        """Take back what had been foreseen for a child, such as the end of a homelessness case, after it left."""
        kept: list[Happening] = []
        for happening in self.happenings:
            children = tuple(place for place in happening.children if happening.day <= self.gone.get(place, happening.day))
            if children:
                kept.append(replace(happening, children=children) if children != happening.children else happening)
        self.happenings = kept

    def make_contact(self, first: int, last: int) -> None:
        """Let people contact social care while the case is closed; none of these contacts becomes a referral."""
        for day in self._days({"none": self._rates.contacts_per_year}, None, first, last):
            source, outcome = self._rng.choice(CONTACT_SOURCES), self._rng.choice(("NFA", "NFA", "ADVICE"))
            for child in self._present(day):
                fields = {"contact_date": iso(day), "referral_source": source, "contact_outcome": [outcome]}
                self.happenings.append(Happening("contact.received.v1", "social_care", day, (child,), fields))

    def is_in_temporary_accommodation(self, day: int) -> bool:
        """Return whether the family lives in temporary accommodation on a day."""
        return any(start <= day < end for start, end in self.temporary)

    def _days(self, per_year: Numbers, status: str | None, first: int, last: int) -> Iterator[int]:
        rate = per_year[status or "none"] / 365.25
        day = first + self._rng.expovariate(rate)
        while day < last + 1:
            yield int(day)
            day += self._rng.expovariate(rate)

    def _present(self, day: int) -> tuple[int, ...]:
        return tuple(
            child.place for child in self._household.children if child.birth <= day < child.adult_from and child.place not in self.gone
        )

    def _notify_of_abuse(self, day: int) -> None:
        children = self._present(day)
        if not children:
            return
        self.abuse_notices.append(day)
        fields = {
            "incident_date": iso(day),
            "child_present": self._rng.random() < 0.7,
            "domestic_abuse_flag": True,
            "child_role": self._rng.choice(("witness", "witness", "victim", "other")),
            "risk_grade": self._rng.choice(("standard", "standard", "medium", "high")),
        }
        self.happenings.append(Happening("police.incident_notified.v1", "police", day, children, fields))

    def _notify_of_young_person(self, child: Child, day: int) -> None:
        fields = {
            "incident_date": iso(day),
            "domestic_abuse_flag": False,
            "child_role": self._rng.choice(("suspect", "suspect", "victim", "other")),
            "risk_grade": self._rng.choice(("standard", "standard", "medium")),
        }
        self.happenings.append(Happening("police.incident_notified.v1", "police", day, (child.place,), fields))

    def _go_missing(self, child: Child, day: int) -> None:
        kind = "M" if self._rng.random() < 0.85 else "A"
        end = day + min(10, int(self._rng.expovariate(1 / 1.3)))
        offered = self._rng.random() < 0.8
        interview = {"rhi_offered": "Y" if offered else "N", "rhi_accepted": self._rng.choice(("Y", "N")) if offered else "NA"}
        self.missing[child.place].append(day)
        start = {"start_date": iso(day), "missing_type": kind}
        found = {"start_date": iso(day), "end_date": iso(end), "missing_type": kind, **interview}
        self.happenings.append(Happening("missing.started.v1", "social_care", day, (child.place,), start))
        self.happenings.append(Happening("missing.ended.v1", "social_care", end, (child.place,), found))

    def _suspend(self, child: Child, day: int) -> None:
        permanent = self._rng.random() < 0.03
        category = "PERM" if permanent else "FIXD" if iso(day) < FIXED_TERM_UNTIL else "SUSP"
        fields: dict[str, Any] = {"start_date": iso(day), "category": category, "reason1": self._rng.choice(SUSPENSION_REASONS)}
        if not permanent:
            fields["sessions"] = self._rng.choice((1, 2, 2, 4, 6, 10))
        self.suspensions.append(day)
        self.happenings.append(Happening("school.excluded.v1", "education", day, (child.place,), fields))

    def _become_homeless(self, day: int, last: int) -> None:
        """A homelessness case: relief, temporary accommodation, main duty ended; prevention alone where that works."""
        if self.is_in_temporary_accommodation(day) or not self._present(day):
            return
        self._cases += 1
        case = f"H{self._household.postcodes[0][5:]}{self._cases}"
        relief = day
        temporary = relief + self._rng.randrange(0, 40)
        end = temporary + 14 + int(self._rng.expovariate(1 / TEMPORARY_DAYS))
        self._house(relief, "relief", case, "relief")
        self._house(temporary, "temporary_accommodation", case, "relief")
        self._house(end, "final_duty_ended", case, "main")
        self.temporary.append((temporary, end))

    def _house(self, day: int, stage: str, case: str, duty: str) -> None:
        fields = {"change_date": iso(day), "stage": stage, "case_id": case, "duty": duty, "support_needs": ["families"]}
        if children := self._present(day):
            self.happenings.append(Happening("housing.case_changed.v1", "housing", day, children, fields))
