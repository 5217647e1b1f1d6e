"""A button that copies a link to what is set up; the page's address says the same (as a Streamlit element)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from cnnviz.i18n import _
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "copy_link"
_mount = st.components.v2.component("cnnviz_sharing", js=join_modules(_HERE), css=read_css(_HERE))


def mount_copy_link(values: Mapping[str, str], names: Sequence[str], *, left_out: str = "", key: str) -> None:
    """A link with `values`; of `names` the address keeps no other values, what else it says stays.

    left_out: one sentence on what the link cannot carry, shown when it is copied.
    """
    hint = _("A link to all that is set up here: whoever opens it and presses Start gets the same run")
    texts = copy_texts(hint) | {"left_out": left_out}
    data = {"names": list(names), "values": dict(values), "texts": texts}
    _mount(key=key, data=data, width="content", height="content")


def copy_texts(hint: str) -> dict[str, str]:
    """The words of a button that copies a link; `hint` says what the link leads to."""
    return {"copy": _("Copy link"), "hint": hint, "copied": _("Copied"), "by_hand": _("Copy this link:")}
