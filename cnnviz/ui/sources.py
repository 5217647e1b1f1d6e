"""Other things to look at than one's own ink: our samples, MNIST's test images, a picture of one's own."""

from __future__ import annotations

import secrets

import streamlit as st

from cnnviz.datasets import has_mnist, random_digit
from cnnviz.messages import _
from cnnviz.pictures import PictureError, read_grey
from cnnviz.samples import samples
from cnnviz.ui import workbench
from cnnviz.ui.components.shelf import Offer, shelf

TEST, UPLOAD = "test", "upload"


def choose_source() -> None:
    """The shelf; what is taken from it lies on the table in the run that follows."""
    drawings = (Offer(sample.key, sample.title, sample.sketch) for sample in samples())
    shelf((*drawings, _test_offer(), _upload_offer()), on_take=_take, key="shelf")
    if st.session_state.workbench.pop("uploading", False):
        _upload()


def _test_offer() -> Offer:
    present = has_mnist()
    hint = (
        _("An image of MNIST that the network never saw in training")
        if present
        else _("MNIST is not on this machine; run “python -m cnnviz download mnist” once, with a network")
    )
    return Offer(TEST, _("Test image"), hint=hint, is_there=present)


def _upload_offer() -> Offer:
    return Offer(UPLOAD, _("Upload …"), hint=_("A photo or scan of one digit, dark on light or light on dark"))


def _take(key: str) -> None:
    if key == TEST:
        _image, _label, index = random_digit(secrets.randbits(32))
        workbench.lay_digit(index)
    elif key == UPLOAD:
        st.session_state.workbench["uploading"] = True
    else:
        workbench.lay_sample(key)


def _upload() -> None:
    """A dialog that takes one picture; it closes when it has one."""

    @st.dialog(_("Use a picture of your own"))
    def ask() -> None:
        file = st.file_uploader(
            _("A photo or scan of one digit, dark on light or light on dark"),
            type=["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"],
        )
        if file is None:
            return
        try:
            read_grey(file.getvalue())
        except PictureError as error:  # what lies on the table stays there
            st.error(str(error), icon=":material/error:")
            return
        workbench.lay_upload(file.getvalue())
        st.rerun()

    ask()
