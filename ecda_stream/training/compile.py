"""From additive trees to one lookup table per feature, equal to them up to the order of addition."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ecda_stream.score.model import Shape
from ecda_stream.training.additive import Additive, centre
from ecda_stream.training.fit import Trees
from ecda_stream.training.table import Floats


def compile_trees(trees: Trees, features: Sequence[str], rows: Floats) -> Additive:
    """Return the lookup tables of additive trees; a feature that never splits has none.

    scikit-learn sends `x <= threshold` to the left; a table counts the edges at or below x. So the edge is the next number after the
    threshold. Each table is centred: over `rows` it adds 0 on average, what it took off stands in the intercept, and a contribution
    says how a trigger differs from the average one. Raises ValueError if a tree uses two features.
    """
    by_feature: dict[int, list[Any]] = defaultdict(list)
    intercept = [float(trees.classifier._baseline_prediction[0, 0])]
    for [tree] in trees.classifier._predictors:
        used = {int(node["feature_idx"]) for node in tree.nodes if not node["is_leaf"]}
        if len(used) > 1:
            raise ValueError("a tree uses two features: it is not additive")
        if used:
            by_feature[int(trees.columns[used.pop()])].append(tree.nodes)
        else:
            intercept.append(float(tree.nodes[0]["value"]))
    shapes = []
    for place, of_feature in sorted(by_feature.items()):
        shape = centre(_tabulate(features[place], of_feature), rows[:, place])
        intercept.append(shape[1])
        shapes.append(shape[0])
    return Additive(math.fsum(intercept), tuple(shapes))


def _tabulate(feature: str, trees: list[Any]) -> Shape:
    thresholds = {float(node["num_threshold"]) for nodes in trees for node in nodes if not node["is_leaf"]}
    edges = sorted(math.nextafter(threshold, math.inf) for threshold in thresholds if threshold < math.inf)
    values = np.zeros(len(edges) + 1)
    missing = []
    for nodes in trees:
        _spread(nodes, 0, edges, values, 0, len(values))
        missing.append(_missing(nodes))
    kept = [place for place in range(len(edges)) if values[place + 1] != values[place]]
    return Shape(
        feature=feature,
        edges=tuple(edges[place] for place in kept),
        values=(float(values[0]), *(float(values[place + 1]) for place in kept)),
        missing=math.fsum(missing),
    )


def _spread(nodes: Any, place: int, edges: list[float], values: Floats, first: int, end: int) -> None:
    """Add what a node gives to the regions [first, end) that reach it; region i begins at edge i-1, and the first at no edge."""
    node = nodes[place]
    if first >= end:
        return
    if node["is_leaf"]:
        values[first:end] += float(node["value"])
        return
    threshold = float(node["num_threshold"])
    # A threshold of infinity parts the missing values from all others, which go to the left.
    cut = bisect_left(edges, math.nextafter(threshold, math.inf)) + 1 if threshold < math.inf else len(values)
    _spread(nodes, int(node["left"]), edges, values, first, min(end, cut))
    _spread(nodes, int(node["right"]), edges, values, max(first, cut), end)


def _missing(nodes: Any) -> float:
    """Return what a tree gives where there is no value."""
    place = 0
    while not nodes[place]["is_leaf"]:
        place = int(nodes[place]["left" if nodes[place]["missing_go_to_left"] else "right"])
    return float(nodes[place]["value"])
