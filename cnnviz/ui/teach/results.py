"""What a network of the reader's own can do: its scores, its kernels before and after, and what it misreads.

Refuses to know: how it was made (`own_network`).
"""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from cnnviz.data.xo_drawings import CLASSES
from cnnviz.figures.image_strips import image_strip, png_data_url
from cnnviz.figures.loss_curves import learning_curves
from cnnviz.figures.map_images import map_image
from cnnviz.figures.theme import Palette, format_percent
from cnnviz.i18n import _
from cnnviz.training.own_xo import OwnXoScore
from cnnviz.ui.app.plain_text import escape_markdown
from cnnviz.ui.app.style import current_palette
from cnnviz.ui.teach import own_network as own

MOST_FAILURES, LARGER = 24, 3


def as_image(png: bytes, words: str, height: int | None = None) -> str:
    """A PNG as HTML: part of the page itself, so that it never lags behind."""
    size = f"height: {height}px; " if height else ""
    style = f"{size}max-width: 100%; image-rendering: pixelated; display: block; border-radius: 4px"
    return f'<img alt="{escape(words)}" src="{png_data_url(png)}" style="{style}">'


def show_results() -> None:
    """What the network can do now, what its kernels were and are, and what it gets wrong."""
    network = own.network()
    if network is None:
        st.caption(_("Nothing has been trained yet."))
        return
    st.caption(
        _("Draw something on the pad at the top: your network's prediction appears right below it. What it can do:")
    )
    _show_scores()
    left, right = st.columns(2, gap="large")
    with left:
        before, after = own.network_before(), network.weights["conv1.weight"]
        if before is None:
            show_kernels(_("The kernels of conv1"), after, current_palette())
        else:
            first = before.weights["conv1.weight"]
            reach = float(max(np.abs(first).max(), np.abs(after).max()))
            show_kernels(_("The kernels of conv1 before the first step"), first, current_palette(), reach)
            show_kernels(_("The same kernels now, in the same colours"), after, current_palette(), reach)
        st.caption(_("Each is a small pattern of weights: where green, ink counts for it; where purple, against it."))
    with right:
        _show_course()
    _show_failures()


def _show_course() -> None:
    curves = own.state()["curves"]
    if curves:
        learned, held_out, length = curves
        st.caption(_("How it learned"))
        st.plotly_chart(learning_curves(learned, held_out, length, current_palette()), key="own_course")


def _show_scores() -> None:
    judged, others = own.held_out_score(), own.unseen_writers_score()
    assert others is not None
    with st.container(horizontal=True):
        if judged is not None:
            _metric(_("Your drawings that were held out"), judged[0])
        _metric(_("Never seen: {title}", title=others[1].title), others[0])
    if judged is None:
        st.caption(_("This network came from the file {name}; its training drawings are not in it.",
                     name=escape_markdown(own.state()["name"])))  # fmt: skip
    elif judged[0].n < 10:
        st.caption(_("With so few held out, one drawing more or less makes a large difference."))


def _metric(name: str, found: OwnXoScore) -> None:
    text, share = _("{right} of {n}", right=found.right, n=found.n), format_percent(found.right / found.n)
    st.metric(name, text, share, delta_color="off", delta_arrow="off", border=True, width=360)


def show_kernels(title: str, kernels: np.ndarray, colours: Palette, reach: float | None = None) -> None:
    """The kernels (n, 1, rows, cols) side by side on one scale from −`reach` (their own largest) to +`reach`."""
    reach = reach or float(np.abs(kernels).max())
    tiles = np.stack([map_image(kernel[0], colours.weights, -reach, reach)[::4, ::4] for kernel in kernels])
    st.caption(title)
    st.html(as_image(image_strip(tiles.transpose(0, 3, 1, 2)), title, height=80))


def _show_failures() -> None:
    """Held-out drawings that are misread, then those of strangers, as pictures."""
    judged, others = own.held_out_score(), own.unseen_writers_score()
    assert others is not None
    if judged is not None:
        found, lesson = judged
        away = lesson.parts()[1]
        _pictures(
            _("Your held-out drawings that it misclassifies"), lesson.images()[away], lesson.labels()[away], found
        )
    _pictures(_("Others’ drawings that it misclassifies"), others[1].shown.images, others[1].shown.labels, others[0])


def _pictures(title: str, images: np.ndarray, labels: np.ndarray, found: OwnXoScore) -> None:
    st.caption(f"{title}: {len(found.failures) or _('none')}")
    parts = []
    for at, read, share in found.failures[:MOST_FAILURES]:
        words = _(
            "{drawn}, classified as {read}, {share}",
            drawn=CLASSES[labels[at]],
            read=read,
            share=format_percent(share, 0),
        )
        picture = image_strip(np.kron(images[at], np.ones((LARGER, LARGER), np.uint8))[np.newaxis, np.newaxis])
        caption = f'<figcaption style="font-size: 0.8rem">{escape(words)}</figcaption>'
        parts.append(f'<figure style="margin: 0; width: 104px">{as_image(picture, words)}{caption}</figure>')
    if parts:
        st.html(f'<div style="display: flex; flex-wrap: wrap; gap: 12px">{"".join(parts)}</div>')
