"""An image that stands in the page itself.

Streamlit serves an `st.image` as a file of its own and drops the file once a later run shows another image: on a slow
or busy connection the browser asks too late and gets a 404 in its place. An address with all bytes in it cannot be
late.
"""

from __future__ import annotations

import io
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from cnnviz.figures.image_strips import png_data_url


def show_page_image(picture: np.ndarray | bytes, words: str, width: int, caption: str = "") -> None:
    """A PNG, or pixels as bytes (rows, cols) or (rows, cols, 3), at most so many pixels wide.

    words: what is said where it is not seen. caption: what stands below it.
    """
    png = picture if isinstance(picture, bytes) else png_of(picture)
    st.html(image_html(png, words, width, caption), width=width)


def image_html(png: bytes, words: str, width: int, caption: str = "") -> str:
    """The image as HTML; each of its pixels stays a square.

    >>> from cnnviz.ui.app.page_images import image_html
    >>> image_html(b"", "<3", 90)
    '<img src="data:image/png;base64," alt="&lt;3" style="width: 90px; max-width: 100%; image-rendering: pixelated">'
    """
    style = f"width: {width}px; max-width: 100%; image-rendering: pixelated"
    image = f'<img src="{png_data_url(png)}" alt="{escape(words)}" style="{style}">'
    if not caption:
        return image
    below = f'<figcaption style="font-size: .875rem; opacity: .8">{escape(caption)}</figcaption>'
    return f'<figure style="margin: 0; max-width: {width}px">{image}{below}</figure>'


def png_of(pixels: np.ndarray) -> bytes:
    """Bytes (rows, cols) or (rows, cols, 3) as a PNG.

    >>> import numpy as np
    >>> from cnnviz.ui.app.page_images import png_of
    >>> png_of(np.zeros((2, 2), np.uint8))[:4]
    b'\\x89PNG'
    """
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
