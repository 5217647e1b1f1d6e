"""The edited network against one that was copied and changed by hand; the trained one stays as it is, to the byte."""

import copy
import threading
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest
import torch
from edited_by_hand import (
    CASES,
    IMAGE,
    KERNEL,
    MODEL,
    NAMES,
    assert_same,
    changed,
    fingerprint,
    operated,
    set_kernel,
    take_out,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.edits import Edit, EditKind, Edits, apply_edits
from cnnviz.core.edits.presets import preset_kernel, preset_keys
from cnnviz.core.trace import Tracer
from cnnviz.models.zoo import build_sequential


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
        assert_same(operated(Edit(EditKind.SET, "conv2", 7, 4, KERNEL)), changed(set_kernel("conv2", 7, 5, KERNEL)))


@pytest.mark.parametrize("key", preset_keys())
def test_a_known_kernel_takes_the_place_of_a_trained_one(key: str):
    made = apply_edits(MODEL, Edits((Edit(EditKind.PRESET, "conv1", 3, 0, preset=key),)))
    np.testing.assert_array_equal(made.conv1.weight[3, 0].numpy(), preset_kernel(key, 5, 5))
    assert_same(Tracer(made)(IMAGE), changed(set_kernel("conv1", 3, 0, preset_kernel(key, 5, 5))))


def test_a_random_kernel_is_one_as_before_training():
    """Between ±1/√(inputs of a unit): 16 maps of 5×5 for conv2."""
    kernel = apply_edits(MODEL, Edits((Edit(EditKind.RANDOM, "conv2", 7, 5, seed=3),))).conv2.weight[7, 5]
    assert 0.03 < kernel.abs().max() <= (16 * 5 * 5) ** -0.5 == 0.05
    assert_same(operated(Edit(EditKind.RANDOM, "conv2", 7, 5, seed=3)), changed(set_kernel("conv2", 7, 5, kernel)))
    other = apply_edits(MODEL, Edits((Edit(EditKind.RANDOM, "conv2", 7, 5, seed=4),))).conv2.weight[7, 5]
    assert not torch.equal(kernel, other)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "fc"])
def test_shuffling_keeps_every_kernel_and_moves_most(layer: str):
    old = MODEL.get_submodule(layer).weight.flatten(0, 1)
    new = apply_edits(MODEL, Edits((Edit(EditKind.SHUFFLE, layer, seed=1),))).get_submodule(layer).weight.flatten(0, 1)
    as_sets = [sorted(map(bytes, kernels.numpy())) for kernels in (old, new)]
    assert as_sets[0] == as_sets[1]
    moved = (old != new).reshape(len(old), -1).any(dim=1).float().mean()
    assert moved > 0.8
    assert torch.equal(apply_edits(MODEL, Edits()).get_submodule(layer).bias, MODEL.get_submodule(layer).bias)


def test_a_shuffle_keeps_kernels_whole():
    """The negative twin: shuffling single weights would keep the set of numbers, and no kernel."""
    old, weight = MODEL.conv2.weight.flatten(0, 1), MODEL.conv2.weight
    wrong = weight.flatten()[torch.randperm(weight.numel(), generator=torch.Generator().manual_seed(1))]
    wrong = wrong.reshape(weight.shape).flatten(0, 1)
    assert sorted(map(bytes, old.numpy())) != sorted(map(bytes, wrong.numpy()))


def test_edits_are_carried_out_one_after_the_other():
    edits = (
        Edit(EditKind.SET, "conv1", 3, 0, KERNEL),
        Edit(EditKind.NEGATE, "conv1", 3, 0),
        Edit(EditKind.LINEAR, "relu1"),
    )
    wanted = changed(set_kernel("conv1", 3, 0, np.negative(KERNEL)), take_out("relu1"))
    assert_same(operated(*edits), wanted)
    with pytest.raises(AssertionError):  # in another order: negated first, and then replaced
        assert_same(operated(edits[1], edits[0], edits[2]), wanted)


def test_what_is_negated_twice_is_what_it_was():
    assert_same(operated(*[Edit(EditKind.NEGATE, "conv2", 1, 2)] * 2), Tracer(MODEL)(IMAGE))


@pytest.mark.parametrize(
    "edit", [Edit(EditKind.AVERAGE, "pool1"), Edit(EditKind.LINEAR, "relu1"), Edit(EditKind.OFF, "conv1", 3)]
)
def test_what_is_done_already_can_be_done_again_and_changes_nothing(edit: Edit):
    assert_same(operated(edit, edit), operated(edit))


def test_no_edits_give_the_network_as_it_is():
    assert_same(operated(), Tracer(MODEL)(IMAGE))


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
    model = build_sequential(conv=nn.Conv2d(1, 2, 3), drop=nn.Dropout(0.9)).train()
    before = fingerprint(model)
    made = apply_edits(model, Edits((Edit(EditKind.ZERO, "conv", 0, 0),)))
    assert not any(module.training for module in made.modules())
    assert fingerprint(model) == before


def test_what_no_edit_touches_is_shared_and_not_copied():
    made = apply_edits(MODEL, Edits((Edit(EditKind.ZERO, "conv1", 0, 0),)))
    assert made.conv2 is MODEL.conv2
    assert made.conv1.bias is MODEL.conv1.bias
    assert made.conv1.weight is not MODEL.conv1.weight


def test_two_threads_with_different_edits_get_their_own_results():
    edits = [Edit(EditKind.OFF, "conv1", out) for out in range(8)]
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


channels = st.integers(0, 15)
EDITS = st.one_of(
    st.builds(lambda o, n: Edit(EditKind.SET, "conv1", o, 0, tuple(n)), channels,
              st.lists(st.floats(-3, 3, width=32), min_size=25, max_size=25)),
    st.builds(lambda o, i: Edit(EditKind.NEGATE, "conv2", o, i), st.integers(0, 31), channels),
    st.builds(lambda o: Edit(EditKind.OFF, "conv2", o), st.integers(0, 31)),
    st.builds(lambda s: Edit(EditKind.SHUFFLE, "conv2", seed=s), st.integers(0, 99)),
    st.sampled_from([Edit(EditKind.LINEAR, "relu1"), Edit(EditKind.AVERAGE, "pool1"), Edit(EditKind.REDRAW, "fc",
    seed=1)]),
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(EDITS.filter(lambda edit: edit.op not in (EditKind.LINEAR, EditKind.AVERAGE)), max_size=4).map(tuple))
def test_edits_at_once_are_edits_one_by_one(some: tuple[Edit, ...]):
    step_by_step = MODEL
    for edit in some:
        step_by_step = apply_edits(step_by_step, Edits((edit,)))
    assert_same(operated(*some), Tracer(step_by_step)(IMAGE))


@settings(max_examples=30, deadline=None)
@given(EDITS)
def test_every_layer_of_an_edited_network_is_that_layer_applied_to_its_input(edit: Edit):
    made = apply_edits(MODEL, Edits((edit,)))
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
