"""Augmentation, chosen and shown: what a network is shown instead of the same few pictures again and again.

`choose_augmentation("train", data, start)` draws the widgets and returns the choice, None for no change at all.
Refuses to know: how pictures are changed (`cnnviz.data.augment_images`), runs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st
import torch

from cnnviz.data.augment_images import DRAWINGS, NOTHING, PHOTOS, Augmentation, augment_images
from cnnviz.data.datasets import DataBroken, DataMissing, data_folder
from cnnviz.data.image_sets import DataChoice, ImageSetError, SetKey
from cnnviz.data.image_sets.preview import make_preview
from cnnviz.figures.image_strips import image_strip, png_data_url
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _

STRENGTHS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)
KINDS: dict[str, tuple[str, ...]] = {
    "turn": ("turn", "slant"),
    "shift": ("shift",),
    "size": ("size", "aspect", "crop"),
    "bend": ("bend",),
    "pen": ("pen", "cut"),
    "flip": ("flip",),
    "light": ("light",),
}
PICTURES, LOOKS = 12, 3  # that are shown
_STYLE = """<style>
.cnnviz-changes { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem .8rem;
  font-size: .875rem; align-items: center; }
.cnnviz-changes img { height: 2.6rem; max-width: none; display: block; }
.cnnviz-changes div { overflow: hidden; }
</style>"""


def choose_augmentation(key: str, data: DataChoice, start: Augmentation | None = None) -> Augmentation | None:
    """The changes that the reader chooses for `data`, beginning with `start`; None where there are none.

    Where the pictures are not there, nothing is shown and `start` stays.
    """
    try:
        fitting = usual_changes(data)
    except (DataMissing, DataBroken, ImageSetError):  # `choose_data` has said so
        return start
    name = _prepared(key, data, fitting, start)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        strength = st.select_slider(
            _("Augment the images"), STRENGTHS, key=f"{name}_strength", width=260,
            format_func=lambda share: _("off") if not share else format_percent(share, 0),
            help=_("Augmentation: each image is varied a little every time, so that the network cannot memorise it. "
                   "Validation images are never changed."),
        )  # fmt: skip
        if not strength:
            return None
        st.button(
            _("Other variations"), icon=":material/casino:", type="tertiary", key=f"{name}_again", on_click=_look_again,
            args=(name,),
        )  # fmt: skip
    kinds = st.pills(
        _("Which variations"), list(KINDS), selection_mode="multi", format_func=_kind_name, key=f"{name}_kinds",
        label_visibility="collapsed",
    )  # fmt: skip
    chosen = _only(fitting, kinds).scaled(strength)
    if chosen.is_nothing:
        return None
    st.html(looks(data, chosen, st.session_state.get(f"{name}_look", 0)))
    return chosen


def _prepared(key: str, data: DataChoice, fitting: Augmentation, start: Augmentation | None) -> str:
    """The beginning of the widgets' keys; their first values: `start`, but for another set the kinds that suit it."""
    name = f"{key}_changes_{data.key}"
    before = st.session_state.setdefault(f"{key}_changes_of", str(data.key))
    st.session_state[f"{key}_changes_of"] = str(data.key)
    kinds = _kinds_of(start if start is not None and before == data.key else fitting)
    st.session_state.setdefault(f"{name}_strength", _strength_of(start, fitting))
    st.session_state.setdefault(f"{name}_kinds", kinds)
    return name


def _look_again(name: str) -> None:
    st.session_state[f"{name}_look"] = st.session_state.get(f"{name}_look", 0) + 1


def usual_changes(data: DataChoice) -> Augmentation:
    """What suits the pictures: photos may be mirrored and lit, drawings bent; every kind can be added to either."""
    channels = _originals(data, str(data_folder())).shape[1]
    if channels == 3:
        return PHOTOS
    return replace(DRAWINGS, flip=0.5 if data.key in (SetKey.XO, SetKey.XO_GENERATED) else 0.0)


def _only(fitting: Augmentation, kinds: list[str]) -> Augmentation:
    """The chosen kinds, as far as suits the pictures; a kind that does not belong to them as far as it suits others."""
    values = {}
    for kind in kinds:
        suits = any(getattr(fitting, name) for name in KINDS[kind])
        for name in KINDS[kind]:
            most = max(getattr(DRAWINGS, name), getattr(PHOTOS, name))
            values[name] = getattr(fitting, name) if suits else most
    return replace(NOTHING, border=fitting.border, **values)


def _kinds_of(how: Augmentation) -> list[str]:
    return [kind for kind, names in KINDS.items() if any(getattr(how, name) for name in names)]


def _strength_of(start: Augmentation | None, fitting: Augmentation) -> float:
    """The step of the slider that `start` is nearest to."""
    if start is None or start.is_nothing:
        return 0.0
    whole = _only(fitting, _kinds_of(start))
    shares = [getattr(start, name) / getattr(whole, name) for names in KINDS.values() for name in names
              if getattr(start, name) and getattr(whole, name)]  # fmt: skip
    return min(STRENGTHS[1:], key=lambda step: abs(step - float(np.median(shares))))


def _kind_name(kind: str) -> str:
    return {
        "turn": _("rotated, slanted"), "shift": _("shifted"), "size": _("scaled"), "bend": _("elastic"),
        "pen": _("pen width"), "flip": _("mirrored"), "light": _("brightness"),
    }[kind]  # fmt: skip


@lru_cache(maxsize=8)
def _originals(data: DataChoice, _folder: str) -> np.ndarray:
    """A few pictures, of as many classes as there are, (n, c, h, w)."""
    seen = make_preview(data, each=PICTURES)
    turns = range(PICTURES)
    return np.stack([sample[turn] for turn in turns for sample in seen.samples if turn < len(sample)][:PICTURES])


def looks(data: DataChoice, how: Augmentation, look: int) -> str:
    """Some pictures as they are, and below them as the network might see them, as HTML."""
    images = _originals(data, str(data_folder()))
    rows = [(_("unchanged"), images)]
    for number in range(LOOKS):
        generator = torch.Generator().manual_seed(look * LOOKS + number)
        changed = augment_images(torch.tensor(images).float() / 255, how, generator)
        rows.append((_("variation {number}", number=look * LOOKS + number + 1), (changed * 255).round().byte().numpy()))
    cells = "".join(
        f'<span>{escape(name)}</span><div><img alt="{escape(name)}" src="{png_data_url(image_strip(row))}"></div>'
        for name, row in rows
    )
    return f'{_STYLE}<div class="cnnviz-changes">{cells}</div>'
