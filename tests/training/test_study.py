"""A released model on other logs: pooled, out of time unless somebody insists, and with what is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.identity.tokens import Secret
from ecda_stream.training.evaluate import CEILING, EVENT_COUNT, MODEL
from ecda_stream.training.losses import AS_IS, BOTH, TRUE_FACTS, TRUE_LINKS
from ecda_stream.training.parts import survey
from ecda_stream.training.pool import Pool, Source, pool
from ecda_stream.training.study import Plan, measure
from ecda_stream.training.trained import Trained
from ecda_stream.training.truth import read_truth
from tests.builders import a_stream
from tests.training.worlds import World, the_definition


@pytest.fixture(scope="module")
def plan(trained: Trained) -> Plan:
    return Plan(trained.model, trained.baselines, date(2016, 1, 1), history_years=1, processes=1, seed=1, losses=False, bootstraps=200)


@pytest.fixture(scope="module")
def source(folder: Path, unlinked: World, secret: Secret) -> Source:
    assert unlinked.truth
    truth = read_truth(folder / "unlinked.truth.jsonl", secret, the_definition())
    return Source(survey(folder / "unlinked.jsonl"), truth)


@pytest.fixture(scope="module")
def pooled(source: Source) -> Pool:
    return pool([source], a_stream(), history_years=1, processes=1, say=lambda part: None)


def test_what_linking_loses_is_found_by_folding_again_with_true_links(plan: Plan, pooled: Pool, source: Source) -> None:
    found = measure(pooled, [source], a_stream(), replace(plan, losses=True))

    assert found.losses is not None
    auc = {name: figures["auc"].value or 0.0 for name, figures in found.losses.figures.items()}
    assert auc[TRUE_LINKS] > auc[AS_IS] + 0.15
    assert auc[TRUE_FACTS] == auc[AS_IS]
    assert auc[BOTH] == auc[TRUE_LINKS]
    assert auc[CEILING] > auc[TRUE_LINKS] - 0.05
    assert found.losses.figures[AS_IS]["auc"].value == found.evaluation.figures[MODEL]["auc"].value
    assert found.reading is not None
    assert found.reading.documents == 0


def test_figures_with_truth_are_of_the_closures_that_the_truth_knows(plan: Plan, pooled: Pool) -> None:
    assert pooled.observable is not None
    half = replace(pooled, observable=np.where(np.arange(len(pooled.rows)) % 2, pooled.observable, np.nan))

    found = measure(half, [], a_stream(), plan)

    assert found.evaluation.rows == len(pooled.rows) // 2
    assert found.unknown_to_truth == len(pooled.rows) - len(pooled.rows) // 2


def test_families_of_two_logs_are_two_though_they_have_one_name(source: Source, pooled: Pool) -> None:
    twice = pool([source, Source(source.log)], a_stream(), history_years=1, processes=1, say=lambda part: None)
    half = len(pooled.rows)

    assert list(twice.source) == [0] * half + [1] * half
    assert not set(twice.rows.family[:half]) & set(twice.rows.family[half:])
    assert np.array_equal(twice.rows.values[:half], twice.rows.values[half:], equal_nan=True)
    assert twice.observable is None


def test_what_closed_before_the_first_day_is_left_out_and_counted(plan: Plan, pooled: Pool) -> None:
    since = date(2018, 6, 1)

    found = measure(pooled, [], a_stream(), replace(plan, since=since))

    assert found.first >= since
    assert found.too_early + found.evaluation.rows == len(pooled.rows)


def test_a_model_without_baselines_is_compared_with_the_event_count_alone(plan: Plan, pooled: Pool) -> None:
    points = a_stream().models["baseline-1"]

    found = measure(replace(pooled, observable=None), [], a_stream(), replace(plan, model=points, baselines=None)).evaluation

    assert set(found.figures) == {MODEL, EVENT_COUNT}
    assert "brier" not in found.figures[MODEL]


def test_nothing_to_measure_is_said(plan: Plan, pooled: Pool) -> None:
    with pytest.raises(BadDefinition, match="no positive label among 0"):
        measure(pooled, [], a_stream(), replace(plan, since=date(2030, 1, 1)))
