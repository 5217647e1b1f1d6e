"""Other things to look at than one's own ink: our samples, MNIST's test images, a picture of one's own."""

from __future__ import annotations

import secrets

import streamlit as st

from cnnviz.datasets import has_mnist
from cnnviz.messages import _
from cnnviz.samples import samples
from cnnviz.ui import workbench

TEST_IMAGES = 10_000


def choose_source() -> None:
    """Buttons for samples and test images, and a place to drop a picture."""
    with st.container(horizontal=True, gap=None, key="samples"):
        for sample in samples():
            st.button(
                str(sample.digit),
                help=sample.title,
                key=f"sample.{sample.key}",
                on_click=workbench.lay_sample,
                args=(sample.key,),
            )
    with st.container(horizontal=True, gap="small", key="others"):
        _test_image()
        with st.popover(_("Upload"), icon=":material/upload:", width="stretch"):
            st.file_uploader(
                _("A photo or scan of one digit, dark on light or light on dark"),
                type=["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"],
                key="upload",
                on_change=_uploaded,
            )


def _uploaded() -> None:
    file = st.session_state.upload
    workbench.lay_upload(None if file is None else file.getvalue())


def _test_image() -> None:
    """A random image of the MNIST test set; where there is none, the button says why."""
    present = has_mnist()
    st.button(
        _("Test image"),
        icon=":material/casino:",
        width="stretch",
        disabled=not present,
        help=_("An image of MNIST that the network never saw in training")
        if present
        else _("MNIST is not on this machine; run “python -m cnnviz download mnist” once, with a network"),
        on_click=lambda: workbench.lay_digit(secrets.randbelow(TEST_IMAGES)),
    )
