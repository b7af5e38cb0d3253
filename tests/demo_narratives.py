"""A small grammar of invented casework narratives: headings, bullets, shorthand and typing errors, no two quite alike.

Nothing here is taken from a case. Each theme has sentences in which it is the case now, was the case, or is denied.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from a seeded generator by `random()` alone, whose sequence does not change between Python versions."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random.random() < probability

    def whole(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, things: Sequence[T]) -> T:
        """Return one of the things."""
        return things[self.whole(0, len(things) - 1)]

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """Return up to `count` different things, in drawn order."""
        left = list(things)
        return [left.pop(self.whole(0, len(left) - 1)) for _ in range(min(count, len(left)))]


@dataclass(frozen=True)
class Case:
    """What a narrative is about: the child's initials, the themes of the episode and how it stands."""

    initials: str
    age: str
    source: str
    themes: tuple[str, ...]
    past_themes: tuple[str, ...]
    denied_themes: tuple[str, ...]
    engaged: bool
    s47: bool
    plan: str
    ending: str


NOW = {
    "domestic_abuse": (
        "Police attended a domestic incident at the home {when}; {child} was upstairs and heard the shouting.",
        "Mother disclosed that her partner pushed her and broke her phone.",
        "High risk DA, heard at MARAC {when}.",
        "Mo and partner argue most nights, neighbours have called 101 twice.",
    ),
    "alcohol_misuse": (
        "Mother was drinking heavily when the worker visited and could not settle the younger child.",
        "Father drinks daily, empty cans seen in the kitchen.",
        "School say mum smelt of alcohol at pick up {when}.",
    ),
    "drug_misuse": (
        "Strong smell of cannabis in the property on both visits.",
        "Father is using cocaine at weekends and owes money.",
        "Mo tested positive for opiates {when}.",
    ),
    "mental_health": (
        "Mother's low mood has got worse and she has stopped taking her medication.",
        "{child} is anxious, not sleeping and waiting for CAMHS.",
        "Mum is under the crisis team following an overdose {when}.",
    ),
    "neglect": (
        "{child} comes to school hungry and in dirty uniform.",
        "Basic care needs are not being met consistently, nits untreated for weeks.",
        "{child} was left home alone for several hours {when}.",
    ),
    "home_conditions": (
        "Home was very cluttered with dog faeces on the kitchen floor.",
        "No bedding on {child}'s mattress, mould in the bedroom.",
    ),
    "school_attendance": (
        "Attendance is down to {percent}% this term.",
        "{child} has missed most Mondays, school are considering a fine.",
    ),
    "housing": (
        "Family are in temporary accommodation, one room between four.",
        "Landlord has served an eviction notice and there are rent arrears.",
    ),
    "self_harm": (
        "{child} has been cutting her arms, seen by the school nurse {when}.",
        "{child} told a teacher about harming himself at night.",
    ),
    "missing": (
        "{child} was reported missing overnight {when}, the third time this month.",
        "{child} is not coming home until 2am and will not say where.",
    ),
    "cce": (
        "Concern that {child} is carrying drugs for older lads, has two phones and unexplained cash.",
        "{child} was arrested {when} with a knife and wraps.",
    ),
    "young_carer": (
        "{child} gets the younger ones up, makes tea and collects mum's prescription.",
        "{child} is caring for mother most days after school.",
    ),
    "emotional_abuse": (
        "{child} is blamed for everything at home and called names.",
        "Father shouts at and belittles {child} in front of professionals.",
    ),
    "physical_abuse": (
        "{child} said step-dad hit him with a belt; a bruise was seen on the left arm.",
        "Unexplained bruising to {child}'s back, CP medical {when}.",
    ),
}
PAST = {
    "domestic_abuse": (
        "Historic domestic abuse from {child}'s father, who left the home in {year}.",
        "Previous DA with ex-partner, no further incidents since {year}.",
    ),
    "alcohol_misuse": ("Mother used to drink heavily and has been abstinent since {year}.", "Past alcohol misuse by father."),
    "drug_misuse": (
        "Father has a history of drug use, says he stopped in {year}.",
        "Mo previously used heroin, on a script until {year}.",
    ),
    "mental_health": (
        "Mother had post natal depression in {year}, now discharged.",
        "Previous CAMHS involvement for {child} in {year}.",
    ),
    "neglect": ("There was a previous CP plan under neglect in {year}.", "Older sibling was known for neglect in the past."),
    "housing": ("The family were homeless in {year} but now have a secure tenancy.",),
    "missing": ("{child} went missing twice in {year}, none since.",),
    "self_harm": ("{child} self harmed in {year}; no longer doing so.",),
}
DENIED = {
    "domestic_abuse": ("Mother denies any domestic abuse.", "No reports of domestic violence on police checks."),
    "alcohol_misuse": ("No concerns about alcohol.", "Father denied drinking in the week."),
    "drug_misuse": ("Both parents denied any drug use.", "There is no evidence of substance misuse."),
    "mental_health": ("Mum reports no mental health difficulties.", "GP has no concerns re mental health."),
    "neglect": ("No signs of neglect, {child} was clean and well presented.",),
    "home_conditions": ("Home conditions were good, fridge well stocked.",),
    "self_harm": ("{child} has never self harmed.",),
    "cce": ("No indicators of criminal exploitation.",),
    "missing": ("{child} has not been missing.",),
    "physical_abuse": ("No marks or bruises seen.",),
}
ENGAGED = (
    "Mother has worked openly with us and attended every meeting.",
    "Parents completed the parenting course and put the advice into practice.",
    "Maternal grandmother is a good support and has the children at weekends.",
    "Home visits show a warm relationship, {child} is happy and chatty.",
    "Family agreed to early help and a worker is allocated.",
)
NOT_ENGAGED = (
    "Mum has not answered the door on the last three visits.",
    "Parents did not attend the review and declined further support.",
    "Phone calls and letters not returned, appts cancelled at short notice.",
    "Father refuses to speak to professionals.",
    "Case was due to step up but family said they will not consent.",
)
FILLERS = (
    "{child} was seen alone {place} and spoke about {hobby}.",
    "Checks completed with {agency} and {other_agency}.",
    "Chronology reviewed with the manager in supervision on {day}.",
    "{child} likes {hobby} and wants to be a {job}.",
    "Younger sibling attends nursery {number} mornings and is meeting milestones.",
    "{adult} and {other_adult} share care, arrangements are informal.",
    "Worker observed {meal}, interactions were {quality}.",
    "Family network meeting held on {day}, notes on file.",
    "Benefits claim is in place and the food bank has been offered.",
    "TC to {agency}, they will ring back on {day}.",
    "Email from {agency}: {child} has settled in {place}.",
    "{adult} works {number} shifts a week at a warehouse, {other_adult} covers.",
    "Three wishes done with {child}: a bigger garden, {hobby}, and more time with {other_adult}.",
    "Joint visit with {agency} on {day}, {adult} and children present.",
    "Mother explained the morning routine, which sounds {quality}.",
    "{child} shares a room with a sibling; sleeping arrangements are {quality}.",
    "{other_adult} rang on {day} to ask for copies of the paperwork.",
    "Genogram and family history completed with {adult}.",
    "{child} has a best friend in class and goes to a club for {hobby}.",
    "Immunisations are up to date according to {agency}.",
    "Dental appointment booked for {day}.",
    "Team around the family meeting, {agency} and {other_agency} sent apologies.",
    "{adult} said that {day}s are the hardest because of the school run.",
    "Direct work with {child} {place}, {number} sessions so far.",
    "Consent form signed by {adult} on {day}.",
    "School report that {child} is working at expected level in {number} subjects.",
    "{child} enjoyed {meal} with {other_adult} and talked about {hobby}.",
    "Interpreter not needed. {adult} prefers texts to calls.",
)
SLOTS: dict[str, tuple[str, ...]] = {
    "agency": ("school", "the GP", "the health visitor", "housing", "the nursery", "the SENCO", "probation", "the school nurse"),
    "other_agency": ("CAMHS", "police", "the midwife", "adult services", "early help", "the children's centre"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "hobby": ("football", "drawing", "a new kitten", "gaming", "dance class", "baking", "swimming", "his bike", "dinosaurs", "K-pop"),
    "place": ("at school", "at home", "in the family centre", "in the garden", "at breakfast club"),
    "job": ("vet", "builder", "teacher", "footballer", "baker", "train driver"),
    "adult": ("Mum", "Mother", "Dad", "Mo", "Carer"),
    "other_adult": ("maternal grandmother", "dad", "an aunt", "paternal grandfather", "step-dad"),
    "meal": ("mealtime", "bedtime", "tea", "a play session", "the school pick up"),
    "quality": ("warm", "appropriate", "calm", "a bit rushed", "good enough"),
    "number": ("two", "three", "four", "five"),
}
HEADINGS = {
    "referral": ("Reason for referral", "Background", "What are we worried about?", "Family and household", "Views of the child"),
    "assessment": ("Child's developmental needs", "Parenting capacity", "Family and environment", "What is working well?", "Analysis"),
    "closure": ("Summary of involvement", "Progress", "Outstanding concerns", "Views", "Decision"),
}
TYPING_ERRORS = (
    ("their", "thier"),
    ("because", "becuase"),
    ("attended", "atended"),
    ("received", "recieved"),
    ("definitely", "definately"),
    ("parents", "parnets"),
    ("school", "shcool"),
    ("concerns", "concers"),
    ("appointment", "apointment"),
    ("grandmother", "grandmohter"),
    (" with ", " wiht "),
    (" the ", " teh "),
)
SHORTHAND = ((" mother ", " Mo "), (" father ", " Fa "), ("health visitor", "HV"), ("children", "chn"), ("appointment", "appt"))


def narrate(kind: str, case: Case, year: int, dice: Dice) -> str:
    """Return a narrative of 60 to 250 words of this kind."""
    body = _sentences(kind, case, dice)
    wanted = dice.whole(65, 150)
    fillers = dice.some(FILLERS, len(FILLERS))
    while sum(len(line.split()) for line in body) < wanted and fillers:
        body.insert(dice.whole(0, len(body)), fillers.pop())
    values = {
        "child": case.initials,
        "when": dice.pick(("last week", "on Saturday night", "last month", "yesterday", "in the early hours", "at the weekend")),
        "year": str(year - dice.whole(2, 6)),
        "percent": str(dice.whole(38, 84)),
    }
    drawn = [{name: dice.pick(choices) for name, choices in SLOTS.items()} for _ in body]
    lines = [line.format(**values, **slots) for line, slots in zip(body, drawn, strict=True)]
    text = _lay_out(kind, lines, case, dice)
    return _roughen(text, dice)


def _sentences(kind: str, case: Case, dice: Dice) -> list[str]:
    lines = [dice.pick(NOW[theme]) for theme in case.themes if kind != "closure" or dice.chance(0.35)]
    lines += [dice.pick(PAST[theme]) for theme in case.past_themes if theme in PAST]
    lines += [dice.pick(DENIED[theme]) for theme in case.denied_themes if theme in DENIED]
    if kind == "referral":
        lines.insert(0, f"{case.source} contacted the front door about {{child}} ({case.age}).")
    if kind == "assessment" and case.s47:
        lines.insert(0, "Strategy discussion held, threshold met for joint s47 enquiries.")
    if kind != "referral":
        lines += dice.some(ENGAGED if case.engaged else NOT_ENGAGED, dice.whole(1, 2))
    if kind == "closure":
        lines.insert(0, f"{{child}} has been open to us under {case.plan}.")
        lines.append(case.ending)
    return lines


def _lay_out(kind: str, lines: list[str], case: Case, dice: Dice) -> str:
    """Cut the lines into paragraphs, bullets or headed sections."""
    style = dice.pick(("prose", "bullets", "headed", "headed", "notes"))
    if style == "prose":
        cut = dice.whole(2, max(2, len(lines) - 2))
        return " ".join(lines[:cut]) + "\n\n" + " ".join(lines[cut:])
    if style == "bullets":
        return dice.pick(HEADINGS[kind]) + ":\n" + "\n".join(f"- {line}" for line in lines)
    if style == "notes":
        return f"CN {case.initials}\n" + "\n".join(lines)
    headings = [heading for heading in HEADINGS[kind] if dice.chance(0.75)] or [HEADINGS[kind][0]]
    share = -(-len(lines) // len(headings))
    sections = [f"{heading}\n" + " ".join(lines[i * share : (i + 1) * share]) for i, heading in enumerate(headings)]
    return "\n\n".join(sections)


def _roughen(text: str, dice: Dice) -> str:
    """Write some words as people in a hurry do."""
    for clean, short in SHORTHAND:
        if dice.chance(0.3):
            text = text.replace(clean, short)
    for right, wrong in TYPING_ERRORS:
        if dice.chance(0.15):
            text = text.replace(right, wrong, 1)
    return text
