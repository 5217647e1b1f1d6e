"""Images that stand in the page itself: the bytes that were given; and no page sends a file that may be gone."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz.ui.app.page_images import image_html, png_of

ROOT = Path(__file__).parents[2]
AS_A_FILE = re.compile(r"\bst\.(image|logo|audio|video|pdf)\(")


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 3)])
def test_the_address_of_an_image_holds_its_very_pixels(shape: tuple[int, ...]):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = re.search(r'src="data:image/png;base64,([^"]+)"', image_html(png_of(pixels), "an image", 90))
    assert found
    assert (np.array(Image.open(io.BytesIO(base64.b64decode(found[1])))) == pixels).all()


def test_words_are_words_and_no_markup():
    html = image_html(b"", '"><b>', 90, "<i>below</i>")
    assert 'alt="&quot;&gt;&lt;b&gt;"' in html
    assert "<i>" not in html
    assert "&lt;i&gt;below" in html


def sent_as_files(source: str) -> list[str]:
    return AS_A_FILE.findall(source)


def test_no_page_sends_an_image_as_a_file_of_its_own():
    modules = [*(ROOT / "cnnviz").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    found = {str(path.relative_to(ROOT)): sent_as_files(path.read_text(encoding="utf-8")) for path in modules}
    assert {name: names for name, names in found.items() if names and "page_images" not in name} == {}


def test_one_that_does_is_found():
    assert sent_as_files("st.image(pixels, width=90)") == ["image"]
