"""Other things to look at than one's own ink: our samples, pictures of a collection, a picture of one's own."""

from __future__ import annotations

import secrets
from functools import partial

import streamlit as st

from cnnviz.datasets import DataMissing, has_mnist, random_digit
from cnnviz.imagesets import SetKey
from cnnviz.messages import _
from cnnviz.networks import Alphabet
from cnnviz.pictures import PictureError
from cnnviz.samples import samples
from cnnviz.ui.components.shelf import Offer, shelf
from cnnviz.ui.downloads import offer_download
from cnnviz.ui.opened import is_key
from cnnviz.ui.plain_text import show_error
from cnnviz.ui.table_contents import fit_to_keep
from cnnviz.ui.workbench import DIGITS, Workbench

KNOWN, UPLOAD = "test", "upload"


def choose_source(table: Workbench) -> None:
    """The shelf; what is taken from it lies on the table in the run that follows."""
    shelf(offers(table), on_take=partial(_take, table), key=table.shelf)
    if table.state.pop("uploading", False):
        _upload(table)
    if table.state.pop("fetching", False):
        _fetch(table)


def offers(table: Workbench) -> tuple[Offer, ...]:
    """What stands on the shelf; hard drawings only where they are on this machine."""
    recipe = table.recipe
    letters = (recipe.alphabet or Alphabet.DIGITS).value
    drawings = (Offer(each.key, each.title, each.sketch) for each in samples(letters) if recipe.reads_drawings)
    return (*drawings, *_known_offers(table), _upload_offer(table))


def _known_offers(table: Workbench) -> tuple[Offer, ...]:
    if is_key(table.network):
        return _data_offers(table)
    return (_test_offer(),) if table is DIGITS else _hard_offers(table)


def _test_offer() -> Offer:
    if has_mnist():
        return Offer(KNOWN, _("Test image"), hint=_("An image of MNIST that the network never saw in training"))
    return Offer(KNOWN, _("Test image …"), hint=_("MNIST is not on this machine yet: it can be downloaded"))


def _hard_offers(table: Workbench) -> tuple[Offer, ...]:
    count = table.known
    hint = _("One of the {count} drawings by other people that it finds hardest; all are shown below", count=count)
    return (Offer(KNOWN, _("A hard one"), hint=hint),) if count else ()


def _data_offers(table: Workbench) -> tuple[Offer, ...]:
    """A picture of the data that a network of the reader's own was tested on, where it is here."""
    if not table.known:
        return ()
    return (Offer(KNOWN, _("Test image"), hint=_("A picture of its data that the network never saw in training")),)


def _upload_offer(table: Workbench) -> Offer:
    return Offer(UPLOAD, _("Upload …"), hint=_wanted(table))


def _wanted(table: Workbench) -> str:
    if table.recipe.alphabet is Alphabet.DIGITS:
        return _("A photo or scan of one digit, dark on light or light on dark")
    if table.recipe.alphabet is None:
        return _("Any picture: its middle is shrunk to what the network reads")
    return _("A photo or scan of one letter, dark on light or light on dark")


def _take(table: Workbench, key: str) -> None:
    if key == UPLOAD:
        table.state["uploading"] = True
    elif key != KNOWN:
        table.lay_sample(key)
    elif table is DIGITS and has_mnist():
        _lay_test_image(table)
    elif table is DIGITS:
        table.state["fetching"] = True
    elif count := table.known:  # the file may have gone since the shelf was shown
        table.lay_known(secrets.randbelow(count))


def _lay_test_image(table: Workbench) -> None:
    table.lay_known(random_digit(secrets.randbits(32))[2])


def _fetch(table: Workbench) -> None:
    """A dialog that offers MNIST; once it is there, one of its images lies on the table."""

    @st.dialog(_("Test images"))
    def ask() -> None:
        st.markdown(
            _(
                "The test images are those of MNIST: handwritten digits that the network never saw in training. "
                "They are not on this machine yet."
            )
        )
        try:
            if not offer_download(SetKey.MNIST, "fetch_test_images"):
                return
            _lay_test_image(table)
        except DataMissing as error:
            show_error(error)
            return
        st.rerun()

    ask()


def _upload(table: Workbench) -> None:
    """A dialog that takes one picture; it closes when it has one."""

    @st.dialog(_("Use a picture of your own"))
    def ask() -> None:
        file = st.file_uploader(_wanted(table), type=["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"])
        if file is None:
            return
        try:
            picture = fit_to_keep(file.getvalue(), table.recipe)
        except PictureError as error:  # what lies on the table stays there
            show_error(error)
            return
        table.lay_upload(picture)
        st.rerun()

    ask()
