"""The laboratory's bench in a session: what lies on it, kept as plain values, and what is brought there.

Refuses to know: how a setup is computed (`cnnviz.conv_lab`), how a question is answered (`answers`).
"""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from cnnviz.conv_lab.actions import with_other_image
from cnnviz.conv_lab.examples import LabPart, find_example
from cnnviz.conv_lab.images import DRAWING, LabImage, LabImageError
from cnnviz.conv_lab.pytorch_code import to_csv
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import LabSettings, LabSetup, SettingsError, nearest_setup
from cnnviz.conv_lab.to_json import image_to_json, setup_from_json, setup_from_link, setup_to_json
from cnnviz.conv_lab.uploads import SIDE, image_from_upload, image_to_png
from cnnviz.data.image_files import MAX_BYTES
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.uploads import ImageFileError
from cnnviz.figures.map_images import map_image
from cnnviz.figures.theme import LIGHT
from cnnviz.i18n import _, current_language
from cnnviz.ui.app.route_paths import LABORATORY, address_of
from cnnviz.ui.app.uploaded import take_file
from cnnviz.ui.draw import draw_state
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.ui.lab.answers import EXAMPLE_NAME, SETUP_NAME, image_offer, lab_packet
from cnnviz.ui.lab.view import view_of
from cnnviz.ui.mount.conv_lab import chosen, made, mount_conv_lab
from cnnviz.web.conv_lab import lasting

BENCH, PART = "bench", "part"  # keys in the session; the second also in a link
_ADDRESSED = "laboratory_addressed"  # the part that the address named last
START = "cross-correlation"
PARTS = tuple(part.value for part in LabPart)


def open_lab() -> None:
    """Open the part that the address names; at the first run of a session lay down what the link says besides."""
    _follow_address()
    if "laboratory" in st.session_state:
        return
    wish = _linked(st.query_params.to_dict())
    first = setup_to_json(wish or _example(START))
    st.session_state.laboratory = {
        "setup": first, "first": first, "token": 1, "upload": None, "is_linked": wish is not None,
        "view": view_of(st.query_params.to_dict()),
    }  # fmt: skip


def _follow_address() -> None:
    """Another part in the address than in the last run: the browser's Back or Forward has led here."""
    asked = st.query_params.get(PART)
    part = asked if asked in PARTS else PARTS[0]
    if st.session_state.get(_ADDRESSED, part) != part:
        st.session_state[PART] = part
    st.session_state.setdefault(PART, part)
    st.session_state[_ADDRESSED] = part


def _linked(query: dict[str, str]) -> LabSettings | None:
    """The wish that the link holds, or the example that it names; junk is as good as nothing."""
    try:
        if EXAMPLE_NAME in query:
            return _example(query[EXAMPLE_NAME])
        wish = setup_from_link(query.get(SETUP_NAME, ""))
        return wish and nearest_setup(wish)[0]
    except (KeyError, SettingsError, LabImageError):
        return None


def _example(key: str) -> LabSetup:
    made_of = find_example(key).make
    return made_of() if made_of else _example(START)


def setup() -> LabSetup:
    """What lies on the bench now, as the browser reported it last."""
    state = st.session_state.laboratory
    reported = made(BENCH, state["token"])
    if reported not in (None, state["setup"]):
        with suppress(SettingsError, LabImageError):  # no browser of ours says that
            state["setup"] = setup_to_json(nearest_setup(setup_from_json(reported))[0])
    return nearest_setup(setup_from_json(state["setup"]))[0]


def put_setup(wish: LabSettings) -> None:
    """Lay another setup on the bench; the browser takes it over."""
    state = st.session_state.laboratory
    state |= {"setup": setup_to_json(nearest_setup(wish)[0]), "token": state["token"] + 1}


def lay_down_example(key: str) -> None:
    """Another page leads to an example: it lies on the bench, also where the laboratory was open before."""
    if "laboratory" in st.session_state:
        put_setup(_example(key))


def show_lab(on_bench: LabSetup) -> None:
    """Mount the bench."""
    state = st.session_state.laboratory
    brought = [image_offer(picture) | image_to_json(picture) for picture in _brought()]
    rest: dict[str, Any] = {"brought": brought, "url": address_of(LABORATORY), "language": current_language()}
    state["view"] = view_of(chosen(BENCH) or state.get("view"))
    packet = lab_packet(on_bench, state["view"]["map"], token=state["token"], view=state["view"], **rest, **lasting())
    mount_conv_lab(packet, key=BENCH, on_part=_turn)


def _brought() -> list[LabImage]:
    """The drawing that was left on the Draw page, and what was uploaded."""
    uploaded = st.session_state.laboratory["upload"]
    pictures = [LabImage(DRAWING, drawing(), lambda: _("the drawing, 28×28"))]
    if uploaded is not None:
        pictures.append(image_from_upload(uploaded))
    return pictures


def drawing() -> Any:
    """The network's input for the drawing on the Draw page's table, or for one of ours."""
    table = draw_state.left_contents()
    return (table.prepared if table else prepare_sketch(find_sample("three").sketch)).image


def take_upload(data: bytes) -> None:
    """Put an uploaded picture under the kernel. Raises: ImageFileError for a file that is none."""
    picture = image_from_upload(data)
    st.session_state.laboratory["upload"] = image_to_png(picture)
    put_setup(with_other_image(setup(), picture))


def _turn(part: str) -> None:
    """An example in the browser leads to another part of the page."""
    if part in PARTS:
        st.session_state.update({PART: part, "laboratory_turned": True})
        show_part()


def show_part() -> None:
    """The part that is open, in the page's address."""
    part = st.session_state[_ADDRESSED] = st.session_state[PART]
    st.query_params.from_dict(
        {name: value for name, value in st.query_params.to_dict().items() if name != PART}
        | ({} if part == PARTS[0] else {PART: part})
    )


def follow_link() -> None:
    """Run the whole page again where the browser has asked for another part of it."""
    if st.session_state.pop("laboratory_turned", False):
        st.rerun()


@st.fragment
def upload() -> None:
    """A picture of one's own."""
    with st.popover(_("Use an image of your own"), icon=":material/upload:"):
        file = st.file_uploader(
            _("Any image, in colour or grey: it is shrunk to at most {side} cells on a side", side=SIDE),
            type=["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"], key="laboratory_upload",
            max_upload_size=MAX_BYTES // 10**6,
        )  # fmt: skip
        if take_file(file, "laboratory", lambda found: take_upload(found.getvalue()), (ImageFileError,)):
            st.rerun()  # else what lies on the bench stays there


def numbers(on_bench: LabSetup) -> str:
    """The numbers of the result as CSV."""
    return to_csv(lab_result(on_bench).output)


def png(on_bench: LabSetup) -> bytes:
    """All maps of the result side by side, in the theme's light colours, as a PNG file."""
    maps = lab_result(on_bench).output
    reach = float(np.abs(maps).max()) or 1.0
    tiles = [np.pad(map_image(one, LIGHT.activations, -reach, reach), ((4, 4), (4, 4), (0, 0)), constant_values=255)
             for one in maps]  # fmt: skip
    made = io.BytesIO()
    Image.fromarray(np.concatenate(tiles, axis=1)).save(made, format="PNG")
    return made.getvalue()
