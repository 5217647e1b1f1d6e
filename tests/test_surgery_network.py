"""The edited network against one that was copied and changed by hand; the trained one stays as it is, to the byte."""

import copy
import hashlib
import threading
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz import checkpoints
from cnnviz.drawing import prepare
from cnnviz.networks import sequential
from cnnviz.samples import find_sample
from cnnviz.surgery import Edit, EditError, Edits, Op, anatomy_of, difference, edited
from cnnviz.surgery.presets import preset_kernel, preset_keys
from cnnviz.trace import Trace, TraceError, Tracer

MODEL, _MANIFEST = checkpoints.load("mnist")
IMAGE = prepare(find_sample("three").sketch).image
ANATOMY = anatomy_of(MODEL)
KERNEL = tuple(np.linspace(-1, 1, 25).astype(np.float32).tolist())


def operated(*edits: Edit, model: nn.Sequential = MODEL) -> Trace:
    return Tracer(edited(model, Edits(edits)))(IMAGE)


def changed(*changes: Callable[[nn.Sequential], None], model: nn.Sequential = MODEL) -> Trace:
    """The oracle: a deep copy, changed in place."""
    twin = copy.deepcopy(model)
    with torch.no_grad():
        for change in changes:
            change(twin)
    return Tracer(twin)(IMAGE)


def assert_same(one: Trace, other: Trace):
    for mine, wanted in zip(one.layers, other.layers, strict=True):
        assert mine.spec.path == wanted.spec.path
        np.testing.assert_allclose(mine.output, wanted.output, atol=1e-6)
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


def set_kernel(layer: str, out: int, into: int, values: object) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        weight = model.get_submodule(layer).weight
        weight[out, into] = torch.as_tensor(values, dtype=torch.float32).reshape(weight[out, into].shape)

    return change


def take_out(layer: str) -> Callable[[nn.Sequential], None]:
    return lambda model: model.set_submodule(layer, nn.Identity())


def average(layer: str) -> Callable[[nn.Sequential], None]:
    return lambda model: model.set_submodule(layer, nn.AvgPool2d(2))


def off(layer: str, out: int) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        model.get_submodule(layer).weight[out].zero_()
        model.get_submodule(layer).bias[out].zero_()

    return change


def bias(layer: str, out: int, value: float) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        model.get_submodule(layer).bias[out] = value

    return change


def redraw(layer: str, seed: int) -> Callable[[nn.Sequential], None]:
    """PyTorch's own first weights, from PyTorch's own dice."""

    def change(model: nn.Sequential) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model.get_submodule(layer).reset_parameters()

    return change


def negate(layer: str, out: int, into: int) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        model.get_submodule(layer).weight[out, into].mul_(-1)

    return change


CASES = [
    (Edit(Op.SET, "conv1", 3, 0, KERNEL), set_kernel("conv1", 3, 0, KERNEL)),
    (Edit(Op.SET, "conv2", 7, 5, KERNEL), set_kernel("conv2", 7, 5, KERNEL)),
    (Edit(Op.ZERO, "conv2", 7, 5), set_kernel("conv2", 7, 5, [0.0] * 25)),
    (Edit(Op.NEGATE, "conv2", 7, 5), negate("conv2", 7, 5)),
    (Edit(Op.BIAS, "conv1", 3, numbers=(0.75,)), bias("conv1", 3, 0.75)),
    (Edit(Op.BIAS, "fc", 8, numbers=(-2.5,)), bias("fc", 8, -2.5)),
    (Edit(Op.OFF, "conv1", 3), off("conv1", 3)),
    (Edit(Op.OFF, "fc", 8), off("fc", 8)),
    (Edit(Op.LINEAR, "relu1"), take_out("relu1")),
    (Edit(Op.AVERAGE, "pool2"), average("pool2")),
    (Edit(Op.REDRAW, "conv1", seed=7), redraw("conv1", 7)),
    (Edit(Op.REDRAW, "fc", seed=8), redraw("fc", 8)),
]
NAMES = [edit.text[:16] for edit, _change in CASES]


@pytest.mark.parametrize(("edit", "change"), CASES, ids=NAMES)
def test_an_edited_network_is_a_copy_changed_by_hand(edit: Edit, change: Callable[[nn.Sequential], None]):
    assert_same(operated(edit), changed(change))


@pytest.mark.parametrize(("edit", "change"), CASES, ids=NAMES)
def test_every_edit_changes_the_answer(edit: Edit, change: Callable[[nn.Sequential], None]):
    """The negative twin of the test above: the network as it is would not pass it."""
    with pytest.raises(AssertionError):
        assert_same(Tracer(MODEL)(IMAGE), changed(change))


def test_an_edit_of_another_kernel_is_caught():
    with pytest.raises(AssertionError):
        assert_same(operated(Edit(Op.SET, "conv2", 7, 4, KERNEL)), changed(set_kernel("conv2", 7, 5, KERNEL)))


@pytest.mark.parametrize("key", preset_keys())
def test_a_known_kernel_takes_the_place_of_a_trained_one(key: str):
    made = edited(MODEL, Edits((Edit(Op.PRESET, "conv1", 3, 0, preset=key),)))
    np.testing.assert_array_equal(made.conv1.weight[3, 0].numpy(), preset_kernel(key, 5, 5))
    assert_same(Tracer(made)(IMAGE), changed(set_kernel("conv1", 3, 0, preset_kernel(key, 5, 5))))


def test_a_random_kernel_is_one_as_before_training():
    """Between ±1/√(inputs of a unit): 16 maps of 5×5 for conv2."""
    kernel = edited(MODEL, Edits((Edit(Op.RANDOM, "conv2", 7, 5, seed=3),))).conv2.weight[7, 5]
    assert 0.03 < kernel.abs().max() <= (16 * 5 * 5) ** -0.5 == 0.05
    assert_same(operated(Edit(Op.RANDOM, "conv2", 7, 5, seed=3)), changed(set_kernel("conv2", 7, 5, kernel)))
    other = edited(MODEL, Edits((Edit(Op.RANDOM, "conv2", 7, 5, seed=4),))).conv2.weight[7, 5]
    assert not torch.equal(kernel, other)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "fc"])
def test_shuffling_keeps_every_kernel_and_moves_most(layer: str):
    old = MODEL.get_submodule(layer).weight.flatten(0, 1)
    new = edited(MODEL, Edits((Edit(Op.SHUFFLE, layer, seed=1),))).get_submodule(layer).weight.flatten(0, 1)
    as_sets = [sorted(map(bytes, kernels.numpy())) for kernels in (old, new)]
    assert as_sets[0] == as_sets[1]
    moved = (old != new).reshape(len(old), -1).any(dim=1).float().mean()
    assert moved > 0.8
    assert torch.equal(edited(MODEL, Edits()).get_submodule(layer).bias, MODEL.get_submodule(layer).bias)


def test_a_shuffle_keeps_kernels_whole():
    """The negative twin: shuffling single weights would keep the set of numbers, and no kernel."""
    old, weight = MODEL.conv2.weight.flatten(0, 1), MODEL.conv2.weight
    wrong = weight.flatten()[torch.randperm(weight.numel(), generator=torch.Generator().manual_seed(1))]
    wrong = wrong.reshape(weight.shape).flatten(0, 1)
    assert sorted(map(bytes, old.numpy())) != sorted(map(bytes, wrong.numpy()))


def test_edits_are_carried_out_one_after_the_other():
    edits = (Edit(Op.SET, "conv1", 3, 0, KERNEL), Edit(Op.NEGATE, "conv1", 3, 0), Edit(Op.LINEAR, "relu1"))
    wanted = changed(set_kernel("conv1", 3, 0, np.negative(KERNEL)), take_out("relu1"))
    assert_same(operated(*edits), wanted)
    with pytest.raises(AssertionError):  # in another order: negated first, and then replaced
        assert_same(operated(edits[1], edits[0], edits[2]), wanted)


def test_what_is_negated_twice_is_what_it_was():
    assert_same(operated(*[Edit(Op.NEGATE, "conv2", 1, 2)] * 2), Tracer(MODEL)(IMAGE))


@pytest.mark.parametrize("edit", [Edit(Op.AVERAGE, "pool1"), Edit(Op.LINEAR, "relu1"), Edit(Op.OFF, "conv1", 3)])
def test_what_is_done_already_can_be_done_again_and_changes_nothing(edit: Edit):
    assert_same(operated(edit, edit), operated(edit))


def test_no_edits_give_the_network_as_it_is():
    assert_same(operated(), Tracer(MODEL)(IMAGE))


def fingerprint(model: nn.Module) -> tuple:
    """All parameters to the byte, who they are, whether they ask for gradients, modes and hooks."""
    return tuple(
        (name, id(module), module.training, len(module._forward_hooks), len(module._forward_pre_hooks),
         [(key, id(p), p.requires_grad, p.grad is None, p._version, hashlib.sha256(p.detach().numpy()).hexdigest())
          for key, p in module._parameters.items() if p is not None])
        for name, module in model.named_modules()
    )  # fmt: skip


@pytest.mark.parametrize(("edit", "change"), CASES, ids=NAMES)
def test_the_shared_network_stays_as_it_is_to_the_byte(edit: Edit, change: Callable[[nn.Sequential], None]):
    before = fingerprint(MODEL)
    operated(edit)
    assert fingerprint(MODEL) == before


def test_a_change_in_place_would_be_seen():
    """The negative twin of the test above."""
    model = copy.deepcopy(MODEL)
    before = fingerprint(model)
    with torch.no_grad():
        model.conv1.weight[3, 0, 0, 0] += 1e-3
    assert fingerprint(model) != before


def test_a_network_in_training_mode_stays_so_and_is_edited_in_evaluation_mode():
    model = sequential(conv=nn.Conv2d(1, 2, 3), drop=nn.Dropout(0.9)).train()
    before = fingerprint(model)
    made = edited(model, Edits((Edit(Op.ZERO, "conv", 0, 0),)))
    assert not any(module.training for module in made.modules())
    assert fingerprint(model) == before


def test_what_no_edit_touches_is_shared_and_not_copied():
    made = edited(MODEL, Edits((Edit(Op.ZERO, "conv1", 0, 0),)))
    assert made.conv2 is MODEL.conv2
    assert made.conv1.bias is MODEL.conv1.bias
    assert made.conv1.weight is not MODEL.conv1.weight


def test_two_threads_with_different_edits_get_their_own_results():
    edits = [Edit(Op.OFF, "conv1", out) for out in range(8)]
    wanted = [operated(edit).logits for edit in edits]
    tickets, found, wrong = count(), {}, []

    def work() -> None:
        for number in iter(lambda: next(tickets), None):
            if number >= 160:
                return
            logits = operated(edits[number % 8]).logits
            found[number] = np.array_equal(logits, wanted[number % 8])
            if np.array_equal(logits, wanted[(number + 1) % 8]):
                wrong.append(number)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160
    assert all(found.values())
    assert not wrong  # and the eight results can be told from each other


def test_rows_of_layers_in_rows_stay_nested():
    inner = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.ReLU())
    model = nn.Sequential(inner, nn.Flatten()).eval()
    made = edited(model, Edits((Edit(Op.OFF, "0.0", 1), Edit(Op.LINEAR, "0.1"))))
    assert [name for name, _module in made.named_modules()] == [name for name, _module in model.named_modules()]
    image = torch.rand(1, 1, 5, 5)
    wanted = inner[0](image).clone()
    wanted[:, 1] = 0
    torch.testing.assert_close(made(image), wanted.flatten(1))


def test_a_layer_that_stands_there_twice_is_edited_in_one_place_only():
    twice = nn.Conv2d(1, 1, 3, padding=1)
    made = edited(nn.Sequential(twice, nn.ReLU(), twice).eval(), Edits((Edit(Op.ZERO, "2", 0, 0),)))
    assert made[0] is twice
    assert not made[2].weight.any()


def test_padding_does_not_count_in_an_average_that_takes_the_place_of_a_largest():
    model = nn.Sequential(nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)).eval()
    made = edited(model, Edits((Edit(Op.AVERAGE, "0"),)))
    ones = torch.ones(1, 1, 6, 6)
    assert torch.equal(made(ones), model(ones))
    assert made(torch.rand(1, 1, 6, 6)).shape == model(ones).shape


def test_an_adaptive_pooling_averages_to_the_same_size():
    model = nn.Sequential(nn.AdaptiveMaxPool2d(2)).eval()
    made = edited(model, Edits((Edit(Op.AVERAGE, "0"),)))
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert made(image).flatten().tolist() == [(0 + 1 + 4 + 5) / 4, (2 + 3 + 6 + 7) / 4, 10.5, 12.5]


def test_a_kernel_in_a_group_is_counted_within_its_group():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(4, 4, 3, groups=2)).eval()
    made = edited(model, Edits((Edit(Op.ZERO, "0", 3, 1),)))
    assert not made[0].weight[3, 1].any()
    with pytest.raises(EditError, match="input channel of 0 must be from 0 to 1, got 2"):
        edited(model, Edits((Edit(Op.ZERO, "0", 3, 2),)))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Edit(Op.ZERO, "conv9", 0, 0), "layer must be one of conv1, relu1, .* got 'conv9'"),
        (Edit(Op.ZERO, "fc", 0, 0), "fc must be a convolution for this edit, got Linear"),
        (Edit(Op.ZERO, "conv1", 16, 0), "map of conv1 must be from 0 to 15, got 16"),
        (Edit(Op.ZERO, "conv1", 0, 1), "input channel of conv1 must be from 0 to 0, got 1"),
        (Edit(Op.SET, "conv1", 0, 0, KERNEL[:9]), "kernel of conv1 must be 5×5 numbers, got 9"),
        (Edit(Op.BIAS, "relu1", 0, numbers=(1.0,)), "relu1 must be a convolution or a fully connected layer"),
        (Edit(Op.BIAS, "conv1", 0, numbers=(1.0, 2.0)), "bias must be one number, got 2"),
        (Edit(Op.OFF, "fc", 10), "map of fc must be from 0 to 9, got 10"),
        (Edit(Op.LINEAR, "pool1"), "pool1 must be an activation for this edit, got MaxPool2d"),
        (Edit(Op.AVERAGE, "relu1"), "relu1 must be a max pooling without dilation for this edit, got ReLU"),
        (Edit(Op.SHUFFLE, "pool1", seed=0), "pool1 must be a convolution or a fully connected layer"),
        (Edit(Op.PRESET, "conv1", 0, 0, preset="nothing-such"), "preset must be one of .* got 'nothing-such'"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused_in_one_sentence(edit: Edit, says: str):
    with pytest.raises(EditError, match=says):
        edited(MODEL, Edits((edit,)))
    assert not ANATOMY.fits(edit)
    assert ANATOMY.fitting(Edits((edit, Edit(Op.OFF, "conv1", 0)), (edit,))) == Edits((Edit(Op.OFF, "conv1", 0),))


def test_a_layer_without_a_bias_has_none_to_set():
    model = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False))
    with pytest.raises(EditError, match="0 must be a layer with a bias"):
        edited(model, Edits((Edit(Op.BIAS, "0", 0, numbers=(1.0,)),)))


def test_a_max_pooling_with_gaps_has_no_average_in_pytorch():
    with pytest.raises(EditError, match="must be a max pooling without dilation"):
        edited(nn.Sequential(nn.MaxPool2d(2, dilation=2)), Edits((Edit(Op.AVERAGE, "0"),)))


def test_a_network_that_is_not_a_row_of_layers_is_refused():
    with pytest.raises(TraceError, match=r"must be an nn\.Sequential"):
        edited(nn.Linear(1, 1), Edits())


def test_the_difference_is_after_minus_before():
    before, after = Tracer(MODEL)(IMAGE), operated(Edit(Op.OFF, "conv1", 3))
    found = difference(before, after)
    np.testing.assert_array_equal(found[0].change[3], -before.layers[0].output[3])
    assert found[0].largest == np.abs(before.layers[0].output[3]).max()
    assert found[0].share == pytest.approx(1 / 16)  # one map of sixteen, and no value of it was 0
    for layer, old, new in zip(found, before.layers, after.layers, strict=True):
        np.testing.assert_allclose(old.output + layer.change, new.output, atol=1e-5)
    with pytest.raises(AssertionError):  # before − after would be the wrong way round
        np.testing.assert_array_equal(difference(after, before)[0].change[3], -before.layers[0].output[3])


def test_nothing_changes_before_the_edited_layer():
    found = difference(Tracer(MODEL)(IMAGE), operated(Edit(Op.NEGATE, "conv2", 7, 5)))
    assert [layer.share > 0 for layer in found] == [False] * 3 + [True] * 5
    assert [layer.largest > 0 for layer in found] == [False] * 3 + [True] * 5


def test_traces_of_different_images_are_not_compared():
    with pytest.raises(ValueError, match="same image"):
        difference(Tracer(MODEL)(IMAGE), Tracer(MODEL)(np.zeros_like(IMAGE)))


channels = st.integers(0, 15)
EDITS = st.one_of(
    st.builds(lambda o, n: Edit(Op.SET, "conv1", o, 0, tuple(n)), channels,
              st.lists(st.floats(-3, 3, width=32), min_size=25, max_size=25)),
    st.builds(lambda o, i: Edit(Op.NEGATE, "conv2", o, i), st.integers(0, 31), channels),
    st.builds(lambda o: Edit(Op.OFF, "conv2", o), st.integers(0, 31)),
    st.builds(lambda s: Edit(Op.SHUFFLE, "conv2", seed=s), st.integers(0, 99)),
    st.sampled_from([Edit(Op.LINEAR, "relu1"), Edit(Op.AVERAGE, "pool1"), Edit(Op.REDRAW, "fc", seed=1)]),
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(EDITS.filter(lambda edit: edit.op not in (Op.LINEAR, Op.AVERAGE)), max_size=4).map(tuple))
def test_edits_at_once_are_edits_one_by_one(some: tuple[Edit, ...]):
    step_by_step = MODEL
    for edit in some:
        step_by_step = edited(step_by_step, Edits((edit,)))
    assert_same(operated(*some), Tracer(step_by_step)(IMAGE))


@settings(max_examples=30, deadline=None)
@given(EDITS)
def test_every_layer_of_an_edited_network_is_that_layer_applied_to_its_input(edit: Edit):
    made = edited(MODEL, Edits((edit,)))
    for layer, module in zip(Tracer(made)(IMAGE).layers, made, strict=True):
        with torch.no_grad():
            wanted = module(torch.tensor(layer.input)[None])[0].numpy()
        np.testing.assert_allclose(layer.output, wanted, atol=1e-6)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU on this machine")
def test_a_network_on_cuda_is_edited_like_the_one_on_the_cpu():
    on_gpu = copy.deepcopy(MODEL).cuda()
    for edit, _change in CASES:
        one, other = operated(edit), operated(edit, model=on_gpu)
        np.testing.assert_allclose(one.logits, other.logits, atol=1e-2)
