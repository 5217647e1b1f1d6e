"""How much a server may take, as settings: environment variables that whoever runs a server may set.

Each has a usual value that fits a machine of one's own. Streamlit's settings (port, names, size of an upload) are
Streamlit's. All of them stand in docs/deploy.md; a test compares.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cnnviz.checks import refusal
from cnnviz.i18n import _


@dataclass(frozen=True)
class Limit:
    """A whole number from `least` to `most` under an environment variable; `usual` where nobody sets it.

    >>> import os
    >>> from unittest.mock import patch
    >>> from cnnviz.machine.limits import TRAININGS
    >>> with patch.dict(os.environ, CNNVIZ_TRAININGS="5"):
    ...     TRAININGS.value
    5
    """

    variable: str
    usual: int
    least: int
    most: int

    @property
    def value(self) -> int:
        """What holds now. Raises: ValueError, one sentence, for anything else than such a number."""
        text = os.environ.get(self.variable, "").strip()
        if not text:
            return self.usual
        is_right = text.isascii() and text.isdecimal() and len(text) < 10 and self.least <= int(text) <= self.most
        if not is_right:
            rule = _("a whole number from {least} to {most}", least=self.least, most=self.most)
            raise refusal(self.variable, rule, text, _("leave it out for {usual}", usual=self.usual))
        return int(text)


def most_at_work(kept: int, cores: int | None = None) -> int:
    """How many may work at once: half of the cores, two at least, and no more than half of those that are kept.

    So none that works is forgotten for another one.

    >>> from cnnviz.machine.limits import most_at_work
    >>> most_at_work(16, cores=2), most_at_work(16, cores=8), most_at_work(16, cores=64)
    (2, 4, 8)
    """
    return min(max(2, (cores or os.cpu_count() or 2) // 2), kept // 2)


TRAININGS = Limit("CNNVIZ_TRAININGS", most_at_work(16), 1, 64)  # at once on the machine, of all servers together
EXPERIMENTS = Limit("CNNVIZ_EXPERIMENTS", most_at_work(24), 1, 64)  # in the same way
IMAGES_MB = Limit("CNNVIZ_IMAGES_MB", 1_000, 100, 1_000_000)  # image sets kept on the disk
UPLOADS_MB = Limit("CNNVIZ_UPLOADS_MB", 2_000, 450, 1_000_000)  # uploaded files in the memory of a server
LIMITS = (TRAININGS, EXPERIMENTS, IMAGES_MB, UPLOADS_MB)


def check_limits() -> None:
    """Raises: ValueError, one sentence, where one of them is set to what it cannot be."""
    for limit in LIMITS:
        _value = limit.value
