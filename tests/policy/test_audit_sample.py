"""The audit sample against the planted truth: who is drawn has the same risk, on average, as all below the line.

ECDA_TEST_CHILDREN sets the size of the world; `make acceptance` takes 160,000, who have some 230,000 closures.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, stdev

import pytest

from ecda_stream.contract.score import ScoreRecord
from ecda_stream.files.stream import load_stream
from ecda_stream.replay import admit_file, fold, read_log
from ecda_stream.score.stream import Stream
from tests.builders import ROOT, a_desk
from tests.commands.conftest import run_command

CHILDREN = int(os.environ.get("ECDA_TEST_CHILDREN", "400"))
SHARE = None if CHILDREN >= 5000 else 0.2
"""The stream's own share, or in a small world one that draws enough to speak of."""
PROCESSES = os.cpu_count() or 1

pytestmark = pytest.mark.timeout(900 + CHILDREN // 10)


@dataclass(frozen=True)
class Below:
    """A closure below the line: its planted probability, and whether it was drawn."""

    probability: float
    drawn: bool


def the_stream() -> Stream:
    loaded = load_stream("re_referral", ROOT / "streams", ROOT / "models")
    if SHARE is None:
        return loaded
    policy = loaded.definition.policy.model_copy(update={"audit_share": SHARE})
    return Stream(loaded.definition.model_copy(update={"policy": policy}), loaded.models)


def first_scores(events: Path) -> Iterator[ScoreRecord]:
    """Admit the events of one authority and yield the first score of each closure."""
    log = events.with_suffix(".log")
    admit_file(events, log, None, a_desk(), 32, "recorded")
    for _, outcome in fold(read_log(log), the_stream(), lambda record, error: None):
        yield from (score for score in outcome.scores if score.revision == 0 and score.outcome == "scored")


def below_the_line(events: Path, probabilities: dict[str, float]) -> list[Below]:
    """Return the closures of one authority that are below the line, of those whose probability was planted."""
    return [
        Below(probabilities[score.event_id], score.decision.audit)
        for score in first_scores(events)
        if score.event_id in probabilities and score.points is not None and score.points < score.threshold
    ]


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> list[Below]:
    folder = tmp_path_factory.mktemp("audit")
    simulated = run_command("simulate", "--children", str(CHILDREN), "--years", "10", "--seed", "9", "--out", folder)
    assert simulated.exit_code == 0, simulated.output
    secret = a_desk().secret
    planted: defaultdict[str, dict[str, float]] = defaultdict(dict)
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            truth = json.loads(line)
            if truth["kind"] == "closure":
                token = secret.token(truth["authority"], f"event_id:{truth['source']}", truth["event_id"])
                planted[truth["authority"]][token] = truth["probability"]
    parts = {authority: (folder / f"{authority}.events").open("wb") for authority in planted}
    with (folder / "events.jsonl").open("rb") as events:
        for event in events:
            parts[json.loads(event)["authority"]].write(event)
    for part in parts.values():
        part.close()
    largest_first = sorted(parts, key=lambda authority: (folder / f"{authority}.events").stat().st_size, reverse=True)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        runs = [pool.submit(below_the_line, Path(parts[one].name), planted[one]) for one in largest_first]
        return [one for run in runs for one in run.result()]


def test_the_sample_has_the_share_that_is_wanted(below: list[Below]) -> None:
    share = the_stream().definition.policy.audit_share
    drawn = sum(one.drawn for one in below)

    assert abs(drawn - share * len(below)) < 4 * (share * (1 - share) * len(below)) ** 0.5


def test_its_mean_planted_probability_lies_within_the_interval_of_all_below_the_line(below: list[Below]) -> None:
    """95 %: 1.96 standard errors of a mean over as many as were drawn, around the mean of all."""
    everybody = [one.probability for one in below]
    drawn = [one.probability for one in below if one.drawn]
    half = 1.96 * stdev(everybody) / len(drawn) ** 0.5
    print(f"{len(below)} below the line, mean {fmean(everybody):.5f}; {len(drawn)} drawn, mean {fmean(drawn):.5f}, within +-{half:.5f}")

    assert len(below) > CHILDREN
    assert abs(fmean(drawn) - fmean(everybody)) < half
