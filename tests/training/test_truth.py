"""What a simulator planted is found in the log by its tokens, and a line that cannot be read is named without being quoted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecda_stream.errors import BadDefinition
from ecda_stream.identity.tokens import Secret
from ecda_stream.training.labels import Labelled
from ecda_stream.training.truth import Mention, Truth, observable, read_truth
from tests.builders import a_child, a_document, admitted
from tests.training.worlds import World, the_definition, write_truth


def test_every_closure_of_the_log_has_the_chance_that_was_planted(
    labelled: Labelled, truth: Truth, world: World, secret: Secret
) -> None:
    planted = {
        secret.token(line["authority"], f"event_id:{line['source']}", line["event_id"]): line["probability_observable"]
        for line in world.truth
        if line["kind"] == "closure"
    }

    assert observable(labelled.rows, truth).tolist() == [planted[event_id] for event_id in labelled.rows.event_id]


def test_an_identifier_is_found_by_its_token_in_its_normal_form(tmp_path: Path, secret: Secret) -> None:
    line = {"authority": "881", "agency": "health", "person": "P1", "family": "F1", "kind": "identifier"}
    path = write_truth(tmp_path / "truth.jsonl", [{**line, "identifier_kind": "nhs_number", "value": "943 476 5919"}])
    entry = admitted(a_document(None, people=[a_child(identifiers=[{"kind": "nhs_number", "value": "9434765919"}])]))

    truth = read_truth(path, secret, the_definition())

    assert truth.people == {entry.people[0].identifiers[0].token: ("P1", "F1")}


def test_a_text_is_found_by_the_event_that_brought_it(tmp_path: Path, secret: Secret) -> None:
    event = a_document()
    mentions = [{"concept": "neglect", "status": "denied", "whose": "mother"}]
    line = {
        "kind": "document",
        "authority": "881",
        "source": event["source"],
        "event_id": event["id"],
        "person": "C1",
        "mentions": mentions,
    }

    truth = read_truth(write_truth(tmp_path / "truth.jsonl", [line]), secret, the_definition())

    assert truth.mentions == {admitted(event).event_id: (Mention("neglect", "denied", "mother"),)}
    assert read_truth(tmp_path / "truth.jsonl", secret, the_definition(), triggers_only=True).mentions == {}


@pytest.mark.parametrize(
    "line",
    [
        '{"kind":"closure","authority":"881"}',
        "not json",
        '{"kind":"document","authority":"881","source":"/881/x","event_id":"SECRET","mentions":[{"concept":"neglect","status":"maybe"}]}',
    ],
    ids=["a field is missing", "no json", "no such status"],
)
def test_a_bad_line_is_named_by_its_number_and_not_quoted(tmp_path: Path, secret: Secret, line: str) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text(f'{{"kind":"other"}}\n{line}\n')

    with pytest.raises(BadDefinition, match="line 2") as refused:
        read_truth(path, secret, the_definition())

    assert "SECRET" not in str(refused.value)


def test_another_secret_knows_nothing_of_the_log_and_says_so(labelled: Labelled, truth_file: Path) -> None:
    stranger = read_truth(truth_file, Secret("t1", b"another key of 32 bytes, at least"), the_definition())

    with pytest.raises(BadDefinition, match="the secret is not the log's"):
        observable(labelled.rows, stranger)


def test_a_closure_that_the_truth_does_not_know_has_no_chance(labelled: Labelled, truth: Truth) -> None:
    rows = labelled.rows.take(np.arange(4))
    first = rows.event_id[0]
    less = Truth({}, {event_id: one for event_id, one in truth.triggers.items() if event_id != first}, {})

    assert np.isnan(observable(rows, less)).tolist() == [True, False, False, False]
