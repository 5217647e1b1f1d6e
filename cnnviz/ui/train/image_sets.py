"""What is it trained on? Widgets to choose a set, bring a zip or folder of one's own, and see what is in it.

`choose_data("train", start)` draws them and returns the choice; nothing is kept but the widgets' own values.
Refuses to know: how pictures are read, networks, runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import streamlit as st

from cnnviz.data.datasets import DataBroken, DataMissing, data_folder
from cnnviz.data.image_files import MAX_BYTES
from cnnviz.data.image_sets import DataChoice, ImageSetError, SetKey, is_available, set_title, take_zip, zip_files
from cnnviz.data.image_sets.archive import MAX_ZIP_BYTES
from cnnviz.data.image_sets.preview import Preview, make_preview
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.ui.app.downloads import offer_download, progress_on
from cnnviz.ui.app.plain_text import show_error, show_info, show_warning
from cnnviz.ui.app.whole_numbers import whole_number
from cnnviz.ui.train.class_rows import class_rows, how_it_is_split, in_short

PICTURES = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"]
LIMITS = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
MOST_SEED = 9_999_999
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
TROUBLE = (DataMissing, DataBroken, ImageSetError)


def choose_data(key: str, start: DataChoice | None = None, own: str | None = None) -> DataChoice:
    """The pictures that the reader chooses, beginning with `start`; `key` tells several choosers apart.

    own: the token of pictures that the reader brought before: they are there again when `own` is chosen.
    While nothing of one's own is uploaded, and `own` is chosen, it is `start` still.
    """
    start = start or DataChoice()
    at = _Widgets(key)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = SetKey(
            st.selectbox(
                _("Images"), [str(each) for each in SetKey], key=at.starting("set", str(start.key)),
                format_func=lambda name: _offer(SetKey(name)), width=320,
            )
        )  # fmt: skip
        changes = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", width="content")
    try:
        token = _own_token(at, start.upload or own) if chosen is SetKey.OWN else None
        if chosen is SetKey.OWN and token is None:
            st.caption(_("Until then it is “{title}”.", title=set_title(SetKey(start.key))))
            return start
        if not is_available(chosen):
            offer_download(chosen, at.named(f"fetch_{chosen}"), st.rerun)
        base = start if start.key == chosen and start.upload == token else DataChoice(chosen, upload=token)
        with changes:
            choice = _divided(at, base)
        _show(at, choice)
    except TROUBLE as error:
        show_warning(error, icon=":material/folder_off:")
        return start if chosen is SetKey.OWN else DataChoice(chosen)
    return choice


class _Widgets:
    """The keys of one chooser's widgets, and the values that they start with."""

    def __init__(self, key: str) -> None:
        self.key = key

    def named(self, name: str) -> str:
        """The key in the session of the widget `name`."""
        return f"{self.key}_data_{name}"

    def starting(self, name: str, value: Any) -> str:
        """The key of a widget, which shows `value` when it first appears."""
        st.session_state.setdefault(self.named(name), value)
        return self.named(name)


def _offer(key: SetKey) -> str:
    return set_title(key) if is_available(key) else _("{title} (not on this machine)", title=set_title(key))


@lru_cache(maxsize=24)
def _seen(choice: DataChoice, page: int, _folder: str) -> Preview:
    return make_preview(choice, page=page)


def _looked_at(choice: DataChoice, page: int = 0) -> Preview:
    with st.spinner(_("Loading the images …"), show_time=True):
        return _seen(choice, page, str(data_folder()))


def _divided(at: _Widgets, base: DataChoice) -> DataChoice:
    """The set with the reader's number of pictures, share of validation and seed."""
    known, odd = _looked_at(base), list[str]()
    name = f"{base.key}_{(base.upload or '')[:8]}"  # another set, other numbers: widgets of their own
    limits = sorted({limit for limit in (*LIMITS, base.limit) if limit and limit < known.available})
    first = base.limit if base.limit in limits else None
    limit = st.select_slider(
        _("Training images"), [*limits, None], key=at.starting(f"limit_{name}", first),
        format_func=lambda count: _("all") if count is None else f"{count:,}", width=240, disabled=not limits,
        help=_("With few images a network memorises them: it overfits."),
    )  # fmt: skip
    share = base.validation
    if not known.has_own_validation:
        share = st.select_slider(
            _("Kept for validation"), sorted({*SHARES, base.validation}),
            key=at.starting(f"share_{name}", base.validation), format_func=lambda part: format_percent(part, 0),
            width=160,
            help=_("The network never trains on these: they show whether it generalises or only memorises."),
        )  # fmt: skip
    with st.popover(_("More"), icon=":material/more_horiz:"):
        seed = whole_number(
            _("Seed"), 0, MOST_SEED, base.seed, odd, key=f"{at.key}_data_seed_{name}",
            help=_("Decides which images are chosen; the same seed chooses the same ones."),
        )  # fmt: skip
        balanced = st.toggle(
            _("Balance the classes"), key=at.starting(f"balanced_{name}", base.balanced),
            help=_("As many images of every class as of the rarest: no class is favoured for being frequent."),
        )  # fmt: skip
    for sentence in odd:
        show_error(sentence)
    st.session_state[at.named("odd")] = " ".join(odd)
    return replace(base, limit=limit, validation=share, seed=seed, balanced=balanced)


def odd_number(key: str) -> str:
    """What stands in the chooser `key` and is not taken, in one sentence; nothing where all is."""
    return str(st.session_state.get(f"{key}_data_odd", ""))


def _show(at: _Widgets, choice: DataChoice) -> None:
    """What is in it: numbers, classes with bars, some pictures."""
    page = st.session_state.setdefault(at.named("page"), 0)
    seen = _looked_at(choice, page)
    if seen.report:
        st.caption(f"{seen.report.done()}")
        for sentence in seen.report.left_out():
            show_warning(sentence, icon=":material/rule:")
        for sentence in seen.report.remarks():
            show_info(sentence)
    st.html(class_rows(seen))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(f"{in_short(seen)} {how_it_is_split(seen)}")
        st.button(
            _("Other samples"), icon=":material/shuffle:", type="tertiary", key=at.named("others"),
            on_click=_turn_page, args=(at,),
        )  # fmt: skip


def _turn_page(at: _Widgets) -> None:
    st.session_state[at.named("page")] += 1


def _own_token(at: _Widgets, before: str | None) -> str | None:
    """The token of what was uploaded here, or before; None while there is nothing."""
    st.caption(
        _("A zip or a folder with one folder for each class, 2 to 20 of them: `cat/1.jpg`, `dog/1.jpg` …; "
          "optionally inside `train/` and `val/`. Every image is scaled to 32×32 in colour, or to 28×28 when "
          "all are grey. It stays on this machine.")
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        file = st.file_uploader(
            _("A zip"), type=["zip"], key=at.named("file"), max_upload_size=MAX_ZIP_BYTES // 10**6, width=420
        )
        folder = st.file_uploader(
            _("Or a folder"), type=PICTURES, accept_multiple_files="directory", key=at.named("folder"), width=420,
            max_upload_size=MAX_BYTES // 10**6,
            help=_("The folder that holds the class folders. A zip is quicker for more than some hundred images."),
        )  # fmt: skip
    known: dict[str, Any] = st.session_state.setdefault(
        at.named("taken"), {"brought": [], "token": before, "problem": None}
    )
    brought = _brought(file, folder)
    for word in brought.keys() - set(known["brought"]):
        known |= _taken(brought[word]())
    known["brought"] = list(brought)
    if known["problem"]:
        show_error(known["problem"])
    token: str | None = known["token"]
    return token


def _brought(file: Any, folder: list[Any]) -> dict[str, Callable[[], bytes]]:
    """The zip and the folder that lie there: a word that tells each from others → its bytes."""
    lies: dict[str, Callable[[], bytes]] = {} if file is None else {file.file_id: file.getvalue}
    if folder:
        word = " ".join(each.file_id for each in folder)
        lies[word] = lambda: zip_files((each.name, each.getvalue()) for each in folder)
    return lies


def _taken(data: bytes) -> dict[str, str | None]:
    """The token of a zip, or the sentence why it is refused."""
    bar = st.progress(0.0, _("Loading the images …"))
    try:
        token, _pool = take_zip(data, progress_on(bar, _("{done} of {total} files loaded")))
    except TROUBLE as error:
        return {"token": None, "problem": str(error)}
    finally:
        bar.empty()
    return {"token": token, "problem": None}
