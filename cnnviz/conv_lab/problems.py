"""What is wrong with a wish, in one sentence, and the way out beside it.

Refuses to know: the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cnnviz.conv_lab.requests import LabSettings


class SettingsError(ValueError):
    """A setup that is not possible; its text is one sentence for the reader.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSetup, SettingsError
    >>> try:
    ...     LabSetup(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2)), stride=(0, 0))
    ... except SettingsError as error:
    ...     print(error)
    stride must be from 1 to 8, got 0: choose a number in between
    """


@dataclass(frozen=True)
class Problem:
    """What is wrong with a wish, in one sentence, and the wish without it.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSettings, first_problem
    >>> wish = LabSettings(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2)), stride=(0, 0))
    >>> first_problem(wish).mended.stride
    (1, 1)
    """

    sentence: str
    mended: LabSettings


Rule = Callable[[LabSettings], Problem | None]
