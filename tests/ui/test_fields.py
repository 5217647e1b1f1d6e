"""What a cell sees, as the browser gets it: PyTorch's gradient has the same support, the boxes enclose it."""

import base64
import json
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.ui.app import route_paths, routes

IMAGE = preprocess(find_sample("five").sketch).image


def question(**rest: Any) -> bytes:
    image = base64.b64encode(IMAGE.astype("<f4").tobytes()).decode()
    return json.dumps({"image": image, "layer": "conv2", "channel": 3, "row": 0, "col": 13} | rest).encode()


def opened(packet: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(packet[:4], "little")
    return json.loads(packet[4 : 4 + length]), packet[4 + length :]


def strength(packet: bytes, place: int = 0) -> np.ndarray:
    header, body = opened(packet)
    return np.frombuffer(body, "<f4", 784, header["strengths"][place]["weights"]["at"]).reshape(28, 28)


def pixels(packet: bytes, place: int = 0) -> np.ndarray:
    header, body = opened(packet)
    exact = header["maps"][place]["exact"]
    return np.frombuffer(body, np.uint8, int(np.prod(exact["shape"])), exact["at"]).reshape(exact["shape"])


def gradient(image: np.ndarray, layers: int, unit: tuple[int, int, int]) -> np.ndarray:
    model, _manifest = checkpoints.load("mnist")
    given = torch.tensor(image[None], requires_grad=True)
    (found,) = torch.autograd.grad(model[:layers](given)[(0, *unit)], given)
    return found[0, 0].abs().numpy()


def test_strengths_are_pytorchs_gradient():
    wanted = gradient(IMAGE, 4, (3, 0, 13))
    np.testing.assert_allclose(
        strength(routes.answer_to(route_paths.FIELD, question())), wanted / wanted.sum(), atol=1e-6
    )
    other = gradient(IMAGE, 4, (3, 1, 13))
    assert np.abs(strength(routes.answer_to(route_paths.FIELD, question())) - other / other.sum()).max() > 1e-3


def test_every_pixel_with_a_gradient_is_one_that_is_read():
    packet = routes.answer_to(route_paths.FIELD, question(row=5, col=6))
    assert (pixels(packet) > 0)[gradient(IMAGE, 4, (3, 5, 6)) > 0].all()
    assert pixels(packet).sum() == 14 * 14  # 5 + 1 + 4 · 2, the window of conv2 through pool1 and conv1


def test_every_layer_before_is_there():
    header, _body = opened(routes.answer_to(route_paths.FIELD, question()))
    assert [one["layer"] for one in header["maps"]][1:] == ["pool1", "relu1", "conv1"]
    assert header["maps"][0]["reach"] == {"row": -6, "col": 20, "rows": 14, "cols": 14}


def test_a_score_and_a_probability_see_the_whole_image():
    for layer in ("fc", "softmax"):
        header, _body = opened(routes.answer_to(route_paths.FIELD, question(layer=layer, channel=5, row=0, col=0)))
        assert header["status"] == "whole image"


@pytest.mark.parametrize("wrong", [{"layer": "conv9"}, {"channel": 99}, {"row": 14}, {"layer": "input"}])
def test_a_unit_that_there_is_not_is_one_sentence(wrong: dict[str, Any]):
    header, _body = opened(routes.answer_to(route_paths.FIELD, question(**wrong)))
    assert header["problem"]
    assert "\n" not in header["problem"]


@pytest.mark.parametrize("wrong", [{"image": "no"}, {"image": 7}, {"layer": 3}, {"row": "1"}, {"col": True}])
def test_a_question_that_is_none_is_refused_with_the_rule(wrong: dict[str, Any]):
    with pytest.raises(ValueError, match="must be"):
        routes.answer_to(route_paths.FIELD, question(**wrong))
