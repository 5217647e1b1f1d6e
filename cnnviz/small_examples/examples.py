"""All small examples, by name.

Refuses to know: pages.
"""

from __future__ import annotations

from cnnviz.data.choices import find_by_key
from cnnviz.i18n import _
from cnnviz.small_examples.example import SmallExample
from cnnviz.small_examples.examples_of_data import DATA
from cnnviz.small_examples.examples_of_mistakes import MISTAKES
from cnnviz.small_examples.examples_of_training import TRAINING
from cnnviz.small_examples.examples_of_windows import WINDOWS

SMALL_EXAMPLES: tuple[SmallExample, ...] = (*WINDOWS, *DATA, *TRAINING, *MISTAKES)


def find_small_example(key: str) -> SmallExample:
    """The small example called `key`. Raises: KeyError, one sentence with the known keys.

    >>> from cnnviz.small_examples.examples import find_small_example
    >>> find_small_example("view").title
    'view: the same numbers, another shape'
    """
    return find_by_key(SMALL_EXAMPLES, key, _("example"))
