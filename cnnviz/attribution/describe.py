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


def describe_method(method: str) -> str:
    """What a map of this method says of a pixel, in one or two sentences.

    >>> from cnnviz.attribution.describe import describe_method
    >>> describe_method("gradient")
    'How fast the score rises when this pixel alone rises a little.'
    """
    return {
        "ig": _(
            "The image comes up out of nothing; what each pixel adds to the score on the way is added. All pixels "
            "together are the difference of the scores."
        ),
        "input_x_gradient": _("The value of the pixel times the slope of the score at the image."),
        "gradient": _("How fast the score rises when this pixel alone rises a little."),
        "occlusion": _(
            "A window of zeros is moved over the image. A pixel has the mean of what the score lost by the windows "
            "that lay on it."
        ),
        "grad_cam": _(
            "The maps of one layer, each times the mean slope of the score there, added and enlarged; what speaks "
            "against the class is left out."
        ),
        "deep_lift": _("The difference of the scores, handed back layer by layer by the differences of the values."),
        "lrp": _("The score, handed back layer by layer in the shares in which the products make each sum."),
    }[method]


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
