"""Edits of networks with shortcuts and functions: each against one that was copied and changed by hand."""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.edits import Edit, EditError, EditKind, Edits, apply_edits, find_editable
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace

SHAPE = (1, 8, 8)
IMAGE = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
KERNEL = tuple(float(number) for number in range(-4, 5))


class Net(nn.Module):
    """A shortcut, a functional convolution, and activations and poolings as modules and as functions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.act, self.pool, self.fc = nn.ReLU(), nn.MaxPool2d(2), nn.Linear(16, 3)
        self.take_out, self.average = False, False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.act(self.conv1(x))
        y = functional.conv2d(x, self.conv2.weight, self.conv2.bias, padding=1)
        y = y if self.take_out else functional.relu(y)
        x = self.pool(x + y)
        x = functional.avg_pool2d(x, 2, count_include_pad=False) if self.average else functional.max_pool2d(x, 2)
        return self.fc(torch.flatten(x, 1))


torch.manual_seed(0)
MODEL = Net().eval()


def by_hand(change: Callable[[Net], None]) -> nn.Module:
    twin = copy.deepcopy(MODEL)
    with torch.no_grad():
        change(twin)
    return twin


def set_weight(path: str, index, value) -> Callable[[Net], None]:
    def change(model: Net) -> None:
        model.get_parameter(path)[index] = value

    return change


def replace_module(name: str, module: nn.Module) -> Callable[[Net], None]:
    return lambda model: setattr(model, name, module)


NINE = torch.tensor(KERNEL).reshape(3, 3)
CASES = {
    "a kernel of a module": (Edit(EditKind.SET, "conv1", 2, 0, KERNEL), set_weight("conv1.weight", (2, 0), NINE)),
    "a kernel of a function": (Edit(EditKind.SET, "conv2d", 3, 1, KERNEL), set_weight("conv2.weight", (3, 1), NINE)),
    "a bias of a function": (Edit(EditKind.BIAS, "conv2d", 1, numbers=(2.5,)), set_weight("conv2.bias", 1, 2.5)),
    "a kernel of zeros": (Edit(EditKind.ZERO, "conv2d", 0, 2), set_weight("conv2.weight", (0, 2), 0)),
    "no activation, of a module": (Edit(EditKind.LINEAR, "act"), replace_module("act", nn.Identity())),
    "no activation, of a function": (Edit(EditKind.LINEAR, "relu"), lambda model: setattr(model, "take_out", True)),
    "a mean instead of a maximum": (Edit(EditKind.AVERAGE, "pool"), replace_module("pool", nn.AvgPool2d(2))),
    "the same, of a function": (
        Edit(EditKind.AVERAGE, "max_pool2d"), lambda model: setattr(model, "average", True),
    ),
    "a bias of a unit": (Edit(EditKind.BIAS, "fc", 2, numbers=(-1.0,)), set_weight("fc.bias", 2, -1.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_edited_network_is_a_copy_changed_by_hand(name: str):
    edit, change = CASES[name]
    before = copy.deepcopy(MODEL.state_dict())
    edited = apply_edits(MODEL, Edits((edit,)), SHAPE)
    with torch.no_grad():
        expected = by_hand(change)(torch.tensor(IMAGE)[None])[0].numpy()
    np.testing.assert_array_equal(trace(edited, IMAGE).logits, expected)
    assert np.abs(trace(MODEL, IMAGE).logits - expected).max() > 1e-4  # the negative twin: the edit does something
    assert all(torch.equal(old, MODEL.state_dict()[path]) for path, old in before.items())


@pytest.mark.parametrize("name", CASES)
def test_layers_keep_their_names(name: str):
    edited = apply_edits(MODEL, Edits((CASES[name][0],)), SHAPE)
    assert [layer.spec.path for layer in trace(edited, IMAGE).layers] == [
        layer.spec.path for layer in trace(MODEL, IMAGE).layers
    ]


class Twice(nn.Module):
    """Every layer is called twice: functions, a pooling and an activation that are one module each."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.conv2 = nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)
        self.act, self.pool, self.fc = nn.LeakyReLU(0.3), nn.MaxPool2d(2), nn.Linear(8, 3)
        self.without: tuple[str, ...] = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.act(functional.relu(self.conv(x))))
        x = self.conv2(x)
        x = x if "relu#2" in self.without else functional.relu(x)
        x = x - 0.1
        x = x if "act#2" in self.without else self.act(x)
        x = functional.avg_pool2d(x, 2) if "pool#2" in self.without else self.pool(x)
        return self.fc(torch.flatten(x, 1))


@pytest.mark.parametrize(
    "edit",
    [Edit(EditKind.LINEAR, "relu#2"), Edit(EditKind.LINEAR, "act#2"), Edit(EditKind.AVERAGE, "pool#2")],
    ids=lambda edit: edit.layer,
)
def test_a_second_call_is_edited_alone(edit: Edit):
    torch.manual_seed(3)
    model = Twice().eval()
    edited = apply_edits(model, Edits((edit,)), SHAPE)
    twin = copy.deepcopy(model)
    twin.without = (edit.layer,)
    with torch.no_grad():
        expected, before = (one(torch.tensor(IMAGE)[None])[0].numpy() for one in (twin, model))
    made = trace(edited, IMAGE)
    np.testing.assert_array_equal(made.logits, expected)
    assert np.abs(before - expected).max() > 1e-4  # it does something
    assert [layer.spec.path for layer in made.layers] == [layer.spec.path for layer in trace(model, IMAGE).layers]


def test_a_module_called_as_a_second_call_would_be_has_a_name_of_its_own():
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 3)
            self.add_module("relu#2", nn.Tanh())

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return getattr(self, "relu#2")(functional.relu(functional.relu(self.conv(x)) - 1)).flatten(1)

    paths = [layer.spec.path for layer in trace(Odd(), IMAGE).layers]
    assert len(set(paths)) == len(paths)
    edited = apply_edits(Odd(), Edits((Edit(EditKind.LINEAR, paths[3]),)), SHAPE)
    assert [layer.spec.path for layer in trace(edited, IMAGE).layers] == paths


def test_edits_follow_one_another():
    edits = tuple(edit for edit, _change in CASES.values())
    edited = apply_edits(MODEL, Edits(edits), SHAPE)

    def all_changes(model: Net) -> None:
        for _edit, change in CASES.values():
            change(model)

    with torch.no_grad():
        expected = by_hand(all_changes)(torch.tensor(IMAGE)[None])[0].numpy()
    np.testing.assert_array_equal(trace(edited, IMAGE).logits, expected)


def test_what_is_not_edited_is_shared():
    edited = apply_edits(MODEL, Edits((CASES["a kernel of a module"][0],)), SHAPE)
    assert edited.get_parameter("fc.weight").data_ptr() == MODEL.fc.weight.data_ptr()
    assert edited.get_parameter("conv1.weight").data_ptr() != MODEL.conv1.weight.data_ptr()


def test_a_network_from_a_file_is_edited_by_the_names_of_its_modules():
    program = torch.export.export(MODEL, (torch.tensor(IMAGE)[None],))
    exported = program.module()
    del program
    edit = Edit(EditKind.OFF, "conv1", 2)
    with torch.no_grad():
        twin = copy.deepcopy(MODEL)
        twin.conv1.weight[2], twin.conv1.bias[2] = 0, 0
        expected = twin(torch.tensor(IMAGE)[None])[0].numpy()
    edited = apply_edits(exported, Edits((edit,)), SHAPE)
    np.testing.assert_array_equal(trace(edited, IMAGE).logits, expected)


def test_what_can_be_edited_is_said_by_kind():
    parts = {part.spec.path: part for part in find_editable(MODEL, SHAPE).parts}
    assert (parts["conv2d"].weights, parts["conv2d"].has_bias) == ((4, 4, 3, 3), True)
    assert (parts["add"].spec.kind, parts["add"].weights) == (Kind.ADD, ())
    for edit, sentence in (
        (Edit(EditKind.OFF, "add", 0), "add must be a convolution or a fully connected layer"),
        (Edit(EditKind.LINEAR, "conv1"), "conv1 must be an activation"),
        (Edit(EditKind.AVERAGE, "nowhere"), "layer must be one of conv1"),
    ):
        with pytest.raises(EditError, match=sentence):
            apply_edits(MODEL, Edits((edit,)), SHAPE)
