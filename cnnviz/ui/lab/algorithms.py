"""Three ways to compute what lies on the bench, with equal results, and how long each takes on this machine."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnnviz.conv_lab.algorithms import SIDE, Algorithm, AlgorithmError, Timing, convolve, measure_timings
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import LabSetup
from cnnviz.figures.conv_lab import time_plot
from cnnviz.figures.map_images import map_image
from cnnviz.i18n import _
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.caches import configure_threads
from cnnviz.ui.app.page_images import show_page_image
from cnnviz.ui.app.plain_text import show_warning
from cnnviz.ui.app.style import current_palette, section
from cnnviz.ui.lab import lab_state

TIMES = "laboratory_times"


def show_algorithms() -> None:
    """The part of the page: three equal results, and the times."""
    on_bench = lab_state.setup()
    try:
        _results(on_bench)
    except AlgorithmError as error:
        show_warning(error)
    section(_("How long does each take as the kernel grows?"))
    st.caption(
        _("One image of {side}×{side}, one kernel, measured now on this machine. Sliding window and matrix "
          "product take one multiplication per weight for each cell of the result; the Fourier transform costs "
          "the same for every kernel size.", side=SIDE)
    )  # fmt: skip
    press_button(_("Measure again"), _measure, key="ways_again")
    if TIMES not in st.session_state:
        _measure()
    times = [Timing(Algorithm(way), size, milliseconds, 1) for way, size, milliseconds in st.session_state[TIMES]]
    palette = current_palette()
    lines = {algorithm_name(way): [(t.size, t.milliseconds) for t in times if t.way is way] for way in Algorithm}
    st.plotly_chart(time_plot(lines, palette), key="ways_times")
    st.caption(_fastest(times))


def _measure() -> None:
    configure_threads()
    with st.spinner(_("Measuring for a second or two …")):
        st.session_state[TIMES] = [(t.way.value, t.size, t.milliseconds) for t in measure_timings()]


def algorithm_name(way: Algorithm) -> str:
    """How a way is called."""
    return {
        Algorithm.SLIDING: _("sliding window"),
        Algorithm.MATRIX: _("one matrix product (im2col)"),
        Algorithm.FOURIER: _("Fourier transform"),
    }[way]


def _explanation(way: Algorithm) -> str:
    return {
        Algorithm.SLIDING: _(
            "Weight by weight: the image shifted by the weight's position, times the weight, all added up."
        ),
        Algorithm.MATRIX: _("Every window becomes a column, every kernel a row: one product of two matrices."),
        Algorithm.FOURIER: _("The spectra of image and kernel are multiplied, number by number, and transformed back."),
    }[way]


def _results(on_bench: LabSetup) -> None:
    """The three results side by side, each with its largest difference from PyTorch's own convolution."""
    expected = lab_result(on_bench).output
    reach = float(np.abs(expected).max()) or 1.0
    palette = current_palette()
    for column, way in zip(st.columns(3, gap="large"), Algorithm, strict=True):
        output = convolve(on_bench, way)
        with column:
            st.markdown(f"**{algorithm_name(way)}**")
            show_page_image(map_image(output[0], palette.activations, -reach, reach), algorithm_name(way), 260)
            difference = float(np.abs(output - expected).max())
            said = "0" if difference == 0 else f"{difference:.0e}"
            st.markdown(_("Largest difference from PyTorch: {difference}", difference=said))
            st.caption(_explanation(way))


def _fastest(times: list[Timing]) -> str:
    """Which way was fastest for which sizes."""
    sizes = sorted({time.size for time in times})
    best = {size: min((t for t in times if t.size == size), key=lambda t: t.milliseconds).way for size in sizes}
    parts = [
        _(
            "{way}: {sizes}",
            way=algorithm_name(way),
            sizes=", ".join(f"{size}×{size}" for size in sizes if best[size] is way),
        )
        for way in Algorithm
        if way in best.values()
    ]
    return _("Fastest here: {parts}.", parts="; ".join(parts))
