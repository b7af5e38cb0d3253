"""The rates of `rates.yaml` as frozen, typed values; every mistake in the file is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from ecda_stream.errors import BadDefinition
from ecda_stream.simulate.shares import Shares

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
OURS = ("assumed", "calibrated")

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Rates:
    """One field for each entry of the file: a share table, a table of numbers, or one number."""

    referral_source: Shares
    referral_month_index: Numbers
    no_further_action_percent: float
    not_in_need_percent: float
    no_further_action_council_quantiles: Numbers
    not_in_need_council_quantiles: Numbers
    re_referral_council_beta: Numbers
    re_referral_percent: float
    s47_per_referral_percent: float
    cin_plan_per_referral_percent: float
    conference_per_referral_percent: float
    protection_plan_per_referral_percent: float
    second_protection_plan_percent: float
    return_within_12_months_percent: float
    return_within_72_months_percent: float
    return_weibull: Numbers
    return_curve_percent: Numbers
    frequent_families: Numbers
    to_s47_within_window_percent: float
    escalated_within_window_percent: float
    frailty_variance: float
    assessment_working_days: Shares
    assessment_at_limit_percent: float
    duration_of_ended_need: Shares
    closure_reason: Shares
    primary_need: Shares
    closed_to_early_help_percent: float
    protection_plan_category: Shares
    protection_plan_length: Shares
    s47_to_conference_days: Shares
    care_per_need_percent: float
    age: Shares
    age_at_first_referral: Shares
    sex: Shares
    ethnicity: Shares
    disability_percent: float
    children_in_family: Shares
    factors: Numbers
    ticked_when_mentioned: float
    context_mentions: Numbers
    police_abuse_notices_per_year: Numbers
    police_other_notices_per_year: Numbers
    missing_per_year: Numbers
    suspensions_per_year: Numbers
    temporary_accommodation_per_year: Numbers
    contacts_per_year: float
    sources: Mapping[str, str]
    """Entry -> where it comes from."""

    @property
    def season(self) -> tuple[float, ...]:
        """Return the month index from January, normalised to mean 1."""
        mean = sum(self.referral_month_index.values()) / 12
        return tuple(self.referral_month_index[month] / mean for month in MONTHS)


def parse_rates(text: str) -> Rates:
    """Return the rates of a YAML text.

    Raises BadDefinition with every fault: an entry that is missing or unknown, has the wrong form, or no source.
    """
    given = yaml.safe_load(text)
    wanted = {field.name: str(field.type) for field in fields(Rates) if field.name != "sources"}
    faults = [f"{name}: no such rate" for name in given if name not in wanted]
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, form in wanted.items():
        entry = given.get(name)
        if not isinstance(entry, dict) or "value" not in entry:
            faults.append(f"{name}: missing, or without a value")
            continue
        faults += [f"{name}: {key} is none of value, source, reason" for key in entry if key not in ("value", "source", "reason")]
        source = str(entry.get("source") or "")
        if not source:
            faults.append(f"{name}: no source")
        elif source in OURS and not entry.get("reason"):
            faults.append(f"{name}: {source} without a reason")
        sources[name] = source
        parsed = _parse(form, entry["value"])
        if parsed is None:
            faults.append(f"{name}: not the form of {form}")
        values[name] = parsed
    if faults:
        raise BadDefinition("rates.yaml", faults)
    return Rates(**values, sources=MappingProxyType(sources))


def _parse(form: str, value: Any) -> Shares | Numbers | float | None:
    if form == "float":
        return float(value) if isinstance(value, int | float) else None
    if not isinstance(value, dict) or not all(isinstance(number, int | float) and number >= 0 for number in value.values()):
        return None
    table = {str(label): float(number) for label, number in value.items()}
    return Shares.of(table) if form == "Shares" else MappingProxyType(table)


@lru_cache(maxsize=1)
def load_rates() -> Rates:
    """Return the rates that come with the package."""
    return parse_rates(files("ecda_stream.simulate").joinpath("rates.yaml").read_text(encoding="utf-8"))
