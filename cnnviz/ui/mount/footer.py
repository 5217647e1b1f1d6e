"""The last line of every page: copy a link, and forget what this browser keeps (as a Streamlit element)."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.mount.copy_link import copy_texts
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "footer"
_CSS = read_css(_HERE.parent / "copy_link") + read_css(_HERE)
_mount = st.components.v2.component("cnnviz_footer", js=join_modules(_HERE), css=_CSS)


def mount_footer(*, has_link: bool, is_forgotten: bool, on_forget: Callable[[], None]) -> None:
    """Mount it. has_link: whether it copies the link, too.

    on_forget: the server's part of forgetting; is_forgotten: it is done, so the browser may reload.
    """
    texts = copy_texts(_("A link to what you see here")) | {
        "kept": _("What you draw, train and answer is kept in this browser, for you alone."),
        "ask": _("Forget it"),
        "yes": _("Yes, forget all of it, on every page"),
        "no": _("No, keep it"),
    }
    data = {"texts": texts, "link": has_link, "forgotten": is_forgotten}
    _mount(key="footer", data=data, on_forget_change=on_forget, height="content")
