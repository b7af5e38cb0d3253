"""The three pictures beside a card: what the model captures, how well its probabilities hold, what its features add."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture

from ecda_stream.score.model import Shape
from ecda_stream.training.evaluate import CEILING, CURVE, EVENT_COUNT, LOGISTIC, LOGISTIC_JOINT, MODEL, UNRESTRICTED
from ecda_stream.training.naming import plural_of
from ecda_stream.training.trained import Trained

DOTS_PER_INCH = 100
MOST_SHAPES = 12
STYLES = {
    MODEL: ("the model", "#1f4e79", "-"),
    UNRESTRICTED: ("trees that join features", "#7f7f7f", "-"),
    LOGISTIC: ("logistic regression", "#c55a11", "--"),
    LOGISTIC_JOINT: ("logistic regression with joint features", "#c55a11", ":"),
    EVENT_COUNT: ("event count", "#548235", "--"),
    CEILING: ("ceiling: planted probability", "#000000", ":"),
}


def draw_capture(trained: Trained, out: Path) -> None:
    """Draw which share of the positives lies among the highest scores; the band is the model's 95 % interval over families."""
    picture, axes = _one_plot()
    evaluation = trained.evaluation
    shares = [100 * share for share in CURVE]
    for name, curve in evaluation.curves.items():
        label, colour, style = STYLES[name]
        axes.plot(shares, [100 * (one.value or 0.0) for one in curve], style, color=colour, label=label, linewidth=1.6)
    band = evaluation.curves[MODEL]
    low, high = [100 * (one.low or 0.0) for one in band], [100 * (one.high or 0.0) for one in band]
    axes.fill_between(shares, low, high, color=STYLES[MODEL][1], alpha=0.15, linewidth=0)
    axes.plot([0, 100], [0, 100], "-", color="#bfbfbf", linewidth=1, label="chance")
    axes.set(xlim=(0, 50), ylim=(0, 100))
    axes.set_xlabel(f"{plural_of(trained.definition)} with the highest scores, % of all")
    axes.set_ylabel(f"{trained.definition.label.name} among them, % of all")
    axes.set_title(f"{trained.model.version}: test window, {evaluation.positives} {trained.definition.label.name} of {evaluation.rows}")
    axes.legend(loc="lower right", frameon=False)
    _save(picture, out)


def draw_calibration(trained: Trained, out: Path) -> None:
    """Draw what was foretold against what happened, in bins of equally many rows, with 95 % intervals over families."""
    picture, axes = _one_plot()
    bins = [one for one in trained.evaluation.bins if one.happened.value is not None]
    foretold = [100 * one.foretold for one in bins]
    happened = [100 * (one.happened.value or 0.0) for one in bins]
    below = [100 * ((one.happened.value or 0.0) - (one.happened.low or 0.0)) for one in bins]
    above = [100 * ((one.happened.high or 0.0) - (one.happened.value or 0.0)) for one in bins]
    errors = [[max(0.0, bar) for bar in bars] for bars in (below, above)]
    most = 1.05 * max([1.0, *foretold, *(value + bar for value, bar in zip(happened, errors[1], strict=True))])
    axes.plot([0, most], [0, most], "-", color="#bfbfbf", linewidth=1, label="as foretold")
    axes.errorbar(foretold, happened, yerr=errors, fmt="o", color=STYLES[MODEL][1], markersize=4, capsize=2, label="test window")
    axes.set(xlim=(0, most), ylim=(0, most))
    axes.set_xlabel(f"foretold: {trained.definition.label.name} in 100 {plural_of(trained.definition)}")
    axes.set_ylabel("happened, in 100")
    axes.set_title(f"{trained.model.version}: calibration out of time and out of family")
    axes.legend(loc="upper left", frameon=False)
    _save(picture, out)


def draw_shapes(trained: Trained, out: Path) -> None:
    """Draw what the most important features add at each value, in log-odds against the average trigger."""
    shapes = {shape.feature: shape for shape in trained.model.shapes}
    shown = [shapes[one.feature] for one in trained.importance[:MOST_SHAPES]]
    rows = max(1, -(-len(shown) // 3))
    picture = Picture(figsize=(9.6, 2.2 * rows + 0.4), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(picture)
    grid = picture.subplots(rows, 3, squeeze=False)
    units = {spec.name: spec.unit for spec in trained.definition.features}
    for axes, shape in zip(grid.flat, shown, strict=False):
        _draw_shape(axes, shape, units[shape.feature])
    for axes in list(grid.flat)[len(shown) :]:
        axes.set_axis_off()
    picture.supylabel("added to the score, log-odds", fontsize=9)
    _save(picture, out)


def _draw_shape(axes: Axes, shape: Shape, unit: str) -> None:
    first, last = _span(shape.edges)
    axes.step([first, *shape.edges, last], [*shape.values, shape.values[-1]], where="post", color=STYLES[MODEL][1], linewidth=1.4)
    axes.axhline(0, color="#bfbfbf", linewidth=0.8)
    if shape.missing:
        axes.axhline(shape.missing, color=STYLES[LOGISTIC][1], linewidth=1, linestyle=":")
        axes.annotate("no value", (0.98, shape.missing), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=7)
    axes.set_title(shape.feature, fontsize=8)
    axes.set_xlabel(unit, fontsize=7)
    axes.tick_params(labelsize=7)


def _span(edges: Sequence[float]) -> tuple[float, float]:
    """Return where a plot begins and ends: a little beyond the outermost edges."""
    if not edges:
        return 0.0, 1.0
    margin = max(1.0, 0.1 * (edges[-1] - edges[0]))
    return edges[0] - margin, edges[-1] + margin


def _one_plot() -> tuple[Picture, Axes]:
    picture = Picture(figsize=(6.4, 4.6), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.subplots()
    axes.grid(color="#eeeeee", linewidth=0.8)
    return picture, axes


def _save(picture: Picture, out: Path) -> None:
    """Write a PNG without the name and version of the program, which would change its bytes and say nothing."""
    picture.savefig(out, format="png", metadata={"Software": None})
