"""Words of a command line that are refused: said again, but not at any length."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn

LONGEST_WORD = 300  # letters of one word that stand in a refusal: a path is one, and its end says which file
LONGEST = 2000  # letters of all of it


def shorten_words(text: str) -> str:
    """A text with its long words cut, and then the text itself.

    >>> from cnnviz.machine.arguments import shorten_words
    >>> shorten_words("no such file: " + "x" * 100_000 + ".png")[:30], len(shorten_words("ab " * 100_000))
    ('no such file: xxxxxxxxxxxxxxxx', 2001)
    """
    cut = re.sub(rf"(\S{{{LONGEST_WORD}}})\S+", r"\1…", text)
    return cut if len(cut) <= LONGEST else f"{cut[:LONGEST]}…"


class ArgumentParser(argparse.ArgumentParser):
    """As in the standard library, which repeats what it refuses however long that is."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end the program with code 2."""
        super().error(shorten_words(message))
