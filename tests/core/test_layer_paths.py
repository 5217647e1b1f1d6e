"""The names of layers as text in a link: whatever somebody has called a module, the same name comes back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.core.layer_paths import LONGEST_PATH, is_path, path_from_text, path_to_text

PATHS = st.text(min_size=1, max_size=LONGEST_PATH).filter(str.isprintable)


@given(PATHS)
def test_a_name_comes_back_from_its_text(path: str):
    text = path_to_text(path)
    assert path_from_text(text) == path
    assert re.fullmatch(r"[A-Za-z0-9._%-]+", text), "no sign that divides anything in a link"


@given(st.text(max_size=60))
def test_every_other_text_is_refused(text: str):
    try:
        path = path_from_text(text)
    except ValueError:
        return
    assert is_path(path)
    assert path_to_text(path) == text


@pytest.mark.parametrize("plain", ["conv1", "layer1.0.conv1", "conv_1-a"])
def test_a_plain_name_is_its_own_text(plain: str):
    """Links of old still lead where they led."""
    assert path_to_text(plain) == plain
