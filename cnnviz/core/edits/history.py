"""What was done to a network, in order, with what was taken back: undo, redo and reset as plain values.

Bounded: a link has to carry all of it. Refuses to know: which edits make sense in a network (`editable` does).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cnnviz.core.edits.edit import Edit, EditError, EditKind, read_edit
from cnnviz.i18n import _

MOST_EDITS = 32
LONGEST = 4000  # characters in a link
BETWEEN = "~"


@dataclass(frozen=True)
class Edits:
    """`done`, in the order in which it is carried out, and `undone`, the one that was taken back last at the end.

    Every operation gives a new value. Raises: EditError for more than a link can carry.

    >>> from cnnviz.core.edits.edit import Edit, EditKind
    >>> from cnnviz.core.edits.history import Edits
    >>> len(Edits().do(Edit(EditKind.OFF, "conv1", out=3)).undo().undone)
    1
    """

    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        if len(self.done) > MOST_EDITS or len(self.undone) > MOST_EDITS or len(self.text) > LONGEST:
            raise EditError(
                _("edits must be at most {most} and short enough for a link ({longest} characters), got {count} "
                  "({length}): undo some",
                  most=MOST_EDITS, longest=LONGEST, count=max(len(self.done), len(self.undone)), length=len(self.text))
            )  # fmt: skip

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return bool(self.done)

    def do(self, edit: Edit, *, is_same_move: bool = False) -> Edits:
        """One edit more; what was undone is forgotten.

        `is_same_move`: numbers that follow numbers for the same kernel or bias take their place (a slider is held).
        """
        last = self.done[-1] if self.done else None
        follows = (
            is_same_move
            and last is not None
            and edit.op in (EditKind.SET, EditKind.BIAS)
            and last.target == edit.target
        )
        return Edits((*(self.done[:-1] if follows else self.done), edit))

    def undo(self) -> Edits:
        """Without the last edit; nothing happens where there is none."""
        return Edits(self.done[:-1], (*self.undone, *self.done[-1:]))

    def redo(self) -> Edits:
        """With the edit that was undone last; nothing happens where there is none."""
        return Edits((*self.done, *self.undone[-1:]), self.undone[:-1])

    def reset(self) -> Edits:
        """Nothing is changed; redo brings the edits back one by one."""
        return Edits((), (*self.undone, *reversed(self.done))[-MOST_EDITS:])

    @cached_property
    def text(self) -> str:
        """What is done, as text for a link; "" for nothing. `read_edits` reads it."""
        return BETWEEN.join(edit.text for edit in self.done)


def read_edits(text: str) -> Edits:
    """The edits that `text` stands for, nothing undone.

    Raises: EditError, one sentence, for a text that no edits have.

    >>> from cnnviz.core.edits.history import read_edits
    >>> read_edits("off.3.conv1~linear.relu1").done[1].op.value
    'linear'
    """
    if len(text) > LONGEST:
        raise EditError(
            _("edits must be at most {most} characters, got {count}: copy the link again",
              most=LONGEST, count=len(text))
        )  # fmt: skip
    return Edits(tuple(map(read_edit, text.split(BETWEEN)))) if text else Edits()
