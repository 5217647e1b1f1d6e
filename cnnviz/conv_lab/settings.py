"""A setup that PyTorch can carry out, and the nearest one to a wish that it cannot.

Refuses to know: torch, and what comes out (`run`).
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from cnnviz.conv_lab.problems import Problem, Rule, SettingsError
from cnnviz.conv_lab.requests import GLOBAL, WITH_WEIGHTS, LabSettings, Operation, PaddingMode, Pair
from cnnviz.conv_lab.rules import RULES

__all__ = [
    "GLOBAL",
    "WITH_WEIGHTS",
    "LabSettings",
    "LabSetup",
    "Operation",
    "PaddingMode",
    "Pair",
    "Problem",
    "SettingsError",
    "first_problem",
    "nearest_setup",
]  # fmt: skip
MOST_MENDS = 60


class LabSetup(LabSettings):
    """A wish that is possible. Raises: SettingsError, one sentence, for one that is not.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.run import run_setup
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> run_setup(LabSetup(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2)))).layers[0].output.shape
    (1, 2, 2)
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        problem = first_problem(LabSettings(**_fields(self)))
        if problem is not None:
            raise SettingsError(problem.sentence)


def first_problem(wish: LabSettings) -> Problem | None:
    """The first rule that `wish` breaks; None where it is possible.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSettings, first_problem
    >>> first_problem(LabSettings(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2)))) is None
    True
    """
    broken = _first_broken(wish)
    return broken and broken[1]


def nearest_setup(wish: LabSettings) -> tuple[LabSetup, tuple[str, ...]]:
    """The nearest possible setup, and a sentence for everything that had to be changed; none where all was possible.

    Raises: SettingsError, one sentence, where no change makes it possible.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import nearest_setup
    >>> from cnnviz.conv_lab.requests import LabSettings
    >>> wish = LabSettings(picture=find_image("nine"), kernel=np.ones((1, 1, 4, 4)))
    >>> setup, sentences = nearest_setup(wish)
    >>> setup.padding, len(sentences)
    ((1, 1), 1)
    """
    sentences: dict[Rule, str] = {}  # a rule that takes several turns to mend says so once
    for _turn in range(MOST_MENDS):
        broken = _first_broken(wish)
        if broken is None:
            return LabSetup(**_fields(wish)), tuple(sentences.values())
        rule, problem = broken
        sentences.setdefault(rule, problem.sentence)
        wish = problem.mended
    raise SettingsError(next(iter(sentences.values())))


def _first_broken(wish: LabSettings) -> tuple[Rule, Problem] | None:
    return next(((rule, problem) for rule in RULES if (problem := rule(wish)) is not None), None)


def _fields(wish: LabSettings) -> dict[str, Any]:
    return {field.name: getattr(wish, field.name) for field in fields(LabSettings)}
