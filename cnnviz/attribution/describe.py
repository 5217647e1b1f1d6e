"""What the checks of a map found, in plain sentences.

Refuses to know: pages.
"""

from __future__ import annotations

from cnnviz.attribution.records import Doubt, Trust
from cnnviz.i18n import _


def describe_doubt(doubt: Doubt) -> str:
    """One sentence that says what was found, and what follows.

    >>> from cnnviz.attribution.describe import describe_doubt
    >>> from cnnviz.attribution.records import Doubt
    >>> describe_doubt(Doubt.IGNORES_WEIGHTS)
    'This map does not depend on the weights of the network: do not believe it.'
    """
    return {
        Doubt.DOES_NOT_ADD_UP: _("This map does not add up to the score: its numbers are no shares of the answer."),
        Doubt.IGNORES_WEIGHTS: _("This map does not depend on the weights of the network: do not believe it."),
        Doubt.NO_BETTER_THAN_CHANCE: _(
            "On this image, taking out the pixels that this map marks is no better than taking out pixels by chance."
        ),
    }[doubt]


def describe_trust(trust: Trust) -> list[str]:
    """What follows from the checks: the doubts, or that there is none.

    >>> import numpy as np
    >>> from cnnviz.attribution.describe import describe_trust
    >>> from cnnviz.attribution.records import Curves, Trust
    >>> down, by_chance = np.array([4.0, 0.0, 0.0]), np.array([[4.0, 2.0, 0.0], [4.0, 1.9, 0.0]])
    >>> curves = Curves(np.array([0.0, 0.5, 1.0]), down, down[::-1], by_chance, by_chance[:, ::-1])
    >>> describe_trust(Trust(curves, (), None, ()))
    ['No check speaks against this map.']
    """
    return [describe_doubt(doubt) for doubt in trust.doubts] or [_("No check speaks against this map.")]
