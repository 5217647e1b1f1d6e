"""A blueprint is a value: equal, hashable, plain JSON both ways, its text short, and junk refused in one sentence."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from parts_at_random import blueprints, parts

from cnnviz.models.builder import (
    LayerConfig,
    NetworkSpec,
    NetworkSpecError,
    adapt_to_data,
    inspect_spec,
    layers_to_text,
    preset,
    preset_keys,
)
from cnnviz.models.builder import layers_from_text as read
from cnnviz.models.builder.layer_config import FLATTEN, activation, conv, linear, pool
from cnnviz.models.builder.text_form import LONGEST

DIGITS = "0123456789"


@settings(max_examples=60, deadline=None)
@given(blueprints())
def test_a_blueprint_survives_json_and_text(blueprint: NetworkSpec):
    again = NetworkSpec.from_record(json.loads(json.dumps(blueprint.to_record())))
    assert again == blueprint
    assert hash(again) == hash(blueprint)
    text = layers_to_text(blueprint.parts)
    assert read(text) == blueprint.parts
    assert text.replace("-", "").replace("_", "").replace(".", "").isalnum()  # nothing that an address would escape


@given(parts(), parts())
def test_two_different_parts_have_two_different_texts(one: LayerConfig, other: LayerConfig):
    assert (layers_to_text((one,)) == layers_to_text((other,))) == (one == other)


def test_the_text_of_the_mnist_network_is_readable():
    text = "conv_16_k5_p2-relu-max_k2-conv_32_k5_p2-relu-max_k2-flatten-fc"
    assert layers_to_text(preset("mnist_b1").parts) == text
    assert read(text) == preset("mnist_b1").parts
    assert read(text.replace("k2-flatten", "k3-flatten")) != preset("mnist_b1").parts


@pytest.mark.parametrize("key", preset_keys())
def test_every_preset_fits_an_address(key: str):
    assert len(layers_to_text(preset(key).parts)) < 200


def test_names_are_unique_and_count_up():
    mixed = (conv(1), activation(), conv(1), FLATTEN, linear(3), linear())
    assert NetworkSpec("x", (1, 9, 9), ("a", "b"), mixed).names == ("conv1", "relu1", "conv2", "flatten", "fc1", "fc2")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "magic"}, "kind must be one of conv, activation"),
        ({"kind": "conv"}, "outputs must be a whole number from 1 to 512, got 0: choose one in between"),
        ({"kind": "conv", "outputs": 8, "kernel": 99}, "kernel must be a whole number from 1 to 31, got 99"),
        ({"kind": "conv", "outputs": 8, "kernel": True}, "kernel must be a whole number from 1 to 31, got True"),
        ({"kind": "conv", "outputs": 8.0}, r"outputs must be a whole number from 1 to 512, got 8\.0"),
        ({"kind": "conv", "outputs": 8, "share": 0.5}, "conv must have no share, got 0.5: leave it out"),
        ({"kind": "dropout", "share": 1}, "probability of a dropout must be at least 0 and below 1, got 1"),
        ({"kind": "dropout", "share": float("nan")}, "probability of a dropout must be .* got nan"),
        ({"kind": "activation", "function": "swish"}, "function must be one of relu, tanh.* got 'swish'"),
        ({"kind": "pool", "pooling": ["max"]}, "pooling must be one of max, average, got "),
        ({"kind": "residual", "is_normalised": 1}, "is_normalised must be true or false, got 1"),
        ("conv", "part must be an object with a kind, got str"),
    ],
)
def test_an_impossible_part_is_refused_in_one_sentence(fields: object, says: str):
    with pytest.raises(NetworkSpecError, match=says):
        LayerConfig.from_record(fields)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"input_shape": [1, 28]}, "input_shape must be channels"),
        ({"input_shape": [1, 28, 10**9]}, "input_shape must be .* got "),
        ({"input_shape": [1, 28, "28"]}, "input_shape must be"),
        ({"classes": []}, "classes must be 1 to 100, got 0"),
        ({"classes": [None]}, "class must be a word"),
        ({"title": "x" * 81}, "title must be a word of 1 to 80 characters"),
        ({"parts": [{"kind": "flatten"}] * 41}, "parts must be at most 40, got 41: remove some"),
        ({"parts": {"0": "conv"}}, "parts must be a list, got dict"),
    ],
)
def test_an_impossible_blueprint_is_refused_in_one_sentence(change: dict, says: str):
    with pytest.raises(NetworkSpecError, match=says):
        NetworkSpec.from_record(preset("xo_small").to_record() | change)


@pytest.mark.parametrize(
    "text",
    [
        "conv",
        "conv_x",
        "conv_16_k",
        "relu_5",
        "fc_٣",
        "drop_d1e99",
        "drop_dx",
        "conv_16_k5_k",
        "a" * 2000,
        "-",
        "max_k0",
    ],
)
def test_a_text_that_nobody_wrote_is_refused(text: str):
    with pytest.raises(NetworkSpecError):
        read(text)


def test_a_text_is_bounded():
    with pytest.raises(NetworkSpecError, match=f"at most {LONGEST:} characters and 40 parts"):
        read("-".join(["relu"] * 41))


def test_a_frozen_part_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        preset("xo_small").parts[0].kernel = 3  # type: ignore[misc]


@pytest.mark.parametrize("key", [key for key in preset_keys() if key != "xor"])
@pytest.mark.parametrize(
    ("shape", "classes"), [((3, 32, 32), ("a", "b")), ((1, 28, 28), DIGITS), ((1, 64, 48), DIGITS)]
)
def test_every_preset_can_be_fitted_to_other_pictures(key: str, shape: tuple[int, int, int], classes: str):
    fitted = inspect_spec(adapt_to_data(preset(key), shape, tuple(classes)))
    assert fitted.problem is None
    assert fitted.rows[-1].output_shape == (len(classes),)


def test_fitting_takes_back_numbers_that_were_typed_for_other_pictures():
    typed = NetworkSpec("x", (1, 8, 8), ("a", "b"), (conv(4, inputs=1), pool(), FLATTEN, linear(2, inputs=36)))
    assert inspect_spec(typed).problem is None
    assert inspect_spec(adapt_to_data(typed, (3, 8, 8), ("a", "b", "c"))).problem is None
    assert adapt_to_data(typed, typed.input_shape, typed.classes) == typed
    plain = dataclasses.replace(typed, input_shape=(3, 8, 8))  # the negative twin: without fitting it does not go
    assert inspect_spec(plain).problem is not None
