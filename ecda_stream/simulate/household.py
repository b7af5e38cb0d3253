"""Who is in a family: its children, born and to be born, and the adults; every name is invented."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ecda_stream.simulate.days import YEAR_DAYS, birthday
from ecda_stream.simulate.rates import Rates

GIRLS = (
    "Amarell", "Bryndea", "Celowyn", "Dashira", "Elvanna", "Fiorelle", "Gwennoth", "Halessa", "Ilmara", "Jessaly",
    "Kerensha", "Lunette", "Merridy", "Nerrise", "Orlessa", "Petrana", "Quillian", "Rosvita", "Selandra", "Tamsinel",
    "Ulvira", "Vesnara", "Wynelle", "Zephira",
)  # fmt: skip
BOYS = (
    "Aldrevin", "Bramhart", "Corvane", "Dunstable", "Ellaric", "Fenwood", "Garrold", "Hestin", "Ivarel", "Jorrick",
    "Kelvane", "Lorcade", "Marlock", "Nevander", "Osbrick", "Perrivan", "Quentrel", "Rowdan", "Silvarn", "Torrick",
    "Ulmond", "Varrick", "Wendrick", "Zandel",
)  # fmt: skip
SURNAMES = (
    "Ashmarrow", "Birchwell-Tor", "Calderwisk", "Dunmarrow", "Eastriggle", "Fennimarsh", "Gorsewhistle", "Hollowmere",
    "Inglemoss", "Jackdawson", "Kettlebourne", "Larkenfold", "Mossgrave", "Netherquill", "Oatcombe", "Pebblewick",
    "Quernstone", "Rookhampton", "Saltergate", "Thistledown", "Underfell", "Vetchworth", "Wolfscar", "Yarrowby",
)  # fmt: skip
ETHNICITY_CODES = {
    "white": (("WBRI", 0.89), ("WOTH", 0.08), ("WIRI", 0.01), ("WIRT", 0.01), ("WROM", 0.01)),
    "mixed": (("MWBC", 0.4), ("MOTH", 0.3), ("MWAS", 0.15), ("MWBA", 0.15)),
    "black": (("BAFR", 0.6), ("BCRB", 0.2), ("BOTH", 0.2)),
    "asian": (("APKN", 0.4), ("AOTH", 0.25), ("ABAN", 0.2), ("AIND", 0.12), ("CHNE", 0.03)),
    "other": (("OOTH", 1.0),),
}
"""Groups as published; the codes within a group in assumed proportions."""
DISABILITIES = ("LD", "AUT", "BEH", "COMM", "MOB", "PC", "INC", "HAND", "HEAR", "VIS", "CON", "DDA")

AGE_BANDS_YEARS = {"lt1": (0.0, 1.0), "y1_4": (1.0, 5.0), "y5_9": (5.0, 10.0), "y10_15": (10.0, 16.0), "y16p": (16.0, 17.99)}
KNOWN_BEFORE_BIRTH_DAYS = 170
SHORTEST_GAP_YEARS = 0.95
MEAN_GAP_YEARS = 3.0
BABY_MOTHER_OLDER_YEARS = (18.0, 34.0)


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """One child; `birth` may lie in the future."""

    place: int
    birth: int
    forename: str
    surname: str
    sex: str
    ethnicity: str
    disabilities: tuple[str, ...]

    def age_years(self, day: int) -> float:
        """Return the age; negative before the birth."""
        return (day - self.birth) / YEAR_DAYS

    @property
    def adult_from(self) -> int:
        """Return the 18th birthday."""
        return birthday(self.birth, 18)

    def is_known_on(self, day: int) -> bool:
        """Return whether a referral of the family on that day includes this child: under 18, born or expected soon."""
        return self.birth - KNOWN_BEFORE_BIRTH_DAYS <= day < self.adult_from


@dataclass(frozen=True, slots=True)
class Adult:
    """A parent or a parent's partner."""

    role: str
    forename: str
    surname: str
    birth: int


@dataclass(frozen=True, slots=True)
class Household:
    """The children by birth, and the adults; the partner lives with the mother and is no parent."""

    children: tuple[Child, ...]
    mother: Adult
    father: Adult
    partner: Adult | None
    postcodes: tuple[str, ...]
    """One after the other, as the family moves."""


def draw_household(first_referral: int, rates: Rates, rng: Random) -> Household:
    """Return the family of a child who is referred for the first time on a day."""
    births = _draw_births(first_referral, rates, rng)
    group = rates.ethnicity.draw(rng)
    surname = rng.choice(SURNAMES)
    children = tuple(_draw_child(place, birth, surname, group, rates, rng) for place, birth in enumerate(births))
    mother_birth = births[0] - round(rng.uniform(*BABY_MOTHER_OLDER_YEARS) * YEAR_DAYS)
    partner = rng.random() < 0.35
    return Household(
        children=children,
        mother=Adult("mother", rng.choice(GIRLS), surname, mother_birth),
        father=Adult("father", rng.choice(BOYS), rng.choice(SURNAMES), mother_birth - round(rng.uniform(-3, 8) * YEAR_DAYS)),
        partner=Adult("partner", rng.choice(BOYS), rng.choice(SURNAMES), mother_birth - rng.randrange(3000)) if partner else None,
        postcodes=tuple(f"ZZ99 {rng.randrange(10)}{rng.choice('ABDEFGHJLN')}{rng.choice('PQRSTUWXYZ')}" for _ in range(4)),
    )


def _draw_births(first_referral: int, rates: Rates, rng: Random) -> list[int]:
    """Draw the age of the child referred, then brothers and sisters around it; who is grown up by then is left out."""
    band = rates.age_at_first_referral.draw(rng)
    if band == "unborn":
        birth = first_referral + rng.randrange(1, KNOWN_BEFORE_BIRTH_DAYS)
    else:
        youngest, oldest = AGE_BANDS_YEARS[band]
        birth = first_referral - int(rng.uniform(youngest, oldest) * YEAR_DAYS)
    births = [birth]
    siblings = int(rates.children_in_family.draw(rng)) - 1
    older = rng.randint(0, siblings)
    for place in range(siblings):
        gap = round((SHORTEST_GAP_YEARS + rng.expovariate(1 / (MEAN_GAP_YEARS - SHORTEST_GAP_YEARS))) * YEAR_DAYS)
        if place < older:
            births.insert(0, births[0] - gap)
        else:
            births.append(births[-1] + gap)
    return [day for day in births if birthday(day, 18) > first_referral]


def _draw_child(place: int, birth: int, surname: str, group: str, rates: Rates, rng: Random) -> Child:
    sex = rates.sex.draw(rng)
    forename = rng.choice(GIRLS if sex == "F" or (sex == "U" and rng.random() < 0.5) else BOYS)
    codes = ETHNICITY_CODES[group]
    ethnicity = rng.choices([code for code, _ in codes], [share for _, share in codes])[0]
    disabled = rng.random() < rates.disability_percent / 100
    disabilities = tuple(sorted(set(rng.choices(DISABILITIES, k=rng.randint(1, 3))))) if disabled else ()
    return Child(place, birth, forename, surname, sex, ethnicity, disabilities)
