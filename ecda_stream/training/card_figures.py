"""The numbers of a card, as tables and sentences."""

from __future__ import annotations

from ecda_stream.training.evaluate import CEILING, EVENT_COUNT, LOGISTIC, LOGISTIC_JOINT, MODEL, PLANTED, UNRESTRICTED
from ecda_stream.training.figures import Figure
from ecda_stream.training.naming import noun_of, plural_of
from ecda_stream.training.prose import paragraph, table
from ecda_stream.training.trained import Trained

COLUMNS = {
    MODEL: "this model",
    UNRESTRICTED: "trees that join features",
    LOGISTIC: "logistic regression",
    LOGISTIC_JOINT: "logistic regression with joint features",
    EVENT_COUNT: "event count",
    CEILING: "ceiling",
}

MEASURES = {
    "capture_at_1": "captured by the top 1 %",
    "capture_at_3": "captured by the top 3 %",
    "capture_at_6": "captured by the top 6 %",
    "capture_at_10": "captured by the top 10 %",
    PLANTED: "planted probability captured by the top 6 %",
    "precision_at_6": "precision in the top 6 %",
    "auc": "AUC",
    "ap": "average precision",
    "brier": "Brier score",
}
AS_PERCENT = ("capture", "precision", PLANTED)


def windows_of(trained: Trained) -> str:
    """Return what lies in each window."""
    plural, label = plural_of(trained.definition), trained.definition.label.name
    rows = [
        (
            name,
            f"{one.window.first} to {one.window.last}",
            str(one.triggers),
            str(one.families),
            _share(one.returned, one.triggers),
            f"{one.positives} ({_share(one.positives, one.triggers)})",
        )
        for name, one in trained.windows.items()
    ]
    test = trained.windows["test"]
    reached = ", ".join(f"{name} {_share(count, test.triggers)}" for name, count in test.reached.items())
    said = paragraph(
        "Shapes are fitted in the first window, the sigmoid and the threshold in the second, everything is measured in the third.",
        "Between",
        f"the second and the third lie {trained.embargo_days} days (an embargo of {trained.embargo_days - trained.lag_days} and a",
        "recording",
        f"lag of {trained.lag_days}), so that every outcome learnt from was known before the test begins. In the test window, so",
        "many came",
        f"back and reached at least: {reached}.",
    )
    return f"{table(('window', 'days', plural, 'families', 'came back', label), rows)}\n\n{said}"


def excluded_of(trained: Trained) -> str:
    """Return what was left out, by reason."""
    listed = ", ".join(f"{reason} {count}" for reason, count in trained.excluded.items()) or "none"
    return paragraph(
        f"Left out, with the reason: {listed}. Years between the authority's first {noun_of(trained.definition)} and those counted:",
        f"{trained.order.history_years}. Entries that the fold refused: {sum(sum(log.refused.values()) for log in trained.logs)}.",
    )


def figures_of(trained: Trained) -> str:
    """Return every measure of the model next to the baselines and the ceiling."""
    evaluation, definition = trained.evaluation, trained.definition
    names = [name for name in COLUMNS if name in evaluation.figures]
    said = paragraph(
        f"Out of time and out of family: {evaluation.rows} {plural_of(definition)} of {evaluation.families} families in the test",
        "window,",
        f"{evaluation.positives} of them {definition.label.name} (base rate {written(evaluation.base_rate, True)}). In brackets: 95 %",
        "intervals from 1,000 bootstraps by family.",
    )
    rows = [
        (words, *(_cell(evaluation.figures[name].get(measure), measure.startswith(AS_PERCENT)) for name in names))
        for measure, words in MEASURES.items()
        if any(measure in evaluation.figures[name] for name in names)
    ]
    compared = [f"Event count is the feature `{trained.baselines.event_count}` and nothing else."]
    if LOGISTIC_JOINT in evaluation.figures:
        compared.append(
            "The logistic regression is given each feature by itself; its second column, what several of them mean together too."
        )
    if evaluation.ratio is not None:
        compared += [
            "The ceiling ranks the same outcomes by the probability with which they were planted, given all that could be observed.",
            f"At 6 % the model reaches {written(evaluation.ratio, True)} of it.",
            "Of the planted probability itself, in which the luck of outcomes drops out, the model captures",
            *[f"{written(lead, True)} more than the {COLUMNS[name]}," for name, lead in evaluation.leads.items()],
            "in percentage points of it.",
        ]
    return f"{said}\n\n{table(('', *(COLUMNS[name] for name in names)), rows)}\n\n{paragraph(*compared)}"


def calibration_of(trained: Trained) -> str:
    """Return how well probabilities hold."""
    figures = trained.evaluation.figures[MODEL]
    return paragraph(
        f"In the test window, outcomes against the log-odds foretold: slope {written(figures['calibration_slope'])} (1 is right;",
        "below 1 the",
        f"probabilities lie too far apart), intercept {written(figures['calibration_intercept'])} (0 is right). With each",
        "probability comes a",
        "90 % range, from family bootstraps of the calibration.",
    )


def threshold_of(trained: Trained) -> str:
    """Return how often the threshold fires, and how often rightly."""
    firing, test, model = trained.firing, trained.windows["test"], trained.model
    plural, policy, label = plural_of(trained.definition), trained.definition.policy, trained.definition.label.name
    hits = f"{100 * firing.flagged_positives / firing.flagged:.0f} in 100 of these were {label}" if firing.flagged else "none"
    return paragraph(
        f"The threshold is a score of {model.threshold:.4f}: {100 * policy.alert_share:g} % of the {plural} of the calibration",
        "window lie at",
        f"or above it. In the test window {_share(firing.flagged, test.triggers)} did, {firing.flagged} of {test.triggers}; {hits}.",
        f"{100 * firing.group_share:.1f} % of families and days had an alert, before any capacity",
        f"({100 * (model.alert_rate or 0):.1f} % in",
        f"the calibration window). {firing.arrived_too_late} {plural} of the test window arrived more than",
        f"{policy.latest_arrival_days} days",
        "late: they are scored and nobody is alerted.",
    )


def written(one: Figure, as_percent: bool = False) -> str:
    """Return a figure with its interval."""
    if one.value is None:
        return "no value"
    scale, form, unit = (100, ".1f", " %") if as_percent else (1, ".3f", "")
    if one.low is None or one.high is None:
        return f"{scale * one.value:{form}}{unit}"
    return f"{scale * one.value:{form}}{unit} [{scale * one.low:{form}}, {scale * one.high:{form}}]"


def _cell(one: Figure | None, as_percent: bool) -> str:
    return "" if one is None else written(one, as_percent)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"
