"""The page "Train live": what is set up is started, runs are shown, kept, found again, saved and loaded.

Refuses to know: how a setup is changed (`parts`), how a run is asked (`answers`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.checks import is_whole
from cnnviz.data.image_sets import SetKey, load_images
from cnnviz.data.strokes import Sketch
from cnnviz.i18n import _, current_language
from cnnviz.processes import threads_to_use
from cnnviz.ui.app.buttons import Answer, answer_press, note_press
from cnnviz.ui.app.caches import configure_threads
from cnnviz.ui.app.plain_text import escape_markdown, show_error, show_warning
from cnnviz.ui.app.route_paths import TRAINING, address_of
from cnnviz.ui.app.uploaded import take_file
from cnnviz.ui.draw import draw_state
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.ui.mount.copy_link import mount_copy_link
from cnnviz.ui.mount.sketchpad import drawn, mount_sketchpad
from cnnviz.ui.mount.trainer import held, mount_trainer
from cnnviz.ui.train.code import as_it_went, training_code
from cnnviz.ui.train.files import file_name, loaded_network, saved_network
from cnnviz.ui.train.held import NAMES, example, find_run, follow, last_run, own_uploads, put_run, warm_up
from cnnviz.ui.train.links import LINK_NAMES, left_out, write_setup
from cnnviz.ui.train.parts import choose_the_data, choose_the_network, choose_the_settings
from cnnviz.ui.train.run_entry import RunError, TrainingRunEntry
from cnnviz.ui.train.session import PAD, open_session, setup, state
from cnnviz.ui.train.setup import data_title, network_title, settings_title
from cnnviz.ui.train.start import TROUBLES, answer_wish, job_of, show_large_button, wish_train_on
from cnnviz.web.trainer import trainer_packet

TRAINER, INSIDE = "trainer", "trainer_inside"
GREY = (1, 28, 28)  # what a drawing is
CHOOSE = {"network": choose_the_network, "data": choose_the_data, "settings": choose_the_settings}


def open_bench() -> None:
    """At the first run of a session: the setup that a newcomer can start at once; and a worker that is ready."""
    configure_threads()
    warm_up()
    open_session(st.query_params.to_dict())


def show_setup() -> None:
    """What is trained, on what, how: a button each that opens it, and the large one that starts."""
    now, kept = setup(), state()
    titles = {
        "network": _("Network: {title}", title=network_title(now)),
        "data": _("Images: {title}", title=data_title(now.data)),
        "settings": _("Settings: {title}", title=settings_title(now.config)),
    }
    icons = {"network": ":material/account_tree:", "data": ":material/imagesmode:", "settings": ":material/tune:"}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="train_setup"):
        show_large_button()
        for part in CHOOSE:
            is_open = kept["open"] == part
            st.button(
                escape_markdown(titles[part]), key=f"train_open_{part}", icon=icons[part], on_click=_turn, args=(part,),
                type="secondary" if is_open else "tertiary",
            )  # fmt: skip
        _offer_pad()
        mount_copy_link(write_setup(now), LINK_NAMES, left_out=left_out(now), key="train_link")
    notes = st.container()
    if kept["said"]:
        with notes:
            show_warning(kept["said"], icon=":material/link_off:")
    if kept["open"]:
        with st.container(border=True, key="train_part"):
            CHOOSE[kept["open"]]()
    with notes:
        answer_wish()


def _turn(part: str) -> None:
    kept = state()
    kept["open"] = None if kept["open"] == part else part


def show_files() -> None:
    """Below the runs: the code of the training that is set up or was started last, and a file to bring along."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with_code = st.toggle(_("This training as PyTorch code"), key="train_code")
        st.button(
            _("Continue training from these weights"), icon=":material/fast_forward:", key="train_on",
            on_click=wish_train_on, disabled=last_run() is None,
            help=_("The same network and images, with the settings set up now"),
        )  # fmt: skip
        with st.popover(_("Load a saved network"), icon=":material/upload:"):
            _load()
    if with_code:
        _show_code()


def _offer_pad() -> None:
    """A pad of this page's own: what is drawn is read by the network as it learns."""
    with st.popover(_("Draw for it"), icon=":material/draw:", on_change="rerun", key="train_draw") as paper:
        if not paper.open:
            return
        if _reads() != GREY:
            st.caption(_("This network's input is in colour or of another size: a drawing does not fit it."))
            return
        st.caption(_("The network classifies your drawing at every moment of its training."))
        mount_sketchpad(key=PAD, texts={"prompt": _("Draw here")})


def _reads() -> tuple[int, int, int]:
    """The shape of the pictures that the network reads: the one that was started, or the one that is set up."""
    run = find_run("run")
    return (run.job.blueprint if run else setup().blueprint).input_shape


def _show_code() -> None:
    run = last_run()
    try:
        if run is None:
            job = job_of(setup())
        else:
            run.refresh()
            job = as_it_went(run.job, run.history)
        first = _offer_first_weights(run) if run and run.began_with_weights else None
        code = training_code(job, load_images(job.data), first, threads_to_use())
        st.code(code, language="python", height=480, wrap_lines=True)
    except TROUBLES as error:
        show_error(error)


def _offer_first_weights(run: TrainingRunEntry) -> str:
    """The file that the code of a run reads which did not begin with random weights; its name."""
    start = run.moment(0).step
    name = file_name(run, start)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            _("The initial weights"), lambda: saved_network(run, start), name, "application/octet-stream",
            icon=":material/download:", on_click="ignore", key="train_first",
        )  # fmt: skip
        st.caption(
            _("This run continued from other weights: the code loads them from {name}.",
            name=escape_markdown(name)) if start == 0
            else _("The file does not hold the initial weights of its run: the code continues from those in it.")
        )  # fmt: skip
    return name


def _load() -> None:
    """A file that was saved here before becomes a run that can be looked at, and kept beside another."""
    file = st.file_uploader(
        _("A .safetensors file that was saved on this page"), type=["safetensors"], key="train_upload",
        max_upload_size=64,
    )  # fmt: skip
    if take_file(file, "train", _put_loaded, TROUBLES):  # else what is on the page stays there
        state().update(open=None, said="")
        st.rerun()


def _put_loaded(file: Any) -> None:
    with st.spinner(_("Loading the file")):
        found = loaded_network(file.getvalue(), own_uploads())
        put_run(found.job, found.title, found.history, began_with_weights=found.began_with_weights)


def follow_runs() -> None:
    """Take over what the browser says of the runs."""
    follow(held(TRAINER))


def show_runs(look_inside: Callable[[str, int | None, int], None] | None = None) -> None:
    """The runs, or what one will see.

    look_inside: called once for each press of "Look inside", with the run's token, the step that is shown and the
    number of the picture that is looked at; it may raise RunError. Without it there is no such button.
    """
    kept = state()
    packet = trainer_packet(
        _drawing(),
        **{name: kept[name] for name in (*NAMES, "stamp", "orders")}, url=address_of(TRAINING),
        language=current_language(), offers_inside=look_inside is not None, example=example(),
    )  # fmt: skip
    mount_trainer(packet, key=TRAINER, on_inside=partial(note_press, INSIDE))
    if look_inside is not None:
        answer_press(INSIDE, Answer(partial(_look, look_inside), (RunError,)))


def _look(look_inside: Callable[[str, int | None, int], None], wish: Any) -> None:
    """wish: what the browser said, unchecked."""
    if isinstance(wish, dict) and isinstance(wish.get("token"), str):
        look_inside(wish["token"], _whole(wish.get("at")), _whole(wish.get("index")) or 0)


def _whole(value: object) -> int | None:
    return value if is_whole(value, 0) else None


def _drawing() -> np.ndarray | None:
    """What the reader drew here, or left on the table of a page to draw on; None where there is nothing."""
    strokes = drawn(PAD)["strokes"]
    if any(not stroke.get("erases") for stroke in strokes):
        return prepare_sketch(Sketch.from_record({"strokes": strokes})).image
    run = find_run("run")
    reads_letters = run is not None and run.job.data.key in (SetKey.XO, SetKey.XO_GENERATED)
    table = (draw_state.LETTERS if reads_letters else draw_state.DIGITS).left()
    return table.prepared.image if table else None
