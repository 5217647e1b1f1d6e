"""Other things to look at than one's own ink: our samples, pictures of a collection, a picture of one's own."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from cnnviz.checks import sides
from cnnviz.data.fitted_images import Fit
from cnnviz.data.image_files import MAX_BYTES
from cnnviz.data.image_sets import SetKey
from cnnviz.data.uploads import ImageFileError
from cnnviz.i18n import _
from cnnviz.ui.app.downloads import offer_download
from cnnviz.ui.app.known_images import collection
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.app.presses import uninterrupted
from cnnviz.ui.draw.contents import shrink_to_store
from cnnviz.ui.draw.draw_state import DrawPageState
from cnnviz.ui.mount.paste_image import mount_paste_image
from cnnviz.ui.mount.sample_bar import Offer, mount_sample_bar

KNOWN, UPLOAD = "test", "upload"
FORMATS = ("png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "npy")
FILE, CAMERA = "file", "camera"


def choose_source(table: DrawPageState) -> None:
    """The shelf; what is taken from it lies on the table in the run that follows."""
    mount_sample_bar(input_offers(table), on_take=partial(_take, table), key=table.shelf)
    with uninterrupted():  # a dialog opens in one run only
        if table.state.pop("uploading", False):
            _upload(table)
        if table.state.pop("fetching", False):
            _fetch(table)


def input_offers(table: DrawPageState) -> tuple[Offer, ...]:
    """What stands on the shelf; known pictures only where they are on this machine, or can be fetched."""
    drawings = (Offer(each.key, each.title, each.sketch) for each in table.recipe.subject.samples)
    words = collection(table.network, table.own).offer()
    known = () if words is None else (Offer(KNOWN, words[0], hint=words[1]),)
    return (*drawings, *known, _upload_offer(table))


def _upload_offer(table: DrawPageState) -> Offer:
    return Offer(UPLOAD, _("Upload …"), hint=_wanted(table))


def _wanted(table: DrawPageState) -> str:
    return table.recipe.subject.words.upload


def _take(table: DrawPageState, key: str) -> None:
    if key == UPLOAD:
        table.state["uploading"] = True
    elif key != KNOWN:
        table.lay_sample(key)
    elif not _lay_any_known(table) and table.known:  # these are not here yet
        table.state["fetching"] = True


def _lay_any_known(table: DrawPageState) -> bool:
    """A known picture by lot, where there is one: a file may have gone since the shelf was shown."""
    known = collection(table.network, table.own)
    index = known.any()
    while index == table.drawing["digit"] and index is not None and len(known) > 1:  # of few, another one
        index = known.any()
    if index is not None:
        table.lay_known(index)
    return index is not None


def _fetch(table: DrawPageState) -> None:
    """A dialog that offers MNIST; once it is there, one of its images lies on the table."""

    @st.dialog(_("Test images"))
    def ask() -> None:
        st.markdown(
            _(
                "The test images are those of MNIST: handwritten digits that the network was not trained on. "
                "They are not on this machine yet."
            )
        )
        offer_download(SetKey.MNIST, "fetch_test_images", lay)

    def lay() -> None:
        _lay_any_known(table)
        st.rerun()

    ask()


def _upload(table: DrawPageState) -> None:
    """A dialog that takes one picture; it closes when it has one."""

    @st.dialog(_("Use an image of your own"))
    def ask() -> None:
        fit = _choose_fit(table)
        file = _bring_image(table)
        if file is None:
            return
        try:
            picture = shrink_to_store(file.getvalue(), table.recipe, fit)
        except ImageFileError as error:  # what lies on the table stays there
            show_error(error)
            return
        table.lay_upload(picture, fit)
        st.rerun()

    ask()


def _bring_image(table: DrawPageState) -> Any:
    """A file, dropped or chosen, or a photo from the camera; None until there is one."""
    ways = {FILE: _("File"), CAMERA: _("Camera")}
    way = st.segmented_control(
        _("Where the image comes from"), list(ways), default=FILE, required=True, format_func=ways.__getitem__,
        label_visibility="collapsed", key=f"upload_way{table.suffix}",
    )  # fmt: skip
    if way == CAMERA:  # the browser asks for it only when this is chosen
        return st.camera_input(_("Take a photo"), key=f"upload_photo{table.suffix}")
    file = st.file_uploader(_wanted(table), type=list(FORMATS), max_upload_size=MAX_BYTES // 10**6)
    mount_paste_image(key=f"upload_paste{table.suffix}")
    return file


def _choose_fit(table: DrawPageState) -> Fit:
    """What is done with an image of another size than the network's, where it takes images and no drawings."""
    if table.recipe.reads_drawings:
        return Fit.CENTRE
    words = {Fit.CENTRE: _("Cut out its centre"), Fit.WHOLE: _("Resize the whole image")}
    size = sides(table.recipe.input_shape[1:])
    chosen: Fit = st.radio(
        _("An image of another size than {size} pixels", size=size), list(words), format_func=words.__getitem__,
        horizontal=True, key=f"upload_fit{table.suffix}",
    )  # fmt: skip
    return chosen
