"""By which rule a network says that ink belongs to none of its classes, in words."""

from __future__ import annotations

from math import floor

from cnnviz.figures.theme import format_number, format_percent
from cnnviz.i18n import _
from cnnviz.models.decision import DecisionRule, Prediction, RejectBy

DIGITS = 2  # decimals of a divergence


def rule_text(rule: DecisionRule, classes: int) -> str:
    """The rule, for a page that explains the network.

    >>> from cnnviz.models.decision import DecisionRule
    >>> from cnnviz.ui.app.rejection_text import rule_text
    >>> rule_text(DecisionRule(0.61), 10)
    'The network accepts an image where its highest probability is at least 61 %.'
    """
    if rule.by is RejectBy.PROBABILITY:
        least = format_percent(rule.threshold, 0)
        return _("The network accepts an image where its highest probability is at least {threshold}.", threshold=least)
    return _(
        "The network accepts an image where its {count} probabilities are far from equal: their divergence from the "
        "uniform distribution, the mean of ln((1/{count}) / p), is at least {threshold}.",
        count=classes,
        threshold=format_number(rule.threshold, DIGITS),
    )


def rejection_text(reading: Prediction, rule: DecisionRule) -> str:
    """Why an answer was rejected, in figures."""
    score = rule.score(reading.probabilities)
    if rule.by is RejectBy.PROBABILITY:
        return _("A class needs at least {threshold}.", threshold=format_percent(rule.threshold, 0))
    return _(
        "Divergence from uniform: {score}, at least {threshold} needed.",
        score=format_number(floor(float(score) * 10**DIGITS) / 10**DIGITS, DIGITS),  # rounded up it could look enough
        threshold=format_number(rule.threshold, DIGITS),
    )
