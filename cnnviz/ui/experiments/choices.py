"""What is chosen for an experiment: in the address, so that a reload and a link bring it back, and in the session.

Only the settings of the open lesson are in the address, and only those that are not as usual. Refuses to know: what a
setting is for, what runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import streamlit as st

from cnnviz.data.image_sets import SetKey, is_available, set_title
from cnnviz.experiments.registry import ExperimentKind
from cnnviz.i18n import _
from cnnviz.ui.app.plain_text import show_error, show_warning
from cnnviz.ui.app.whole_numbers import whole_number

T = TypeVar("T", int, str)
PICTURES, SECONDS, FEW, UNITS, SEED = "pictures", "seconds", "few", "units", "seed"
LINK_NAMES = (PICTURES, SECONDS, FEW, UNITS, SEED)
_KEPT, _ODD = "experiments_chosen", "experiments_odd"  # in the session: by lesson


def clear_address() -> None:
    """Another lesson is opened: the settings in the address were of the one before."""
    for name in LINK_NAMES:
        st.query_params.pop(name, None)


class Choices:
    """The settings of one lesson, asked for one by one; `refused`: a sentence for each number that cannot be.

    In a page: `Choices(LessonKind.XOR).one("units", "Hidden units", (2, 4, 8), 4)`.
    """

    def __init__(self, kind: ExperimentKind) -> None:
        self.kind = kind
        self.refused: list[str] = []
        self._kept: dict[str, Any] = st.session_state.setdefault(_KEPT, {}).setdefault(kind.value, {})
        self._odd: list[str] = st.session_state.setdefault(_ODD, {}).setdefault(kind.value, [])

    def one(self, name: str, label: str, options: Sequence[T], usual: T, **widget: Any) -> T:
        """One of a few: what was chosen, or what the link says, or as usual."""
        key = f"{self.kind.value}_{name}"
        if key not in st.session_state:
            st.session_state[key] = self._asked(name, {str(option): option for option in options}, usual)
        chosen = st.segmented_control(label, options, required=True, key=key, **widget)
        return self._keep(name, chosen if chosen is not None else usual, usual)

    def whole(self, name: str, label: str, least: int, most: int, usual: int, **widget: Any) -> int:
        """A whole number to type; one out of its bounds is refused with a sentence, and the one before is kept."""
        known = range(least, most + 1)
        text = st.query_params.get(name, "")
        asked = {text: int(text)} if text.isascii() and text.isdigit() and len(text) < 10 else {}
        own = self._asked(name, {key: number for key, number in asked.items() if number in known}, usual)
        key = f"{self.kind.value}_{name}"
        return self._keep(name, whole_number(label, least, most, own, self.refused, key=key, **widget), usual)

    def pictures(self) -> SetKey:
        """Digits, which are always there, or MNIST where it lies on this machine; then that is the usual choice."""
        if not is_available(SetKey.MNIST):
            st.caption(_("Images: the 1,797 digits of scikit-learn. MNIST is not on this machine."))
            return SetKey.DIGITS
        usual = SetKey.MNIST if self.kind is ExperimentKind.BATCH else SetKey.DIGITS
        keys = [SetKey.DIGITS.value, SetKey.MNIST.value]
        chosen = self.one(PICTURES, _("Images"), keys, usual.value, format_func=lambda key: set_title(SetKey(key)))
        return SetKey(chosen)

    def tell(self) -> None:
        """What the link asked for and cannot be, until something is chosen; and what was typed and is refused."""
        if self._odd:
            show_warning(
                _("The link asks for something that cannot be ({names}): what is usual or possible is taken instead.",
                  names=", ".join(self._odd)), icon=":material/link_off:",
            )  # fmt: skip
        for sentence in self.refused:
            show_error(sentence)

    def _asked(self, name: str, known: dict[str, T], usual: T) -> T:
        """What is chosen at first: once kept, the address only follows."""
        if name in self._kept:
            kept: T = self._kept[name]
            return kept
        text = st.query_params.get(name)
        if text is not None and text not in known and name not in self._odd:
            self._odd.append(name)
        return known.get(text or "", usual)

    def _keep(self, name: str, value: T, usual: T) -> T:
        if self._kept.get(name, value) != value:
            self._odd.clear()
        self._kept[name] = value
        text = str(value) if value != usual else None
        if text is None:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != text:
            st.query_params[name] = text
        return value
