"""A whole number to type, judged here: the browser's own bounds refuse in silence and keep the number before.

Refuses to know: what the number is for.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.i18n import _


def whole_number(
    title: str, least: int, most: int, own: int, odd: list[str], *, is_laid: bool = False, **widget: Any
) -> int:
    """The number that stands there; out of its bounds it is `own`, and a sentence in `odd` says so.

    is_laid: the page has laid the number into the session, under the widget's key.
    """
    options: dict[str, Any] = widget if is_laid else widget | {"value": own}
    typed = st.number_input(title, step=1, **options)
    if typed is not None and least <= typed <= most:
        return int(typed)
    odd.append(_("{title} must be {least} to {most}, got {got}: type another number.",
                 title=title, least=f"{least:,}", most=f"{most:,}", got="–" if typed is None else typed))  # fmt: skip
    return own
