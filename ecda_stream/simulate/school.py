"""Attendance by term, which schools send for children with an open case, with the year before and after it."""

from __future__ import annotations

from datetime import date
from random import Random

from ecda_stream.simulate.course import Course
from ecda_stream.simulate.days import iso
from ecda_stream.simulate.episode import ChildEpisode, Episode
from ecda_stream.simulate.happening import Happening
from ecda_stream.simulate.needs import status_of

AROUND_DAYS = 450
GONE = frozenset({"RC1", "RC2", "RC5"})
SESSIONS_A_TERM = 126
"""Half days: 190 school days a year in three terms."""
UNAUTHORISED = {"current": (0.08, 0.45), "possible": (0.03, 0.20), "past": (0.01, 0.12), "denied": (0.0, 0.05)}
"""Range of the share of sessions missed without leave, by what is said of school attendance (assumed)."""
OTHERWISE = (0.0, 0.06)


def terms_between(first: int, last: int) -> list[tuple[int, int]]:
    """Return the school terms that end between two days; the same dates in every year and authority."""
    years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
    terms = [
        (date(year, *start).toordinal(), date(year, *end).toordinal())
        for year in years
        for start, end in (((1, 5), (3, 29)), ((4, 15), (7, 20)), ((9, 3), (12, 19)))
    ]
    return [(start, end) for start, end in terms if first <= end <= last]


def summarise_attendance(course: Course, last_day: int, rng: Random) -> list[Happening]:
    """Return one summary for each child of school age, term and school, around the episodes of the family."""
    summaries: list[Happening] = []
    summarised: set[tuple[int, int]] = set()
    for episode in course.episodes:
        for entry in episode.children:
            after = 0 if entry.reason in GONE else AROUND_DAYS
            for start, end in terms_between(episode.referral - AROUND_DAYS, min(entry.closing + after, last_day)):
                place = entry.child.place
                if (place, end) not in summarised and entry.child.age_years(start) >= 5 and entry.child.age_years(end) < 16.4:
                    summarised.add((place, end))
                    summaries.append(_summary(course, episode, entry, start, end, rng))
    return summaries


def _summary(course: Course, episode: Episode, entry: ChildEpisode, start: int, end: int, rng: Random) -> Happening:
    place = entry.child.place
    status = status_of(course.child_findings[episode.number][place], "school_attendance")
    low, high = UNAUTHORISED[status] if status else OTHERWISE
    possible = SESSIONS_A_TERM - rng.randrange(12)
    unauthorised = int(possible * rng.uniform(low, high))
    fields = {
        "period_start": iso(start),
        "period_end": iso(end),
        "sessions_possible": possible,
        "sessions_authorised": int((possible - unauthorised) * rng.uniform(0.0, 0.09)),
        "sessions_unauthorised": unauthorised,
    }
    return Happening("school.attendance_summarised.v1", "education", end, (place,), fields)
