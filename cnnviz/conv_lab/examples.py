"""The examples of the lessons, one click away: a setup, what to look at, and the numbers that must come out.

Expected values are written down, not computed: tests compare them with PyTorch's and with what the page prints.
Refuses to know: pages.
"""

from __future__ import annotations

from cnnviz.conv_lab.example import Example, LabChapter, LabPart, chapter_title
from cnnviz.conv_lab.examples_of_channels import BEYOND, CHANNELS, POOLING
from cnnviz.conv_lab.examples_of_maps import NUMBERS, PICTURES, SIZES
from cnnviz.data.choices import find_by_key
from cnnviz.i18n import _

__all__ = ["EXAMPLES", "Example", "LabChapter", "LabPart", "chapter_title", "find_example"]

EXAMPLES = (*NUMBERS, *PICTURES, *SIZES, *CHANNELS, *POOLING, *BEYOND)


def find_example(key: str) -> Example:
    """The example called `key`. Raises: KeyError, one sentence with the known keys.

    >>> from cnnviz.conv_lab.examples import find_example
    >>> find_example("blur").parameters
    27
    """
    return find_by_key(EXAMPLES, key, _("example"))
