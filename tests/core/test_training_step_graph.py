"""One training step of any network: branches add up, a join is divided, shared weights add up, sums hold everywhere."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_networks import ADAM, SGD, moved, picture
from torch import nn
from torch.nn import functional
from torchvision import models

from cnnviz.core.layers import Kind
from cnnviz.core.training_step import (
    LayerStep,
    StepTrace,
    TrainingStepError,
    bias_sum,
    branch_sum,
    cell_gradient,
    input_gradient,
    parameter_sum,
    trace_training_step,
    weight_sum,
)
from tests.core.explain.operations import NETWORKS, Call, image, learned

SHAPE = (2, 5, 6)


def seeded(function, **modules: nn.Module) -> nn.Module:
    torch.manual_seed(3)
    return Call(function, **modules).double().eval()


def residual() -> nn.Module:
    """A shortcut: what `stem` gives is read by `conv` and by the addition."""

    def forward(self, x):
        y = self.stem(x)
        return self.fc(torch.relu(self.conv(y) + y).flatten(1))

    return seeded(forward, stem=nn.Conv2d(2, 3, 3, padding=1), conv=nn.Conv2d(3, 3, 3, padding=1), fc=nn.Linear(90, 4))


def joined() -> nn.Module:
    def forward(self, x):
        parts = [self.one(x), self.three(x)]
        return self.fc(torch.cat(parts, 1).mean((2, 3)))

    return seeded(forward, one=nn.Conv2d(2, 2, 1), three=nn.Conv2d(2, 3, 3, padding=1), fc=nn.Linear(5, 3))


def shared() -> nn.Module:
    """One convolution, called twice."""
    return seeded(
        lambda self, x: self.fc(torch.tanh(self.conv(torch.relu(self.conv(x)))).flatten(1)),
        conv=nn.Conv2d(2, 2, 3, padding=1), fc=nn.Linear(60, 3),
    )  # fmt: skip


def squeeze() -> nn.Module:
    """Each map times a number that is computed from all of them."""
    return seeded(
        lambda self, x: self.fc((self.conv(x) * torch.sigmoid(self.gate(x.mean((2, 3), keepdim=True)))).flatten(1)),
        conv=nn.Conv2d(2, 2, 3), gate=nn.Conv2d(2, 2, 1), fc=nn.Linear(24, 3),
    )  # fmt: skip


def standardised() -> nn.Module:
    """The weight of its convolution is itself computed: no layer has it as a parameter."""

    def forward(self, x):
        weight = self.conv.weight - self.conv.weight.mean((1, 2, 3), keepdim=True)
        return self.fc(functional.conv2d(x, weight, self.conv.bias).flatten(1))

    return seeded(forward, conv=nn.Conv2d(2, 2, 3), fc=nn.Linear(24, 3))


def tokens() -> nn.Module:
    """A fully connected layer on each of 30 places, as in a vision transformer."""

    def forward(self, x):
        y = self.embed(x.flatten(2).transpose(1, 2))
        return self.head(self.norm(functional.gelu(y)).mean(1))

    return seeded(forward, embed=nn.Linear(2, 4), norm=nn.LayerNorm(4), head=nn.Linear(4, 3))


def halves() -> nn.Module:
    def forward(self, x):
        left, right = self.conv(x).chunk(2, dim=1)
        return self.fc(torch.cat([right, left * 2], 1).flatten(1))

    return seeded(forward, conv=nn.Conv2d(2, 4, 3), fc=nn.Linear(48, 3))


GRAPHS = {one.__name__: one for one in (residual, joined, shared, squeeze, standardised, tokens, halves)}


def by_autograd(model: nn.Module, values: np.ndarray, target: int) -> tuple[float, dict[str, np.ndarray], np.ndarray]:
    """The whole network at once, with PyTorch's own `backward`."""
    own = copy.deepcopy(model).eval().requires_grad_(True)
    batch = torch.tensor(values)[None].requires_grad_()
    loss = functional.cross_entropy(own(batch).flatten(1), torch.tensor([target]))
    loss.backward()
    found = {name: p.grad.numpy() for name, p in own.named_parameters() if p.grad is not None}
    return loss.item(), found, batch.grad[0].numpy()


def assert_same_gradients(step: StepTrace, model: nn.Module, values: np.ndarray, target: int) -> None:
    loss, wanted, of_image = by_autograd(model, values, target)
    assert step.loss == pytest.approx(loss)
    assert step.parameters.keys() == wanted.keys()
    for name, gradient in wanted.items():
        np.testing.assert_allclose(step.parameters[name].gradient, gradient, rtol=1e-9, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(step.grad_image, of_image, rtol=1e-9, atol=1e-12)


# The gradients of whole networks


@pytest.mark.parametrize("name", GRAPHS)
def test_layer_by_layer_gives_the_gradients_of_one_whole_backward(name: str):
    model, values = GRAPHS[name](), picture(SHAPE)
    step = trace_training_step(model, values, 1)
    assert_same_gradients(step, model, values, 1)
    assert step.problems == ()
    with pytest.raises(AssertionError):  # the negative twin: the gradients of another class
        assert_same_gradients(step, model, values, 0)


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "googlenet", "mobilenet_v3_small", "shufflenet_v2_x0_5",
                                  "squeezenet1_1", "efficientnet_b0"])  # fmt: skip
def test_networks_of_torchvision_get_the_gradients_of_one_whole_backward(name: str):
    torch.manual_seed(0)
    model = models.get_model(name, weights=None, init_weights=False) if name == "googlenet" else models.get_model(name)
    model = model.double().eval()
    values = picture((3, 40, 40))
    step = trace_training_step(model, values, 3)
    own = copy.deepcopy(model)
    functional.cross_entropy(own(torch.tensor(values)[None]), torch.tensor([3])).backward()
    wanted = {path: p.grad for path, p in own.named_parameters() if p.grad is not None}
    assert wanted.keys() == step.parameters.keys()
    for path, gradient in wanted.items():
        scale = float(gradient.abs().max()) + 1e-12
        np.testing.assert_allclose(step.parameters[path].gradient, gradient, atol=1e-8 * scale, err_msg=path)


def test_a_vision_transformer_is_gone_through_with_its_attention():
    torch.manual_seed(0)
    model = models.VisionTransformer(16, 8, 1, 2, 8, 16, num_classes=5).double().eval()
    with torch.no_grad():
        model.heads[0].weight.normal_()
    values = picture((3, 16, 16))
    step = trace_training_step(model, values, 1)
    assert_same_gradients(step, model, values, 1)
    assert step.problems == ()


def test_two_branches_by_hand():
    """y = w·x; s = u·y + y; loss of class 0 against 0. d loss/d y = g·u + g; d loss/d w = x·(g·u + g)."""

    def forward(self, x):
        y = self.w(x)
        return torch.cat([self.u(y) + y, torch.zeros_like(y)], 1).flatten(1)

    model = seeded(forward, w=nn.Conv2d(1, 1, 1, bias=False), u=nn.Conv2d(1, 1, 1, bias=False))
    with torch.no_grad():
        model.w.weight.fill_(0.5)
        model.u.weight.fill_(3.0)
    step = trace_training_step(model, np.full((1, 1, 1), 2.0), 0)
    score = 3.0 * (0.5 * 2.0) + 0.5 * 2.0
    g = 1 / (1 + np.exp(-score)) - 1  # probability − 1
    np.testing.assert_allclose(step.layer("w").grad_output, np.full((1, 1, 1), 3 * g + g))
    np.testing.assert_allclose(step.parameters["w.weight"].gradient.ravel(), [2.0 * (3 * g + g)])
    np.testing.assert_allclose(step.parameters["u.weight"].gradient.ravel(), [1.0 * g])
    found = branch_sum(step, "w", 0, 0, 0)
    assert found.parts == pytest.approx({"u": 3 * g, "add": g})
    assert found.total == pytest.approx(4 * g)
    assert found.total != pytest.approx(3 * g)  # the negative twin: one branch alone


def test_at_a_branch_the_gradients_add_up():
    step = trace_training_step(residual(), picture(SHAPE), 1)
    stem = step.layer("stem")
    assert [layer.spec.path for layer, _at in step.readers("stem")] == ["conv", "add"]
    parts = [layer.grad_inputs[at] for layer, at in step.readers("stem")]
    np.testing.assert_allclose(parts[0] + parts[1], stem.grad_output)
    assert all(np.abs(part - stem.grad_output).max() > 1e-6 for part in parts)  # neither alone


def test_a_join_is_divided_among_its_inputs():
    step = trace_training_step(joined(), picture(SHAPE), 1)
    join = step.layer("cat")
    np.testing.assert_array_equal(join.grad_inputs[0], join.grad_output[:2])
    np.testing.assert_array_equal(join.grad_inputs[1], join.grad_output[2:])
    assert [layer.spec.path for layer, _at in step.readers("")] == ["one", "three"]
    np.testing.assert_allclose(step.grad_image, sum(step.layer(path).grad_input for path in ("one", "three")))


def test_shared_weights_add_up_over_their_calls():
    step = trace_training_step(shared(), picture(SHAPE), 1)
    calls = [layer for layer in step.layers if layer.spec.kind is Kind.CONVOLUTION]
    assert [layer.calls for layer in calls] == [2, 2]
    assert calls[0].weight is calls[1].weight
    np.testing.assert_allclose(calls[0].weight_part + calls[1].weight_part, calls[0].weight.gradient)
    assert np.abs(calls[0].weight_part - calls[0].weight.gradient).max() > 1e-6  # one call alone is less
    for layer in calls:
        found = weight_sum(layer, 1, 0, 2, 1)
        assert found.products.sum() == pytest.approx(found.total)
        assert found.total == layer.weight_part[1, 0, 2, 1]
        assert bias_sum(layer, 1).gradients.sum() == pytest.approx(bias_sum(layer, 1).total)


def test_a_weight_that_is_itself_computed_is_learned_by_its_parameter():
    step = trace_training_step(standardised(), picture(SHAPE), 1, SGD)
    convolution = next(layer for layer in step.layers if layer.spec.kind is Kind.CONVOLUTION)
    assert convolution.weight is None
    held = step.parameters["conv.weight"]
    assert np.abs(held.gradient).max() > 1e-6
    np.testing.assert_allclose(held.after, held.before - SGD.rate * held.gradient)
    again = trace_training_step(standardised(), picture(SHAPE), 1, SGD, step=2)  # runs with the new weight
    assert again.loss == pytest.approx(step.loss_after)


@pytest.mark.parametrize("optimiser", [SGD, ADAM], ids=["sgd", "adam"])
@pytest.mark.parametrize("name", ["residual", "shared", "tokens"])
def test_steps_are_those_of_pytorchs_own_loop(name: str, optimiser):
    model, values = GRAPHS[name](), picture(SHAPE)
    own = copy.deepcopy(model).requires_grad_(True)
    stepper = optimiser.stepper(list(own.parameters()))
    losses = []
    for _each in range(3):
        stepper.zero_grad()
        loss = functional.cross_entropy(own(torch.tensor(values)[None]), torch.tensor([2]))
        loss.backward()
        losses.append(loss.item())
        stepper.step()
    step = trace_training_step(model, values, 2, optimiser, step=3)
    np.testing.assert_allclose(step.losses[:3], losses)
    for path, parameter in own.named_parameters():
        np.testing.assert_allclose(step.parameters[path].after, parameter.detach(), rtol=1e-6, atol=1e-9)


def test_the_model_is_left_as_it_was():
    model = residual().train()
    before = copy.deepcopy(model.state_dict())
    trace_training_step(model, picture(SHAPE), 1, step=2)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert all(module.training for module in model.modules())


# Every operation


@pytest.mark.parametrize("name", NETWORKS)
def test_every_operation_hands_back_what_its_sum_says(name: str):
    """Behind a convolution and before a layer of scores; derivatives and products against autograd's gradients."""
    torch.manual_seed(5)
    first, last = nn.Conv2d(4, 4, 1).double(), copy.deepcopy(NETWORKS[name][0]).double()
    values = image()
    width = last(first(torch.tensor(values)[None])).numel()
    head = nn.Linear(width, 3).double()
    model = seeded(
        lambda self, x: self.head(self.last(self.first(x)).reshape(1, -1)), first=first, last=last, head=head
    )
    step = trace_training_step(model, values, 1)
    if name != "in place, with a factor":  # autograd refuses that one: it overwrites what the way back needs
        assert_same_gradients(step, model, values, 1)
    dice = np.random.default_rng(0)
    for layer in step.layers[1:]:
        for at, back in enumerate(layer.grad_inputs):
            if back is None or layer.traced.sources.count(layer.traced.sources[at]) > 1:
                continue
            for _each in range(3):
                cell = tuple(int(dice.integers(size)) for size in back.shape)
                found = cell_gradient(layer, *cell, at=at)
                assert found.total == back[cell]
                assert found.products.sum() == pytest.approx(found.total, rel=1e-9, abs=1e-12), layer.spec.path
        for kind, part in (("weight", layer.weight_part), ("bias", layer.bias_part)):
            if part is not None:
                index = tuple(int(dice.integers(size)) for size in part.shape)
                found = parameter_sum(layer, kind, *index)
                assert found.products.sum() == pytest.approx(part[index], rel=1e-9, abs=1e-12)


def test_products_with_the_gradients_of_other_cells_do_not_add_up():
    """The negative twin: the factors of one input cell, the gradients of the neighbouring output cells."""
    layer = trace_training_step(residual(), picture(SHAPE), 1).layer("conv")
    found = cell_gradient(layer, 1, 2, 3)
    assert len(found.factors) == 27  # three maps, nine places each
    shifted = np.roll(layer.grad_output, 1, axis=2)[tuple(found.cells.T)]
    assert (found.factors * shifted).sum() != pytest.approx(found.total)


@settings(max_examples=15, deadline=None)
@given(
    groups=st.sampled_from([1, 2]), kernel=st.integers(1, 3), stride=st.integers(1, 2), padding=st.integers(0, 1),
    cell=st.tuples(st.integers(0, 1), st.integers(0, 4), st.integers(0, 5)),
)  # fmt: skip
def test_a_cell_before_any_convolution_gets_what_naive_loops_say(groups, kernel, stride, padding, cell):
    torch.manual_seed(1)
    conv = nn.Conv2d(2, 4, kernel, stride, padding, groups=groups)
    model = nn.Sequential(conv, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)).double()
    layer = trace_training_step(model, picture(SHAPE), 1).layers[0]
    total = 0.0
    for o, r, c in np.ndindex(layer.output.shape):
        row, col = cell[1] - (r * stride - padding), cell[2] - (c * stride - padding)
        if o // (4 // groups) == cell[0] // (2 // groups) and 0 <= row < kernel and 0 <= col < kernel:
            total += layer.weight.before[o, cell[0] % (2 // groups), row, col] * layer.grad_output[o, r, c]
    found = cell_gradient(layer, *cell)
    assert found.total == pytest.approx(total)
    assert found.products.sum() == pytest.approx(total)


def test_a_fully_connected_layer_on_maps_has_one_product_for_each_place():
    layer = trace_training_step(tokens(), picture(SHAPE), 1).layer("embed")
    found = weight_sum(layer, 3, 1)
    assert found.products.shape == (30, 1)
    assert found.products.sum() == pytest.approx(layer.weight.gradient[3, 1])
    assert bias_sum(layer, 3).gradients.sum() == pytest.approx(layer.bias.gradient[3])
    assert found.products[0].sum() != pytest.approx(found.total)  # the negative twin: one place alone


@pytest.mark.parametrize("activation", [nn.GELU(), nn.SiLU(), nn.Hardswish(), nn.PReLU(2), nn.ELU(), nn.Softplus()],
                         ids=str)  # fmt: skip
def test_every_activation_passes_the_gradient_on_times_its_slope(activation: nn.Module):
    values = picture((2, 3, 3)) - 0.5
    model = nn.Sequential(activation, nn.Flatten(), nn.Linear(18, 3)).double()
    layer = trace_training_step(model, values, 1).layers[0]
    for cell in np.ndindex(2, 3, 3):
        assert input_gradient(layer, *cell).products.sum() == pytest.approx(layer.grad_input[cell])


# Batch normalisation as in training


def in_training(model: nn.Module) -> nn.Module:
    for module in model.modules():
        module.train(isinstance(module, nn.BatchNorm2d))
    return model


@pytest.mark.parametrize("in_row", [True, False])
def test_batch_normalisation_by_this_image_gives_the_gradients_of_training_mode(in_row: bool):
    parts = learned(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(36, 4))
    model = parts if in_row else seeded(lambda self, x: self.parts(x) + 0, parts=parts)
    values = picture(SHAPE)
    step = trace_training_step(model, values, 1, batch_statistics=True)
    own = in_training(copy.deepcopy(model))
    loss = functional.cross_entropy(own(torch.tensor(values)[None]), torch.tensor([1]))
    loss.backward()
    assert step.loss == pytest.approx(loss.item())
    for path, parameter in own.named_parameters():
        np.testing.assert_allclose(step.parameters[path].gradient, parameter.grad, rtol=1e-9, atol=1e-10)
    norm = next(layer for layer in step.layers if layer.spec.kind is Kind.NORMALISATION)
    assert norm.spec.is_by_image
    np.testing.assert_allclose(norm.grad_input.sum((1, 2)), 0, atol=1e-9)  # a shift of a whole map changes nothing
    plain = next(
        layer for layer in trace_training_step(model, values, 1).layers if layer.spec.kind is Kind.NORMALISATION
    )
    assert not plain.spec.is_by_image
    assert np.abs(plain.grad_input.sum((1, 2))).max() > 1e-6  # the negative twin: by running estimates it does


def test_a_function_that_normalises_is_told_to_train_too():
    def forward(self, x):
        y = functional.batch_norm(x, self.n.running_mean, self.n.running_var, self.n.weight, self.n.bias)
        return self.fc(y.flatten(1))

    model = seeded(forward, n=learned(nn.BatchNorm2d(2))[0], fc=nn.Linear(60, 3))
    own = nn.Sequential(copy.deepcopy(model.n).train(), nn.Flatten(), copy.deepcopy(model.fc))
    functional.cross_entropy(own(torch.tensor(picture(SHAPE))[None]), torch.tensor([1])).backward()
    step = trace_training_step(model, picture(SHAPE), 1, batch_statistics=True)
    np.testing.assert_allclose(step.parameters["n.weight"].gradient, own[0].weight.grad, atol=1e-12)
    np.testing.assert_allclose(step.layer("batch_norm").grad_output.shape, SHAPE)


# Where the way back begins and ends


def test_a_network_that_ends_with_softmax_has_the_loss_of_its_probabilities():
    scores = nn.Sequential(nn.Flatten(), nn.Linear(60, 4)).double()
    ends = nn.Sequential(scores, nn.Softmax(dim=1))
    step, plain = (trace_training_step(model, picture(SHAPE), 1) for model in (ends, scores))
    assert step.loss == pytest.approx(-np.log(step.probabilities[1]))
    assert step.loss == pytest.approx(plain.loss)
    np.testing.assert_allclose(step.grad_logits, step.probabilities - step.truth, atol=1e-12)
    for path, held in plain.parameters.items():
        np.testing.assert_allclose(step.parameters[f"0.{path}"].gradient, held.gradient)


def test_what_goes_around_a_dead_end_still_arrives():
    def forward(self, x):
        y = self.conv(x)
        return self.fc((y * torch.heaviside(y, torch.ones_like(y))).flatten(1) + torch.sigmoid(y.detach()).flatten(1))

    model = seeded(forward, conv=nn.Conv2d(2, 2, 3), fc=nn.Linear(24, 3))
    step = trace_training_step(model, picture(SHAPE), 1)
    assert np.abs(step.parameters["conv.weight"].gradient).max() > 0
    assert any("goes around" in problem for problem in step.problems)


def test_a_layer_that_nothing_reads_gets_no_gradient_and_it_is_not_0():
    model = seeded(
        lambda self, x: (self.fc(x.flatten(1)), self.aside(x)), fc=nn.Linear(60, 3), aside=nn.Conv2d(2, 2, 3)
    )
    step = trace_training_step(model, picture(SHAPE), 1)
    assert step.layer("aside").grad_output is None
    assert step.parameters["aside.weight"].gradient is None
    with pytest.raises(TrainingStepError, match="aside"):
        cell_gradient(step.layer("aside"), 0, 0, 0)


def test_sums_that_there_are_not_are_refused():
    layer: LayerStep = moved().layer("relu1")
    with pytest.raises(IndexError, match="relu1"):
        cell_gradient(layer, 0, 0, 99)
    with pytest.raises(TrainingStepError, match="relu1 has no weight"):
        parameter_sum(layer, "weight", 0)


def test_a_network_that_cannot_be_drawn_is_refused_in_one_sentence():
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(60, 3)

        def forward(self, x):
            raise RuntimeError("no way")

    with pytest.raises(TrainingStepError, match="trace"):
        trace_training_step(Odd(), picture(SHAPE), 0)
