"""One entry of the glossary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word of the field, its synonyms after it with commas between, what it means, and how PyTorch spells it."""

    word: str
    meaning: str
    spelling: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The word and its synonyms, one by one."""
        return tuple(self.word.split(", "))
