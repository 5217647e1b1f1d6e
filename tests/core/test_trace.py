"""The trace: every layer is PyTorch's, sums add up, and the model is left exactly as it was."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.trace import TraceError, Tracer, is_row, trace
from cnnviz.models.zoo import find_recipe, network_keys

ROWS = tuple(key for key in network_keys() if is_row(find_recipe(key).build()))  # the others are graphs


def built(key: str = "mnist", seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return find_recipe(key).build().eval()


def picture(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def apply_one(module: nn.Module, value: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return module(torch.tensor(value)[None])[0].numpy()


@pytest.mark.parametrize("key", ROWS)
def test_every_layers_output_is_the_layer_applied_to_its_input(key: str):
    model = built(key)
    made = trace(model, picture(find_recipe(key).input_shape))
    for layer, module in zip(made.layers, model, strict=True):
        np.testing.assert_allclose(layer.output, apply_one(module, layer.input), atol=1e-6)


@pytest.mark.parametrize("key", ROWS)
def test_the_layers_form_a_chain_from_image_to_logits(key: str):
    made = trace(built(key), picture(find_recipe(key).input_shape))
    for before, after in zip(made.layers, made.layers[1:], strict=False):
        assert after.input is before.output
    assert made.layers[0].input is made.image
    np.testing.assert_array_equal(made.layers[-1].output, made.logits)


@pytest.mark.parametrize("key", network_keys())
def test_logits_are_those_of_the_model(key: str):
    model, image = built(key), picture(find_recipe(key).input_shape)
    np.testing.assert_allclose(trace(model, image).logits, apply_one(model, image), atol=1e-6)


def test_logits_agree_with_float64_and_a_changed_weight_does_not():
    model, image = built(), picture((1, 28, 28))
    exact = apply_one(copy.deepcopy(model).double(), image.astype(np.float64))
    np.testing.assert_allclose(trace(model, image).logits, exact, atol=1e-5)
    with torch.no_grad():
        model.fc.bias[0] += 0.01
    assert np.abs(trace(model, image).logits - exact).max() > 1e-3


def test_probabilities_are_the_softmax_and_add_up_to_one():
    made = trace(built(), picture((1, 28, 28)))
    powers = np.exp(made.logits.astype(np.float64))
    np.testing.assert_allclose(made.probabilities, powers / powers.sum(), atol=1e-6)


def state_of(model: nn.Module) -> tuple:
    hooks = [
        (len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks), m.training) for m in model.modules()
    ]
    parameters = [(p.detach().clone(), p.requires_grad, p.grad is None, p._version) for p in model.parameters()]
    return hooks, parameters


def assert_same_state(before: tuple, after: tuple):
    assert before[0] == after[0]
    for (old, *flags), (new, *new_flags) in zip(before[1], after[1], strict=True):
        assert torch.equal(old, new)
        assert flags == new_flags


@pytest.mark.parametrize("training", [False, True])
def test_the_model_is_left_untouched(training: bool):
    model = built().train(training)
    before = state_of(model)
    trace(model, picture((1, 28, 28)))
    assert_same_state(before, state_of(model))


@pytest.mark.parametrize("training", [False, True])
def test_the_model_is_left_untouched_when_a_layer_fails(training: bool):
    model = built().train(training)
    before = state_of(model)
    with pytest.raises(TraceError, match="layer fc refused its input of shape 512"):
        trace(model, picture((1, 16, 16)))
    assert_same_state(before, state_of(model))


def test_the_check_of_the_state_sees_a_forgotten_hook():
    """The negative twin of the two tests above."""
    model = built()
    before = state_of(model)
    model.conv1.register_forward_hook(lambda *_: None)
    with pytest.raises(AssertionError):
        assert_same_state(before, state_of(model))


def test_a_model_in_training_mode_is_traced_in_evaluation_mode():
    model = nn.Sequential(nn.Dropout(0.9))
    image = picture((1, 4, 4))
    np.testing.assert_array_equal(trace(model.train(), image).layers[0].output, image)


def test_a_layer_that_works_in_place_leaves_the_record_of_its_input_true():
    torch.manual_seed(0)
    conv = nn.Conv2d(1, 4, 3)
    made = trace(nn.Sequential(conv, nn.ReLU(inplace=True)).eval(), picture((1, 6, 6)))
    assert (made.layers[1].input < 0).any()
    assert (made.layers[1].output >= 0).all()


def test_arrays_are_read_only():
    made = trace(built(), picture((1, 28, 28)))
    for array in (made.image, made.logits, made.probabilities, made.layers[0].output, made.layers[0].weight):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_a_tracer_keeps_the_weights_of_its_making():
    model = built()
    tracer = Tracer(model)
    kept = tracer(picture((1, 28, 28))).layers[0].weight
    with torch.no_grad():
        model.conv1.weight += 1
    np.testing.assert_array_equal(tracer(picture((1, 28, 28))).layers[0].weight, kept)


def test_nested_rows_of_layers_are_one_chain():
    model = nn.Sequential(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), nn.Flatten())
    paths = [layer.spec.path for layer in trace(model, picture((1, 5, 5))).layers]
    assert paths == ["0.0", "0.1", "1"]


class Undecided(nn.Module):
    """What it does depends on the numbers in the image."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if x.sum() > 0 else -x


def test_a_network_that_cannot_be_followed_is_refused_in_one_sentence():
    with pytest.raises(TraceError, match=r"^network must be one that torch\.fx or torch\.export can trace, got Undec"):
        trace(Undecided(), picture((1, 4, 4)))


def test_what_takes_its_layers_in_a_row_refuses_another_network():
    with pytest.raises(TraceError, match=r"must be an nn\.Sequential, got Linear"):
        Tracer(nn.Linear(1, 1), in_row=True)


def test_an_unknown_layer_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match=r"one of conv1, relu1.*got 'conv9'"):
        trace(built(), picture((1, 28, 28))).position("conv9")


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU on this machine")
def test_the_trace_on_cuda_agrees_with_the_one_on_the_cpu():
    model, image = built(), picture((1, 28, 28))
    on_cpu = trace(model, image)
    on_gpu = trace(copy.deepcopy(model).cuda(), image)
    for one, other in zip(on_cpu.layers, on_gpu.layers, strict=True):
        np.testing.assert_allclose(one.output, other.output, atol=1e-3)


def test_a_layer_that_stands_there_twice_runs_twice():
    relu = nn.ReLU()
    model = nn.Sequential(relu, nn.Conv2d(1, 2, 3), relu)
    made = trace(model, np.ones((1, 4, 4), dtype=np.float32))
    assert [layer.spec.path for layer in made.layers] == ["0", "1", "2"]
    assert made.layers[-1].output.min() >= 0
