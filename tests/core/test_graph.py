"""A network as a graph: every rule against PyTorch's gradient, and nothing left behind in the model."""

import copy
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision import models

from cnnviz.core.graph import GraphError, build_graph, build_graph_to
from cnnviz.core.ops import OpKind
from cnnviz.core.receptive_field import FieldStatus, layer_receptive_fields, receptive_field
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from tests.core.function_network import Call

SHAPE = (4, 6, 8)


def squeeze_and_excite(self, x):
    return x * self.fc(self.pool(x)).sigmoid()


def shuffle(self, x):
    n, c, h, w = x.size()
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


def last_channels(self, x):
    y = x.permute(0, 2, 3, 1)
    return self.linear(functional.layer_norm(y, [4])).permute(0, 3, 1, 2)


def attend(self, x):
    tokens = x.flatten(2).transpose(1, 2)
    return self.attention(tokens, tokens, tokens, need_weights=False)[0]


def join_backwards(parts):
    return torch.cat([parts[1], parts[0]], dim=1)


NETWORKS = {
    "a convolution that pads with its own border": nn.Conv2d(4, 2, 3, padding=1, padding_mode="replicate"),
    "a convolution that pads by reflection": nn.Conv2d(4, 2, 5, padding=2, padding_mode="reflect"),
    "a convolution around the world": nn.Conv2d(4, 2, 3, padding=2, padding_mode="circular"),
    "a transposed convolution": nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1, groups=2),
    "adaptive pooling into uneven parts": nn.AdaptiveAvgPool2d((4, 3)),
    "global pooling": nn.AdaptiveAvgPool2d(1),
    "a pooling function": Call(lambda self, x: functional.avg_pool2d(x, kernel_size=(2, 3), stride=1, padding=(1, 0))),
    "a convolution function": Call(
        lambda self, x: functional.conv2d(x, self.c.weight, padding=1), c=nn.Conv2d(4, 2, 3)
    ),
    "a layer with padding of its own": nn.Sequential(nn.ZeroPad2d((0, 1, 2, 0)), nn.Conv2d(4, 2, 2)),
    "a padding function": Call(lambda self, x: self.c(functional.pad(x, (1, 0, 1, 0))), c=nn.Conv2d(4, 2, 3)),
    "squeeze and excitation": Call(squeeze_and_excite, pool=nn.AdaptiveAvgPool2d(1), fc=nn.Conv2d(4, 4, 1)),
    "a channel shuffle": Call(shuffle),
    "a channel shuffle and groups": nn.Sequential(
        nn.Conv2d(4, 4, 3, groups=2), Call(shuffle), nn.Conv2d(4, 4, (1, 3), groups=2)
    ),
    "channels last": Call(last_channels, linear=nn.Linear(4, 3)),
    "group normalisation": nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.GroupNorm(2, 4)),
    "instance normalisation": nn.Sequential(nn.Conv2d(4, 4, 3), nn.InstanceNorm2d(4)),
    "batch normalisation without estimates": nn.Sequential(
        nn.Conv2d(4, 4, 3, groups=2), nn.BatchNorm2d(4, track_running_stats=False)
    ),
    "local response normalisation": nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.LocalResponseNorm(2)),
    "softmax over channels": nn.Sequential(nn.Conv2d(4, 4, 3), nn.Softmax(dim=1)),
    "softmax along rows": Call(lambda self, x: torch.softmax(x, dim=-1)),
    "a mean over one axis": Call(lambda self, x: x.mean(2, keepdim=True)),
    "a mean over channels": Call(lambda self, x: self.c(x).mean(dim=1, keepdim=True), c=nn.Conv2d(4, 4, 3)),
    "pixel shuffle": nn.Sequential(nn.Conv2d(4, 4, 3), nn.PixelShuffle(2)),
    "upsampling": nn.Sequential(nn.Conv2d(4, 2, 3), nn.Upsample(scale_factor=2, mode="bilinear")),
    "a crop": Call(lambda self, x: self.c(x)[:, :, 1:, 2:], c=nn.Conv2d(4, 2, 3)),
    "one channel of several": Call(lambda self, x: self.c(x)[:, 1:2], c=nn.Conv2d(4, 4, 3, groups=2)),
    "splits": Call(lambda self, x: join_backwards(x.split([1, 3], dim=1))),
    "a difference with itself": Call(lambda self, x: x - torch.roll(x, 1, dims=3)),
}


def moves(model: nn.Module, index: tuple[int, ...], shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    torch.manual_seed(3)
    twin = copy.deepcopy(model).double().eval()
    image = torch.rand(1, *shape, dtype=torch.float64).requires_grad_()
    (gradient,) = torch.autograd.grad(twin(image)[(0, *index)], image)
    return (gradient[0] != 0).any(dim=0).numpy()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_rule_is_what_the_gradient_says(name: str):
    torch.manual_seed(1)
    model = NETWORKS[name].eval()
    graph = build_graph(model, SHAPE)
    last = graph.nodes[-2]
    channels, rows, cols = last.shape
    for place in {
        (0, 0, 0),
        (channels - 1, rows - 1, cols - 1),
        (0, rows // 2, cols // 2),
        (channels - 1, 0, cols - 1),
    }:
        made = receptive_field(graph, UnitRef(last.name, *place))
        expected = moves(model, place)
        np.testing.assert_array_equal(made.exact, expected)
        assert not (expected & ~made.image.clipped.mask(expected.shape)).any()
    assert made.status is not FieldStatus.UNSUPPORTED
    assert_sight_holds(graph, last.name)


def assert_sight_holds(graph, name: str) -> None:
    """Whole and exact are claims about every unit of every channel."""
    sight, node = layer_receptive_fields(graph)[name], graph.nodes[graph.position(name)]
    if sight.status not in (FieldStatus.EXACT, FieldStatus.WHOLE_IMAGE):
        return
    for place in np.ndindex(node.shape):
        seen = receptive_field(graph, UnitRef(name, *map(int, place))).image
        assert not np.any(seen.exact ^ seen.clipped.mask(seen.exact.shape))
        assert sight.status is FieldStatus.EXACT or seen.exact.all()


@pytest.mark.parametrize("entry", [0, 13, 47])
def test_an_entry_of_a_flattened_map_sees_what_its_unit_saw(entry: int):
    model = nn.Sequential(nn.Conv2d(4, 4, 3, groups=2, padding=1), nn.MaxPool2d(2), nn.Flatten())
    made = receptive_field(build_graph(model, SHAPE), UnitRef("2", entry))
    channel, rest = divmod(entry, 3 * 4)
    unit = receptive_field(build_graph(model, SHAPE), UnitRef("1", channel, *divmod(rest, 4)))
    np.testing.assert_array_equal(made.exact, unit.exact)
    assert made.reach == unit.reach


def test_attention_sees_the_whole_image():
    model = Call(attend, attention=nn.MultiheadAttention(4, 2, batch_first=True)).eval()
    graph = build_graph(model, SHAPE)
    made = receptive_field(graph, UnitRef("attention.0", 0, 5, 2))
    assert made.status is FieldStatus.WHOLE_IMAGE
    assert moves(model, (5, 2)).all()


def test_the_last_column_that_a_stride_leaves_over_is_not_in_the_whole_image():
    """A formula alone says 7 − 2 = 5 of 6 pixels and more: the layer reads 0..4, and so does all after it."""
    model = nn.Sequential(
        nn.Conv2d(4, 2, 3, stride=2), nn.Conv2d(2, 2, 3, padding=1), nn.Flatten(), nn.Linear(2 * 2 * 3, 5)
    )
    graph = build_graph(model, SHAPE)
    assert layer_receptive_fields(graph)["3"].status is FieldStatus.BOUND
    expected = moves(model, (0,))
    assert not expected[-1].any()
    np.testing.assert_array_equal(receptive_field(graph, UnitRef("3")).exact, expected)


class Strange(nn.Module):
    """An operation that nobody wrote a rule for."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cumsum(x, dim=2)


def test_an_operation_without_a_rule_is_not_guessed():
    model = nn.Sequential(nn.Conv2d(4, 2, 3), Strange(), nn.Conv2d(2, 2, 3, padding=1), nn.ReLU())
    graph = build_graph(model, SHAPE)
    made = receptive_field(graph, UnitRef("3", 0, 1, 1))
    assert (made.status, made.image, made.reach, made.exact) == (FieldStatus.UNSUPPORTED, None, None, None)
    assert made.unknown == ("1.cumsum",)
    assert "1.cumsum" in made.sentence
    assert set(made.earlier) == {"2"}
    found = layer_receptive_fields(graph)
    assert [found[name].status for name in ("0", "1.cumsum", "2", "3")] == [FieldStatus.EXACT] + [
        FieldStatus.UNSUPPORTED
    ] * 3
    assert found["3"].size is None


def test_what_goes_around_the_unknown_operation_is_still_known():
    model = Call(lambda self, x: self.b(self.a(x)), a=nn.Conv2d(4, 4, 3), b=Strange())
    graph = build_graph(model, SHAPE)
    assert receptive_field(graph, UnitRef("a", 0, 1, 1)).status is FieldStatus.EXACT
    assert receptive_field(graph, UnitRef("b.cumsum", 0, 1, 1)).earlier == {}


def state_of(model: nn.Module) -> list:
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks), m.training, sorted(vars(m))) for m in model.modules()]
    values = [(t.detach().clone(), t.requires_grad, t.grad is None) for t in (*model.parameters(), *model.buffers())]
    return [hooks, values]


def assert_same(before: list, after: list) -> None:
    assert before[0] == after[0]
    for (old, *flags), (new, *new_flags) in zip(before[1], after[1], strict=True):
        assert torch.equal(old, new)
        assert flags == new_flags


def test_the_model_is_left_untouched():
    from cnnviz.core.receptive_field import effective_field

    model = models.resnet18(weights=None).train()
    model.conv1.register_forward_hook(lambda *_: pytest.fail("a hook of the model ran"))
    before = state_of(model)
    graph = build_graph(model, (3, 32, 32))
    effective_field(graph, UnitRef("layer1.0.add", 0, 3, 3), np.ones((3, 32, 32), np.float32))
    assert_same(before, state_of(model))
    with torch.no_grad():
        model.bn1.running_mean += 1
    with pytest.raises(AssertionError):  # the negative twin
        assert_same(before, state_of(model))


def test_a_layer_that_refuses_is_named_in_one_sentence():
    with pytest.raises(GraphError, match=r"^layer 1 refused its input of shape 4×6×8: choose .*\)$"):
        build_graph(nn.Sequential(nn.ReLU(), nn.Conv2d(3, 1, 3)), SHAPE)


def test_a_network_whose_way_depends_on_numbers_is_refused_in_one_sentence():
    with pytest.raises(
        GraphError, match=r"^network must be one that torch\.fx or torch\.export can trace, got Call: .*$"
    ):
        build_graph(Call(lambda self, x: x if x.sum() > 0 else -x), SHAPE)


def test_an_unknown_layer_is_refused_with_the_known_ones():
    with pytest.raises(GraphError, match=r"one of 0, 1, got 'conv9'"):
        build_graph(nn.Sequential(nn.ReLU(), nn.ReLU()), SHAPE).position("conv9")


def test_a_layer_that_runs_twice_has_two_names_and_is_counted_once():
    conv = nn.Conv2d(4, 4, 3, padding=1)
    graph = build_graph(nn.Sequential(conv, conv), SHAPE)
    model = Call(lambda self, x: self.c(self.c(x)), c=conv)
    graph = build_graph(model, SHAPE)
    assert [(node.name, node.parameters) for node in graph.layers] == [("c", 4 * 37), ("c#2", 0)]
    assert sum(node.parameters for node in graph.nodes) == sum(p.numel() for p in model.parameters())


def test_shapes_and_multiply_adds_are_those_of_the_formula():
    graph = build_graph(nn.Sequential(nn.Conv2d(4, 6, 3, groups=2), nn.Flatten(), nn.Linear(6 * 4 * 6, 5)), SHAPE)
    assert [node.shape for node in graph.layers] == [(6, 4, 6), (144,), (5,)]
    assert [node.macs for node in graph.layers] == [6 * 4 * 6 * (3 * 3 * 4 // 2), 0, 144 * 5]


def test_a_field_of_resnet50_takes_no_forward_pass(monkeypatch: pytest.MonkeyPatch):
    from cnnviz.core.receptive_field.field import reaches

    with torch.device("meta"):
        model = models.resnet50(weights=None)
    graph = build_graph(model, (3, 224, 224))
    position = graph.position("layer4.2.conv3")
    monkeypatch.setattr(nn.Module, "__call__", None)
    monkeypatch.setattr(nn.Module, "_call_impl", None)
    with pytest.raises(TypeError, match="not callable"):
        model(torch.zeros(1, 3, 224, 224, device="meta"))
    box = reaches(graph, position, UnitRef("layer4.2.conv3", 0, 3, 3))[0]
    assert (len(box.rows), len(box.cols)) == (427, 427)


def add_both(parts):
    return torch.add(parts[0], parts[1])


def test_the_parts_of_a_split_are_layers_and_the_split_itself_is_none():
    graph = build_graph(Call(lambda self, x: add_both(x.chunk(2, dim=1))), SHAPE)
    assert [node.name for node in graph.layers] == ["chunk.0", "chunk.1", "add"]
    assert {node.rule.how for node in graph.nodes} == {OpKind.CELLWISE, OpKind.SELECT, OpKind.NOTHING}


def tokens_first(self, x):
    return self.fc(self.c(x).flatten(2).permute(2, 0, 1))


def test_a_layer_on_tokens_does_not_see_the_whole_image_where_they_stand_on_the_first_axis():
    model = Call(tokens_first, c=nn.Conv2d(4, 6, 2, 2), fc=nn.Linear(6, 3))
    graph = build_graph(model, SHAPE)
    assert graph.nodes[graph.position("fc")].shapes[0][0] > 1
    assert layer_receptive_fields(graph)["fc"].status is not FieldStatus.WHOLE_IMAGE


def attend_by_function(self, x):
    tokens = self.c(x).flatten(2).transpose(1, 2)
    return functional.scaled_dot_product_attention(tokens, tokens, tokens, None, 0.0, self.causal)


@pytest.mark.parametrize("is_causal", [False, True])
def test_attention_as_a_function_reads_all_positions_unless_it_is_masked(is_causal: bool):
    model = Call(attend_by_function, c=nn.Conv2d(4, 4, 2, 2))
    model.causal = is_causal
    graph = build_graph(model, SHAPE)
    name = "scaled_dot_product_attention"
    made = receptive_field(graph, UnitRef(name, 0, 5, 2))
    assert made.status is (FieldStatus.UNSUPPORTED if is_causal else FieldStatus.WHOLE_IMAGE)


@pytest.mark.parametrize("place", [(0, 0, 0), (3, 4, 5), (5, 7, 1)])
def test_units_are_counted_as_the_trace_lays_them_out(place: tuple[int, int, int]):
    """Also where channels stand last: the field belongs to the cell that has this number in the trace."""
    model = Call(lambda self, x: self.c(x).permute(0, 2, 3, 1), c=nn.Conv2d(4, 4, 3, padding=1))
    graph = build_graph(model, SHAPE)
    made = trace(model, np.zeros(SHAPE, np.float32)).layers[-1]
    assert made.output.shape == (6, 8, 4)
    place = place[0], place[1], min(place[2], 3)
    row, col, channel = place
    mine = receptive_field(graph, UnitRef("permute", *place))
    theirs = receptive_field(graph, UnitRef("c", channel, row, col))
    np.testing.assert_array_equal(mine.exact, theirs.exact)
    assert mine.reach == theirs.reach
    node = graph.nodes[graph.position("permute")]
    assert node.unit_at(row, col) == UnitRef("permute", row, col, 0)


@pytest.mark.parametrize("name", ["softmax", "input"])
def test_a_layer_called_as_the_image_or_the_probabilities_gets_another_name(name: str):
    """So a place in the network is one column: the layer's, or that which every network has."""
    torch.manual_seed(0)
    parts = {"conv": nn.Conv2d(1, 2, 3), name: nn.ReLU(), "flat": nn.Flatten(), "fc": nn.Linear(18, 3)}
    model, image = nn.Sequential(OrderedDict(parts)).eval(), torch.rand(1, 1, 5, 5)
    assert [layer.spec.path for layer in trace(model, image[0].numpy()).layers] == ["conv", f"{name}#2", "flat", "fc"]
    graph = build_graph_to(model, (1, 5, 5), nn.Softmax(dim=1), "softmax")
    with torch.no_grad():
        torch.testing.assert_close(graph.program(graph.position("softmax"), image), model(image).softmax(1))
        torch.testing.assert_close(graph.program(graph.position(f"{name}#2"), image), model[:2](image))
    assert graph.nodes[graph.position(f"{name}#2")].type_name == "ReLU"
    assert graph.nodes[graph.position("input")].call is None


def test_a_function_called_softmax_inside_is_not_the_probabilities():
    model = Call(lambda self, x: self.fc(torch.softmax(x, 1).flatten(1)), fc=nn.Linear(25, 3)).eval()
    graph = build_graph_to(model, (1, 5, 5), nn.Softmax(dim=1), "softmax")
    assert [node.name for node in graph.layers] == ["softmax#2", "flatten", "fc", "softmax"]
