"""The short way of a shifted picture: maps are PyTorch's, the verdict counts what differs, junk is one sentence."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from cnnviz.conv_lab.images import find_image
from cnnviz.core.kernels import find_preset
from cnnviz.ui.app import route_paths
from cnnviz.ui.app.routes import answer_to
from cnnviz.ui.lab.shift_demo import START, _is_kept, from_link

PLAIN = {"picture": {"key": "bars"}, "kernel": "vertical", "right": 3, "down": -2, "wraps": False}


def asked(**change: Any) -> dict[str, Any]:
    packet = answer_to(route_paths.LABORATORY, json.dumps({"shift": PLAIN | change}).encode())
    length = int.from_bytes(packet[:4], "little")
    header, body = json.loads(packet[4 : 4 + length]), packet[4 + length :]
    for name in ("picture", "before", "after", "differs"):
        field = header[name]
        kind = np.uint8 if field.get("bytes") else np.dtype("<f4")
        header[name] = np.frombuffer(body, kind, int(np.prod(field["shape"])), field["at"]).reshape(field["shape"])
    return header


def convolved(values: np.ndarray, kernel: str) -> np.ndarray:
    weight = torch.tensor(find_preset(kernel).fitted(3, 3))[None, None]
    return functional.conv2d(torch.tensor(values)[None], weight, padding=1)[0].numpy()


def moved(values: np.ndarray, right: int, down: int) -> np.ndarray:
    """A loop: each cell where the hand took it, nothing where nothing came in."""
    made = np.zeros_like(values)
    for row, col in np.ndindex(*values.shape[1:]):
        if 0 <= row + down < values.shape[1] and 0 <= col + right < values.shape[2]:
            made[0, row + down, col + right] = values[0, row, col]
    return made


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, -2), (-8, 8)])
def test_the_map_of_a_shifted_picture_is_pytorchs(right: int, down: int):
    header, picture = asked(right=right, down=down), find_image("bars").values
    np.testing.assert_array_equal(header["picture"], picture)
    np.testing.assert_allclose(header["before"], convolved(picture, "vertical"), atol=1e-6)
    np.testing.assert_allclose(header["after"], convolved(moved(picture, right, down), "vertical"), atol=1e-6)
    if right:
        assert np.abs(header["after"] - convolved(moved(picture, -right, down), "vertical")).max() > 0.5


def test_the_verdict_counts_the_cells_that_differ():
    header = asked()
    picture = find_image("bars").values
    expected = np.abs(moved(header["before"], 3, -2) - convolved(moved(picture, 3, -2), "vertical"))[0] > 1e-4
    np.testing.assert_array_equal(header["differs"], expected)
    assert header["verdict"].startswith(f"{expected.sum()} of 1024 cells differ, 0 of them away from the border")
    assert not header["is_same"]
    assert asked(wraps=True)["is_same"]
    assert "That is equivariance" in asked(wraps=True)["verdict"]


def test_what_pooling_forgives_is_shown_as_it_is():
    rows = asked(picture={"key": "face"}, right=1, down=0)["pooled"]
    assert [row["label"] for row in rows] == ["without pooling", "after max pooling 2×2", "after max pooling 4×4"]
    assert rows[0]["share"] > rows[1]["share"] > rows[2]["share"] > 0
    assert rows[0]["text"] == f"{100 * rows[0]['share']:.1f} %"


def test_the_parameters_are_those_of_the_formula():
    for row in asked()["counts"]:
        said = row["formula"].replace("·", "*").replace(",", "")
        assert f"{eval(said):,}" == row["text"]
    assert [row["text"] for row in asked()["counts"]] == ["160", f"{16 * 1024 * 1025:,}"]


@pytest.mark.parametrize(
    "change",
    [{"right": 9}, {"down": -9}, {"right": 1.5}, {"right": True}, {"right": None}, {"kernel": "zzz"}, {"kernel": 3},
     {"picture": {"key": "landscape"}}, {"picture": {"key": "zzz"}}, {"picture": None}, {"right": 10**30}],
)  # fmt: skip
def test_a_shift_that_is_none_is_refused_in_one_sentence(change: dict[str, Any]):
    (what,) = change
    with pytest.raises(ValueError, match=f"^{'shift' if what in ('right', 'down') else what} must (be|have) .+, got "):
        asked(**change)


def test_what_is_no_record_is_refused():
    with pytest.raises(ValueError, match="shift must be a record"):
        answer_to(route_paths.LABORATORY, b'{"shift": 3}')


@pytest.mark.parametrize(
    "record",
    [None, 3, {}, START | {"picture": "zzz"}, START | {"kernel": "zzz"}, START | {"right": 9}, START | {"right": True},
     START | {"wraps": 1}],
)  # fmt: skip
def test_only_what_the_component_says_is_kept(record: Any):
    assert _is_kept(START)
    assert not _is_kept(record)


@pytest.mark.parametrize(
    ("link", "record"),
    [
        ("face.sobel-horizontal.-3.2", ("face", "sobel-horizontal", -3, 2, False)),
        ("drawing.vertical.8.-8.wraps", ("drawing", "vertical", 8, -8, True)),
    ],
)
def test_a_link_brings_picture_kernel_and_shift(link: str, record: tuple[Any, ...]):
    assert from_link(link) == dict(zip(START, record, strict=True))


@pytest.mark.parametrize(
    "link",
    ["", "face", "face.sobel.3", "face.sobel.9.0", "face.nothing.1.1", "own.sobel.1.1", "face.sobel.1.1.",
     "face.sobel.١.1",
     "face.sobel.1.1.wraps.wraps", "face.sobel.1.1\n", "face/../x.sobel.1.1"],
)  # fmt: skip
def test_a_link_that_is_none_is_the_start(link: str):
    assert from_link(link) == {}
