"""The PyTorch lines run as they are, and make the same network: names, numbers, outputs."""

import copy

import pytest
import torch
from hypothesis import given, settings
from parts_at_random import nearly_sound
from torch import nn

from cnnviz.models.builder import (
    Activation,
    CodeForm,
    NetworkSpec,
    NetworkSpecError,
    build_module,
    inspect_spec,
    preset,
    preset_keys,
    spec_to_pytorch,
)
from cnnviz.models.builder.layer_config import FLATTEN, activation, conv, linear, residual
from cnnviz.models.builder.problems import with_changed

TORCH = [CodeForm.SEQUENTIAL, CodeForm.MODULE, CodeForm.FUNCTIONAL]


def executed(blueprint: NetworkSpec, form: CodeForm) -> dict:
    names: dict = {}
    exec(compile(spec_to_pytorch(blueprint, form), "<exported>", "exec"), names)
    return names


def is_same_network(blueprint: NetworkSpec, form: CodeForm) -> bool:
    """Whether the exported network takes our weights and gives our outputs, in evaluation and in training."""
    ours, theirs = build_module(blueprint), executed(blueprint, form)["network"]
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(3, *blueprint.input_shape)
    for is_training in (False, True):
        twins = [copy.deepcopy(network).train(is_training) for network in (ours, theirs)]
        outputs = []
        for twin in twins:
            torch.manual_seed(5)  # dropout draws the same
            outputs.append(twin(x))
        if not torch.equal(*outputs):
            return False
    return True


@pytest.mark.parametrize("key", preset_keys())
@pytest.mark.parametrize("form", TORCH)
def test_the_exported_network_is_the_built_one(key: str, form: CodeForm):
    blueprint = preset(key)
    assert is_same_network(blueprint, form)
    names = executed(blueprint, form)
    assert tuple(names["scores"].shape) == (1, len(blueprint.classes))
    assert names["classes"] == blueprint.classes
    assert isinstance(names["network"], nn.Sequential) == (form is CodeForm.SEQUENTIAL)


@pytest.mark.parametrize("function", Activation)
@pytest.mark.parametrize("form", TORCH)
def test_every_activation_is_exported_as_it_is_built(function: Activation, form: CodeForm):
    parts = (conv(2), activation(function), residual(3, function), FLATTEN, linear())
    assert is_same_network(NetworkSpec("One", (1, 6, 6), ("a", "b"), parts), form)


@settings(max_examples=10, deadline=None)
@given(nearly_sound())
def test_any_sound_network_is_exported_in_all_three_ways(blueprint: NetworkSpec):
    if inspect_spec(blueprint).problem is None and min(blueprint.input_shape[1:]) > 1:
        assert all(is_same_network(blueprint, form) for form in TORCH)


def test_another_activation_is_not_taken_for_the_same():
    """The negative twin: the comparison above can fail."""
    text = spec_to_pytorch(preset("mnist_b1"), CodeForm.FUNCTIONAL).replace("functional.relu(x)", "torch.tanh(x)")
    names: dict = {}
    exec(text, names)
    ours = build_module(preset("mnist_b1"))
    names["network"].load_state_dict(ours.state_dict())
    x = torch.randn(1, 1, 28, 28)
    assert not torch.equal(names["network"](x), ours(x))


def test_the_functional_form_keeps_only_what_learns_as_modules():
    network = executed(preset("birds_dropout"), CodeForm.FUNCTIONAL)["network"]
    assert [name for name, _module in network.named_children()] == ["conv1", "conv2", "fc1", "fc2"]


def test_lines_read_like_a_text_book():
    lines = spec_to_pytorch(preset("mnist_b1"), CodeForm.SEQUENTIAL).splitlines()
    assert '        ("conv1", nn.Conv2d(1, 16, 5, padding=2)),  # (n, 16, 28, 28)' in lines
    assert '        ("fc", nn.Linear(1568, 10)),  # (n, 10)' in lines
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("form", CodeForm)
def test_a_blueprint_with_a_problem_is_refused_in_its_own_words(form: CodeForm):
    with pytest.raises(
        NetworkSpecError, match=r"inputs of fc must be as many as the previous layer gives \(1,568 = 32·7·7\), got 5"
    ):
        spec_to_pytorch(with_changed(preset("mnist_b1"), 7, inputs=5), form)


@pytest.mark.parametrize("form", TORCH)
def test_a_title_or_class_cannot_smuggle_a_line_into_the_code(form: CodeForm):
    nasty = "x\nraise SystemExit\r\x0c\u2028'\"\\"
    blueprint = NetworkSpec(nasty, (1, 2, 2), (nasty, "b"), (FLATTEN, linear()))
    assert executed(blueprint, form)["classes"] == (nasty, "b")
