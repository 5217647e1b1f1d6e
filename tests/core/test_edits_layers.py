"""Edits of every kind of layer, what does not fit is refused, and what edits change layer by layer."""

import pytest
import torch
from edited_by_hand import ANATOMY, IMAGE, KERNEL, MODEL, operated
from torch import nn

from cnnviz.core.edits import Edit, EditError, EditKind, Edits, apply_edits
from cnnviz.core.trace import TraceError, Tracer


def test_rows_of_layers_in_rows_stay_nested():
    inner = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.ReLU())
    model = nn.Sequential(inner, nn.Flatten()).eval()
    made = apply_edits(model, Edits((Edit(EditKind.OFF, "0.0", 1), Edit(EditKind.LINEAR, "0.1"))))
    assert [name for name, _module in made.named_modules()] == [name for name, _module in model.named_modules()]
    image = torch.rand(1, 1, 5, 5)
    wanted = inner[0](image).clone()
    wanted[:, 1] = 0
    torch.testing.assert_close(made(image), wanted.flatten(1))


def test_a_layer_that_stands_there_twice_is_edited_in_one_place_only():
    twice = nn.Conv2d(1, 1, 3, padding=1)
    made = apply_edits(nn.Sequential(twice, nn.ReLU(), twice).eval(), Edits((Edit(EditKind.ZERO, "2", 0, 0),)))
    assert made[0] is twice
    assert not made[2].weight.any()


def test_padding_does_not_count_in_an_average_that_takes_the_place_of_a_largest():
    model = nn.Sequential(nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)).eval()
    made = apply_edits(model, Edits((Edit(EditKind.AVERAGE, "0"),)))
    ones = torch.ones(1, 1, 6, 6)
    assert torch.equal(made(ones), model(ones))
    assert made(torch.rand(1, 1, 6, 6)).shape == model(ones).shape


def test_an_adaptive_pooling_averages_to_the_same_size():
    model = nn.Sequential(nn.AdaptiveMaxPool2d(2)).eval()
    made = apply_edits(model, Edits((Edit(EditKind.AVERAGE, "0"),)))
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert made(image).flatten().tolist() == [(0 + 1 + 4 + 5) / 4, (2 + 3 + 6 + 7) / 4, 10.5, 12.5]


def test_a_kernel_in_a_group_is_counted_within_its_group():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(4, 4, 3, groups=2)).eval()
    made = apply_edits(model, Edits((Edit(EditKind.ZERO, "0", 3, 1),)))
    assert not made[0].weight[3, 1].any()
    with pytest.raises(EditError, match="input channel of 0 must be from 0 to 1, got 2"):
        apply_edits(model, Edits((Edit(EditKind.ZERO, "0", 3, 2),)))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Edit(EditKind.ZERO, "conv9", 0, 0), "layer must be one of conv1, relu1, .* got 'conv9'"),
        (Edit(EditKind.ZERO, "fc", 0, 0), "fc must be a convolution for this edit, got Linear"),
        (Edit(EditKind.ZERO, "conv1", 16, 0), "map of conv1 must be from 0 to 15, got 16"),
        (Edit(EditKind.ZERO, "conv1", 0, 1), "input channel of conv1 must be from 0 to 0, got 1"),
        (Edit(EditKind.SET, "conv1", 0, 0, KERNEL[:9]), "kernel of conv1 must be 5×5 numbers, got 9"),
        (Edit(EditKind.BIAS, "relu1", 0, numbers=(1.0,)), "relu1 must be a convolution or a fully connected layer"),
        (Edit(EditKind.BIAS, "conv1", 0, numbers=(1.0, 2.0)), "bias must be one number, got 2"),
        (Edit(EditKind.OFF, "fc", 10), "map of fc must be from 0 to 9, got 10"),
        (Edit(EditKind.LINEAR, "pool1"), "pool1 must be an activation for this edit, got MaxPool2d"),
        (Edit(EditKind.AVERAGE, "relu1"), "relu1 must be a max pooling without dilation for this edit, got ReLU"),
        (Edit(EditKind.SHUFFLE, "pool1", seed=0), "pool1 must be a convolution or a fully connected layer"),
        (Edit(EditKind.PRESET, "conv1", 0, 0, preset="nothing-such"), "preset must be one of .* got 'nothing-such'"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused_in_one_sentence(edit: Edit, says: str):
    with pytest.raises(EditError, match=says):
        apply_edits(MODEL, Edits((edit,)))
    assert not ANATOMY.fits(edit)
    assert ANATOMY.fitting(Edits((edit, Edit(EditKind.OFF, "conv1", 0)), (edit,))) == Edits(
        (Edit(EditKind.OFF, "conv1", 0),)
    )


def test_a_layer_without_a_bias_has_none_to_set():
    model = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False))
    with pytest.raises(EditError, match="0 must be a layer with a bias"):
        apply_edits(model, Edits((Edit(EditKind.BIAS, "0", 0, numbers=(1.0,)),)))


def test_a_max_pooling_with_gaps_has_no_average_in_pytorch():
    with pytest.raises(EditError, match="must be a max pooling without dilation"):
        apply_edits(nn.Sequential(nn.MaxPool2d(2, dilation=2)), Edits((Edit(EditKind.AVERAGE, "0"),)))


def test_a_network_that_is_not_a_row_of_layers_is_refused():
    with pytest.raises(TraceError, match=r"must be an nn\.Sequential"):
        apply_edits(nn.Linear(1, 1), Edits())


def test_nothing_changes_before_the_edited_layer():
    before, after = Tracer(MODEL)(IMAGE), operated(Edit(EditKind.NEGATE, "conv2", 7, 5))
    pairs = zip(before.layers, after.layers, strict=True)
    assert [bool((old.output != new.output).any()) for old, new in pairs] == [False] * 3 + [True] * 5
