"""The shelf below the pad: samples at one click, a random test image, a picture of one's own (as a Streamlit element).

One small component instead of a dozen native buttons: these would be drawn again with every stroke.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from cnnviz.data.strokes import Sketch
from cnnviz.i18n import _
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "sample_bar"
_mount = st.components.v2.component("cnnviz_shelf", js=join_modules(_HERE), css=read_css(_HERE))


@dataclass(frozen=True)
class Offer:
    """One thing to take: a drawing (shown small) or, without strokes, a word on a button."""

    key: str
    title: str
    sketch: Sketch | None = None
    hint: str = ""
    is_there: bool = True


def mount_sample_bar(offers: tuple[Offer, ...], *, on_take: Callable[[str], None], key: str, label: str = "") -> None:
    """Show `offers`; `on_take(key)` runs before the rerun that a click causes. `label` says what a click does."""
    known = {offer.key for offer in offers if offer.is_there}

    def taken() -> None:
        choice = (st.session_state.get(key) or {}).get("take")
        if isinstance(choice, str) and choice in known:
            on_take(choice)

    data = {"label": label or _("Take a drawing instead"), "offers": [_plain(offer) for offer in offers]}
    _mount(key=key, data=data, on_take_change=taken, height="content")


@lru_cache(maxsize=256)
def _plain(offer: Offer) -> dict[str, object]:
    paths = [] if offer.sketch is None else [[list(point) for point in s.points] for s in offer.sketch.strokes]
    return {"key": offer.key, "title": offer.title, "hint": offer.hint, "paths": paths, "there": offer.is_there}
