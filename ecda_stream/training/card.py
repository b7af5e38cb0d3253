"""The card of a model, in plain words: what it is, what it must not be used for, how good it is and how that is known.

The words of the field come from the definition; here stand only those that hold for any stream.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecda_stream.training.card_figures import calibration_of, excluded_of, figures_of, threshold_of, windows_of
from ecda_stream.training.fit import PARAMETERS, RESAMPLED_SHARE, RESAMPLES
from ecda_stream.training.labels import horizon_days
from ecda_stream.training.naming import noun_of, plural_of, words_of
from ecda_stream.training.prose import bullets, paragraph, table
from ecda_stream.training.split import FOLDS
from ecda_stream.training.trained import Trained

MOST_FEATURES = 15
NEVER = "never"
"""How a definition says that a feature always has a value."""


def write_card(trained: Trained, command: str) -> str:
    """Return card.md."""
    simulated = trained.order.trained_on == "simulated"
    sections = [
        f"# {trained.model.stream}, {trained.model.version}",
        *([_warning()] if simulated else []),
        "## What it is",
        _what_it_is(trained),
        "## What it foretells, and what that is not",
        _label(trained),
        "## Must not be used for",
        bullets(_must_not(trained, simulated)),
        "## What it was made of",
        windows_of(trained),
        excluded_of(trained),
        "## How good it is",
        figures_of(trained),
        "![capture](capture.png)",
        "## Calibration",
        calibration_of(trained),
        "![calibration](calibration.png)",
        "## How often it asks for a second look",
        threshold_of(trained),
        "## What counts most",
        _importance(trained),
        "![shapes](shapes.png)",
        "## Where a feature has no value",
        _missing(trained),
        "## Known weaknesses",
        bullets(_weaknesses(trained, simulated)),
        "## How it was made",
        _how(trained, command),
    ]
    return "\n\n".join(sections)


def _warning() -> str:
    return paragraph(
        "**Trained on simulated data; it must not be used on real cases.**",
        "Its figures say how well the method works in a world that was made up. They say nothing about real people.",
        first="> ",
        rest="> ",
    )


def _what_it_is(trained: Trained) -> str:
    model, definition = trained.model, trained.definition
    return paragraph(
        f"An additive model of {len(model.shapes)} of the {len(definition.features)} features of the stream `{model.stream}`: for",
        "each, a",
        f"table says how many log-odds a value adds or takes away, against the average {noun_of(definition)}. The score is the sum,",
        "and",
        "nothing else. So each part of a score can be named, and the picture of its shapes shows what the strongest features do.",
        "A sigmoid",
        f"turns the score into a probability. Purpose: {definition.purpose} What follows from it: {definition.intended_action}",
    )


def _label(trained: Trained) -> str:
    definition = trained.definition
    label, noun = definition.label, noun_of(definition)
    names = [level.name for level in definition.levels]
    counted = ", ".join(f"`{name}`" for name in names[names.index(label.escalated_level) :])
    meant = paragraph(
        f"`{label.name}`: an entry `{label.returned_by}` after the day of the {noun} and at most {label.returned_within_days} days",
        "later,",
        f"and from the day of the first such entry to {label.escalated_within_days} days after it an entry of one of the levels",
        f"{counted}. An entry on the day of the {noun} itself is neither history nor outcome.",
    )
    not_meant = paragraph(
        "It is a record of contact with services, not of harm. What is not reported is not seen. Who is watched more is recorded",
        "more, so",
        "a high probability can mean much need, much attention, or both; and contact can be help that was asked for.",
    )
    return f"{meant}\n\n{not_meant}"


def _must_not(trained: Trained, simulated: bool) -> list[str]:
    return [
        *(["Any real case."] if simulated else []),
        "A decision about anybody that is not made by a person who has read the file and is free to disagree.",
        f"Saying that a {noun_of(trained.definition)} below the threshold is safe.",
        "Judging staff, teams, or people whom it never scored.",
        "Any purpose but the one above, and any place to which a score would follow a person.",
    ]


def _importance(trained: Trained) -> str:
    specs = {spec.name: spec for spec in trained.definition.features}
    said = paragraph(
        f"In log-odds, over the {plural_of(trained.definition)} of the fit window: how far a feature moves a score on average, and its",
        "extremes. Features overlap, and what one adds depends on the others being there: none of these numbers is a cause.",
    )
    rows = [
        (f"`{one.feature}`", words_of(specs[one.feature]), f"{one.mean:.3f}", f"{one.low:+.2f} to {one.high:+.2f}")
        for one in trained.importance[:MOST_FEATURES]
    ]
    return f"{said}\n\n{table(('feature', 'as reviewers read it', 'mean size', 'from, to'), rows)}"


def _missing(trained: Trained) -> str:
    when = {spec.name: spec.missing for spec in trained.definition.features}
    shapes = [shape for shape in trained.model.shapes if shape.missing != 0]
    rows = [(f"`{shape.feature}`", when[shape.feature], f"{shape.missing:+.3f}") for shape in shapes if when[shape.feature] != NEVER]
    always = [f"`{shape.feature}`" for shape in shapes if when[shape.feature] == NEVER]
    parts = [paragraph("No value is not a value of 0: it adds log-odds of its own.")]
    parts += [table(("feature", "no value when", "adds"), rows)] if rows else []
    parts += [paragraph(f"Always with a value, so that what stands for none was never needed: {', '.join(always)}.")] if always else []
    return "\n\n".join(parts)


def _weaknesses(trained: Trained, simulated: bool) -> list[str]:
    definition = trained.definition
    return [
        *(_of_simulation() if simulated else []),
        "Counts of contact with services measure attention as well as need.",
        "A history that starts late (a move, a short extract) looks like no history.",
        f"Whoever could turn {definition.trigger.oldest_age_months / 12:g} within {horizon_days(definition)} days was neither in the "
        "training nor in the figures, and is scored all the same.",
        "Families are as sources state them: relatives whom nobody stated stand apart, in features and in the splits.",
        "The shapes were fitted to all families of the fit window, the figures come from fits to four fifths of them. It may be a "
        "little "
        "better than they say; drift may make it worse.",
        "It was not compared between groups of people here. That sex, ethnicity and disability are no features proves nothing about "
        "fairness.",
    ]


def _of_simulation() -> list[str]:
    return [
        "All of it was learnt from a simulator, with its regularities and without what it leaves out.",
        "The settings below were chosen on a simulated log of 2,970,000 entries (seed 7), the joint features on another of 900,000 "
        "(seed 21), the features of the household on 197,000 entries of a third (seed 31), their test windows included. Where this is "
        "one of those, figures and leads flatter a little; what counts is how it does on others.",
        "Whoever declared the joint features and those of the household knew the simulator, which plants effects of such conjunctions "
        "and of what the family went through as a whole. Among real cases they may find less.",
    ]


def _how(trained: Trained, command: str) -> str:
    training = trained.model.training
    assert training is not None
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(training.libraries.items()))
    lexicons = ", ".join(f"`{name}`" for name in training.lexicons)
    made = paragraph(
        *(
            f"{name}: {log.entries} entries, SHA-256 `{log.sha256}`."
            for name, log in zip(_names_of_logs(trained), trained.logs, strict=True)
        ),
        f"Definition: `{training.definition}`.",
        f"Lexicon of its texts: {lexicons or 'none, it has no texts'}.",
        "Its tables are the mean of two additive models: boosted trees of one feature each, and, as steps, the penalised logistic "
        "regression that is also shown as a baseline, given every feature. "
        f"Trees: {_listed(PARAMETERS)}, the mean of {RESAMPLES} fits to "
        f"{100 * RESAMPLED_SHARE:.0f} % of the rows; {FOLDS} folds by family.",
        f"Libraries: {libraries}. The same logs, definition and libraries give the same files.",
    )
    return f"```\n{command}\n```\n\n{made}"


def _names_of_logs(trained: Trained) -> list[str]:
    """A log alone needs no number."""
    return ["LOG"] if len(trained.logs) == 1 else [f"LOG_{number}" for number in range(1, len(trained.logs) + 1)]


def _listed(settings: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())
