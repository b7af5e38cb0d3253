"""Every rate has a source, and a bad file is refused with all its faults."""

from __future__ import annotations

import pytest

from ecda_stream.contract.codes import ASSESSMENT_FACTORS, CATEGORY_OF_ABUSE, CLOSURE_REASON, PRIMARY_NEED, REFERRAL_SOURCE
from ecda_stream.errors import BadDefinition
from ecda_stream.simulate.casework import SOURCE_CODES
from ecda_stream.simulate.household import DISABILITIES, ETHNICITY_CODES
from ecda_stream.simulate.needs import NEEDS
from ecda_stream.simulate.rates import load_rates, parse_rates


def test_every_rate_has_a_source() -> None:
    rates = load_rates()

    assert all(rates.sources.values())
    assert len(rates.sources) > 40


def test_codes_of_the_rates_are_codes_of_the_census() -> None:
    rates = load_rates()

    assert set(rates.factors) <= set(ASSESSMENT_FACTORS.labels)
    assert set(rates.closure_reason.labels) - {"unknown"} <= set(CLOSURE_REASON.labels)
    assert set(rates.primary_need.labels) == set(PRIMARY_NEED.labels)
    assert set(rates.protection_plan_category.labels) == set(CATEGORY_OF_ABUSE.labels)
    assert {code for codes in SOURCE_CODES.values() for code in codes} == set(REFERRAL_SOURCE.labels)
    assert set(SOURCE_CODES) == set(rates.referral_source.labels)
    assert set(ETHNICITY_CODES) == set(rates.ethnicity.labels)
    assert len(set(DISABILITIES)) == len(DISABILITIES)


def test_every_factor_but_other_is_a_need_with_its_concept() -> None:
    assert {need.name for need in NEEDS} >= set(load_rates().factors) - {"20"}
    assert len({need.concept for need in NEEDS}) == 28


def test_the_month_index_has_mean_one() -> None:
    assert sum(load_rates().season) == pytest.approx(12)


BAD = """
no_such: {value: 1, source: x}
age: {value: 3, source: x}
sex: {value: {M: 1}}
contacts_per_year: {value: 1, source: assumed}
"""


def test_all_faults_of_a_bad_file_are_told_at_once() -> None:
    with pytest.raises(BadDefinition) as refused:
        parse_rates(BAD)

    message = str(refused.value)
    assert "no_such: no such rate" in message
    assert "age: not the form of Shares" in message
    assert "sex: no source" in message
    assert "contacts_per_year: assumed without a reason" in message
    assert "factors: missing" in message
