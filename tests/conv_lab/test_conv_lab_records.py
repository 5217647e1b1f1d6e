"""A setup as JSON, as a link, as PyTorch lines and as CSV: what comes back gives the same numbers; junk is refused."""

import base64
import csv
import io
import json
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wishing import wishes

from cnnviz.conv_lab.examples import EXAMPLES, find_example
from cnnviz.conv_lab.images import PICTURES, LabImage, LabImageError, find_image
from cnnviz.conv_lab.pytorch_code import setup_to_pytorch, to_csv
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import LabSetup, SettingsError, nearest_setup
from cnnviz.conv_lab.to_json import (
    LONGEST,
    image_to_json,
    setup_from_json,
    setup_from_link,
    setup_to_json,
    setup_to_link,
)

BENCH = [example for example in EXAMPLES if example.make is not None]


def same(one: LabSetup, other: LabSetup) -> bool:
    return setup_to_json(one) == setup_to_json(other) and np.array_equal(
        lab_result(one).output, lab_result(other).output
    )


@settings(max_examples=60, deadline=None)
@given(wishes())
def test_a_setup_comes_back_from_json_and_from_a_link(wish):
    setup, _sentences = nearest_setup(wish)
    assert same(nearest_setup(setup_from_json(json.loads(json.dumps(setup_to_json(setup)))))[0], setup)
    link = setup_to_link(setup)
    assert len(link) <= LONGEST
    assert same(nearest_setup(setup_from_link(link))[0], setup)


@pytest.mark.parametrize("example", BENCH, ids=lambda example: example.key)
def test_every_example_fits_into_a_link(example):
    assert same(nearest_setup(setup_from_link(setup_to_link(example.make())))[0], example.make())


def test_another_setting_is_another_link():
    one, other = find_example("cross-correlation").make(), find_example("true-convolution").make()
    assert setup_to_link(one) != setup_to_link(other)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.key)
def test_a_picture_of_ours_is_its_key_and_one_brought_along_its_numbers(picture: LabImage):
    assert image_to_json(picture) == {"key": picture.key}
    brought = LabImage("own", picture.values)
    back = setup_from_json({**setup_to_json(find_example("edge").make()), "picture": image_to_json(brought)}).picture
    np.testing.assert_array_equal(back.values, picture.values)


def test_a_photo_of_256_levels_travels_as_bytes():
    levels = np.arange(256, dtype=np.float32).reshape(1, 16, 16) / np.float32(255)
    assert "bytes" in image_to_json(LabImage("upload", levels))
    assert "floats" in image_to_json(LabImage("upload", levels + np.float32(1e-4)))


def test_a_picture_too_large_for_a_link_gives_none():
    noise = np.random.default_rng(0).random((3, 96, 96), dtype=np.float32)
    assert setup_to_link(LabSetup(picture=LabImage("own", noise), kernel=np.ones((1, 3, 1, 1)))) == ""


JUNK: list[dict[str, Any]] = [
    {"picture": None},
    {"picture": {"key": 3}},
    {"picture": {"key": "own"}},
    {"picture": {"key": "own", "shape": [1, 2, 2], "floats": "AAAA"}},
    {"kernel": None},
    {"kernel": {"shape": [1, 1, 1, 1], "floats": "§"}},
    {"kernel": {"shape": [9999, 9999, 9, 9], "floats": ""}},
    {"kernel": {"shape": [1], "floats": "AAAAAA=="}},
    {"kernel": {"shape": [1, 1, -1, 1], "floats": ""}},
    {"bias": "x"},
    {"bias": [True]},
    {"bias": [1e300]},
    {"stride": 3},
    {"stride": [1, 2.5]},
    {"stride": [1, 10**9]},
    {"padding": "valid"},
    {"mode": "mirror"},
    {"operation": 7},
    {"groups": "2"},
    {"on_top": True},
]


@pytest.mark.parametrize("change", JUNK)
def test_what_is_no_record_is_refused_in_one_sentence(change: dict[str, Any]):
    with pytest.raises((SettingsError, LabImageError), match=f"^{next(iter(change))} must (be|have) .+, got "):
        setup_from_json({**setup_to_json(find_example("edge").make()), **change})


@given(st.text(max_size=200))
def test_any_text_as_a_link_is_a_wish_or_nothing(text: str):
    assert setup_from_link(text) is None


def test_a_link_that_unpacks_without_end_is_nothing():
    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" * 4_000_000, 9)).decode().rstrip("=")
    assert setup_from_link(bomb) is None


def run_lines(code: str) -> np.ndarray:
    """What the lines give, run as they are."""
    space: dict[str, Any] = {}
    exec(compile(code, "example.py", "exec"), space)
    return space["y"][0].numpy()


@pytest.mark.parametrize("example", BENCH, ids=lambda example: example.key)
def test_the_lines_reproduce_the_example(example):
    setup = example.make()
    np.testing.assert_array_equal(run_lines(setup_to_pytorch(setup)), lab_result(setup).output)


@settings(max_examples=80, deadline=None)
@given(wishes())
def test_the_lines_reproduce_any_setup(wish):
    setup, _sentences = nearest_setup(wish)
    np.testing.assert_allclose(run_lines(setup_to_pytorch(setup)), lab_result(setup).output, atol=1e-5, rtol=1e-5)


def test_lines_without_the_stride_would_be_noticed():
    setup = find_example("size-rest").make()
    code = setup_to_pytorch(setup).replace("stride=3", "stride=2")
    assert run_lines(code).shape != lab_result(setup).output.shape


def test_the_lines_are_short_where_the_numbers_are_few():
    assert (
        setup_to_pytorch(find_example("cross-correlation").make()).splitlines()[-1]
        == "y = functional.conv2d(x, weight)"
    )
    assert "max_pool2d(x, 3, stride=2, padding=1)" in setup_to_pytorch(find_example("pooling-with-stride").make())


def test_the_csv_holds_every_number_exactly():
    output = lab_result(find_example("sixteen-kernels").make()).output
    rows = list(csv.reader(io.StringIO(to_csv(output))))
    assert rows[0] == ["channel", "row", "column", "value"]
    assert len(rows) == 1 + output.size
    for channel, row, col, value in rows[1::97]:
        assert np.float32(value) == output[int(channel), int(row), int(col)]


def test_an_unknown_picture_is_one_sentence():
    with pytest.raises(KeyError, match="picture must be one of face"):
        find_image("nothing")
