"""Pictures that a run of a page paints, in the page itself.

Streamlit gives a picture an address of its own and forgets it at the next run: a browser that asks for it a moment
later gets nothing, and shows a broken picture. It makes a JPEG of most, too, whose colours are not quite those painted.
"""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
import streamlit as st
from PIL import Image

from cnnviz.figures.image_strips import png_data_url


def show_pixels(
    pixels: np.ndarray, words: str, *, width: int | Literal["content"] = "content", caption: str | None = None
) -> None:
    """Show `pixels`, (rows, cols) or (rows, cols, 3) bytes, as they are; `words` say what is seen."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    st.image(png_data_url(file.getvalue()), caption=caption, width=width, alt=words)
