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
    st.caption(_("No idea? Take one of these:"))
    with st.container(horizontal=True, gap="small"):
        for sample in samples():
            st.button(
                str(sample.digit),
                help=sample.title,
                key=f"sample.{sample.key}",
                on_click=workbench.lay_sample,
                args=(sample.key,),
            )
    _test_image()
    with st.popover(_("Use a picture of your own"), icon=":material/upload:", width="stretch"):
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
    if has_mnist():
        st.button(
            _("A test image the network never saw"),
            icon=":material/casino:",
            width="stretch",
            on_click=lambda: workbench.lay_digit(secrets.randbelow(TEST_IMAGES)),
        )
    else:
        st.caption(_("MNIST is not on this machine; with it, random test images appear here."))
