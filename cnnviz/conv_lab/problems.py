"""What is wrong with a wish, in one sentence, and the way out beside it.

Refuses to know: the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cnnviz.conv_lab.requests import LabSettings


class SettingsError(ValueError):
    """A setup that is not possible; its text is one sentence for the reader."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a wish, in one sentence, and the wish without it."""

    sentence: str
    mended: LabSettings


Rule = Callable[[LabSettings], Problem | None]
