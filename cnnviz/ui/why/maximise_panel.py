"""The lower part of "What does a unit look for?": the image that maximises a unit, made before one's eyes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import numpy as np
import streamlit as st

from cnnviz.attribution.maximise import Climb, Start, start_image
from cnnviz.attribution.strongest import middle_unit, strongest_unit
from cnnviz.core.receptive_field import Box, receptive_field
from cnnviz.core.units import UnitRef
from cnnviz.figures.climbs import climb_chart
from cnnviz.figures.patch_images import outlined_image
from cnnviz.figures.theme import format_percent, value_text
from cnnviz.i18n import _
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.caches import TrainedNetwork
from cnnviz.ui.app.page_images import show_page_image
from cnnviz.ui.app.plain_text import escape_markdown, show_warning
from cnnviz.ui.app.style import current_palette
from cnnviz.ui.mount.attribution import mount_attribution
from cnnviz.ui.why.panel_choices import PanelChoices
from cnnviz.ui.why.unit_answers import ClimbRecord, climb_record, probabilities_of
from cnnviz.web.attribution import NumberPicture, pictures_packet

INKS = (0.01, 0.02, 0.05, 0.08, 0.1, 0.13, 0.16, 0.2, 0.3, 0.5, 1.0)  # mean values of an image; 1 is no limit
BLURS = (0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)  # pixels
MOST_JITTER, MOST_SEED = 4, 9_999
SECONDS = 0.1  # between two pictures of a climb that goes on
SLICE = 0.15  # seconds for which it climbs on before the next one
SIDE = 280  # pixels of that picture


@dataclass(frozen=True)
class AskedUnit:
    """A map of a layer, or a class; `name` is how it is spoken of."""

    layer: str
    channel: int
    name: str
    is_class: bool


def show_maximised(
    chosen: TrainedNetwork, asked: AskedUnit, image: np.ndarray, strongest: np.ndarray, best: tuple[float, str],
    lay: Callable[[np.ndarray], None], choices: PanelChoices, *, key: str,
) -> None:  # fmt: skip
    """The choices, a button that begins, and what came of it.

    `image`: what lies on the table. `strongest`: the real image that excites the unit most, `best` its value and among
    how many of what. `lay` puts an image on the table.
    """
    st.markdown(_("**The image that maximises {name}**", name=escape_markdown(asked.name)) + " · " + _hint(asked))
    start, climb = _choose(asked, choices, key)
    given = {Start.OWN: image, Start.STRONGEST: strongest}.get(start)
    unit = _unit(chosen, asked, given)
    seen = receptive_field(chosen.graph, unit)
    first = start_image(start, chosen.recipe.input_shape, climb.seed, given, seen.exact)
    task = Task(chosen, asked, unit, first, climb, seen.reach, best, lay, key)
    st.fragment(_show_task, run_every=SECONDS if task.goes_on else None)(task)


@dataclass(frozen=True, eq=False)
class Task:
    """One climb on the page: from `first`, of `unit`, whose receptive field is in `box`."""

    chosen: TrainedNetwork
    asked: AskedUnit
    unit: UnitRef
    first: np.ndarray
    climb: Climb
    box: Box | None
    best: tuple[float, str]
    lay: Callable[[np.ndarray], None]
    key: str

    @property
    def record(self) -> ClimbRecord:
        """As far as it came."""
        return climb_record(self.chosen, self.unit, self.first, self.climb)

    @property
    def goes_on(self) -> bool:
        """Whether this very climb was begun and not stopped; whoever asks for another one stops it."""
        return bool(st.session_state.get(f"{self.key}_climbs") == self._mark)

    def turn(self, goes_on: bool) -> None:
        """Begin or stop it."""
        st.session_state[f"{self.key}_climbs"] = self._mark if goes_on else None

    @property
    def _mark(self) -> str:
        return f"{self.unit} {self.climb} {blake2b(self.first.tobytes(), digest_size=8).hexdigest()}"


def _show_task(task: Task) -> None:
    """The climb while it goes on, some steps further each time; else what came of it."""
    record = task.record
    if task.goes_on:
        record.advance(SLICE)
        if record.is_whole:
            task.turn(goes_on=False)
            st.rerun()
    word, icon = (_("Stop"), "stop") if task.goes_on else (_("Maximise"), "landscape")
    press_button(
        word, partial(task.turn, not task.goes_on), then=st.rerun, key=f"{task.key}_{icon}", type="primary",
        icon=f":material/{icon}:",
    )  # fmt: skip
    if task.goes_on:
        _show_step(record, task.box)
    elif record.last is not None:
        _show_record(task, record)


def _unit(chosen: TrainedNetwork, asked: AskedUnit, given: np.ndarray | None) -> UnitRef:
    """The one in the middle of the map; where an image is given, the one that it excites most: others may be stuck."""
    if given is None:
        return middle_unit(chosen.graph, asked.layer, asked.channel)
    return strongest_unit(chosen.graph, asked.layer, asked.channel, given)


def _hint(asked: AskedUnit) -> str:
    if asked.is_class:
        return _(
            "Without a limit, an image that looks like noise gets nearly all of the probability: the network is sure "
            "of what it never saw. Raise the probability with little ink, smooth and with jitter, and strokes of some "
            "classes appear."
        )
    return _(
        "Every pixel follows the gradient of one unit, from 0 to 1: the unit in the middle of the map or, from an "
        "image that is given, the one that it excites most."
    )


def _choose(asked: AskedUnit, choices: PanelChoices, key: str) -> tuple[Start, Climb]:
    starts = {
        Start.NOISE: _("noise"), Start.GREY: _("even grey"), Start.OWN: _("what lies on the table"),
        Start.STRONGEST: _("the strongest real image"),
    }  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        start = choices.choose(
            st.selectbox,
            _("Start from"),
            list(Start),
            Start.NOISE,
            "unit_start",
            f"{key}_start",
            width=210,
            format_func=starts.__getitem__,
        )
        raises = asked.is_class and choices.choose(
            st.selectbox,
            _("Raise"),
            [False, True],
            False,
            "unit_raises",
            f"{key}_raises",
            width=150,
            format_func=lambda is_it: _("the probability") if is_it else _("the score"),
        )
        ink = choices.choose(
            st.select_slider,
            _("Ink at most"),
            INKS,
            1.0,
            "unit_ink",
            f"{key}_ink",
            width=170,
            format_func=lambda share: _("no limit") if share == 1 else format_percent(share, 0),
            help=_("The mean of all pixels, 0 to 1. That of MNIST's digits is 13 %."),
        )
        blur = choices.choose(
            st.select_slider,
            _("Smooth (pixels)"),
            BLURS,
            0.0,
            "unit_blur",
            f"{key}_blur",
            width=150,
            help=_("Standard deviation of the Gaussian that blurs every image before the network gets it."),
        )
        jitter = choices.slider(
            _("Jitter (pixels)"),
            0,
            MOST_JITTER,
            0,
            "unit_jitter",
            f"{key}_jitter",
            width=130,
            help=_("Before each step the image is moved at random by so many pixels at most."),
        )
        seed = choices.number_input(
            _("Seed"),
            0,
            MOST_SEED,
            0,
            "unit_seed",
            f"{key}_seed",
            width=110,
            help=_("Decides noise and jitter: the same seed gives the same image."),
        )
    return start, Climb(ink=ink, blur=blur, jitter=jitter, seed=seed, raises_probability=raises)


def _show_step(record: ClimbRecord, box: Box | None) -> None:
    assert record.last is not None
    words = _("step {step} of {steps}: {value}", step=record.last.step, steps=record.climb.steps,
              value=value_text(record.last.value))  # fmt: skip
    show_page_image(outlined_image(record.last.image, box), words, SIDE)
    st.caption(words)


def _show_record(task: Task, record: ClimbRecord) -> None:
    steps = sorted(record.images)
    step = steps[0]
    left, right = st.columns([1, 1.6], gap="large")
    with right:
        if len(steps) > 1:
            name = f"{task.key}_step_{task.unit}_{record.climb}_{steps[-1]}"
            step = st.select_slider(_("Step"), steps, steps[-1], key=name)
        palette = current_palette()
        chart = climb_chart(np.array(record.values), step, task.best[0], palette)
        st.plotly_chart(chart, key=f"{task.key}_climb", config={"displayModeBar": False})
        _say_end(record)
    image = record.images[step]
    with left:
        _show_image(image, task.key)
        st.markdown(_value_in_words(task, image, record.values[step]))
        st.button(
            _("Look inside"), icon=":material/input:", key=f"{task.key}_lay", on_click=_lay, args=(task.lay, image)
        )


def _lay(lay: Callable[[np.ndarray], None], image: np.ndarray) -> None:
    """On the table, and the page shows it: the button stands in a part of the page that runs by itself."""
    lay(image)
    st.rerun()


def _show_image(image: np.ndarray, key: str) -> None:
    if len(image) == 3:
        show_page_image(outlined_image(image), _("the image"), SIDE)
        return
    picture = NumberPicture("maximised", image.mean(axis=0), _("the image"), _("image"), span=(0.0, 1.0))
    mount_attribution(pictures_packet([picture]), key=f"{key}_image")


def _value_in_words(task: Task, image: np.ndarray, value: float) -> str:
    best, images = task.best
    said = _("Its value here: **{value}**; in the best of {images}: {best}.", value=value_text(value),
             best=value_text(best), images=images)  # fmt: skip
    if not task.asked.is_class:
        return said
    probability = float(probabilities_of(task.chosen, image)[task.asked.channel])
    return said + " " + _("Probability of {name}: **{probability}**.", probability=format_percent(probability),
                          name=escape_markdown(task.chosen.recipe.classes[task.asked.channel]))  # fmt: skip


def _say_end(record: ClimbRecord) -> None:
    """Why it ended, where that is not the last step."""
    assert record.last is not None
    if record.last.is_stuck:
        show_warning(
            _("Stuck at step {step}: the gradient is 0, no pixel changes the unit from here. Start from noise with "
              "another seed, or from the strongest real image.", step=record.last.step)
        )  # fmt: skip
    elif record.last.is_top:
        st.caption(_("It ended at step {step}: no step that is allowed leads further up.", step=record.last.step))
    elif not record.is_whole:
        st.caption(_("Stopped at step {step} of {steps}.", step=record.last.step, steps=record.climb.steps))
