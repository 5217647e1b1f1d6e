"""Files of torch.export as people have them: torchvision's networks, shared modules, changes in place, odd exports."""

import io
import operator
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from exported import Small, graph_of, lively, pt2_bytes, seeded_image, small_file, unzip, with_json, zip_up
from torch import Tensor, nn
from torch.nn import functional as F

from cnnviz.core.graph import build_graph
from cnnviz.core.trace import trace
from cnnviz.models.importers.pt2 import read_pt2
from cnnviz.models.importers.records import ImportedNetworkError
from cnnviz.models.importers.source_facts import read_source_line
from cnnviz.models.summary import summarise

SMALL_SIDE = {"squeezenet1_1": 32, "shufflenet_v2_x0_5": 32, "mobilenet_v3_small": 32, "resnet18": 32, "mnasnet0_5": 32}


@pytest.mark.parametrize("name", sorted(SMALL_SIDE))
def test_a_network_of_torchvision_gives_the_numbers_of_pytorch(name: str):
    torch.manual_seed(0)
    model = lively(torchvision.models.get_model(name, weights=None, num_classes=7)).eval()
    image = seeded_image(1, 3, SMALL_SIDE[name], SMALL_SIDE[name])
    network = read_pt2(pt2_bytes(model, image))
    expected = model(image)
    assert expected.abs().max() > 0
    assert torch.equal(network.module(image), expected)
    assert network.input_shape == tuple(image.shape[1:])


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1"])
def test_the_table_of_an_opened_network_is_that_of_the_one_in_python(name: str):
    """Names, types, shapes, parameters, multiply-adds, receptive fields, each layer."""
    model, image = torchvision.models.get_model(name, weights=None).eval(), seeded_image(1, 3, 64, 64)
    opened = read_pt2(pt2_bytes(model, image))
    found, expected = (summarise(one, (3, 64, 64)).to_record() for one in (opened.module, model))
    for row in (*found["layers"], *expected["layers"]):
        row.pop("source_line", None)  # which the file alone says
    assert found == expected


def test_tensors_keep_their_names_and_the_module_can_be_drawn():
    model = lively(Small()).eval()
    network = read_pt2(pt2_bytes(model, seeded_image(1, 1, 6, 6)))
    own = model.state_dict()
    assert set(network.module.state_dict()) == set(own)
    assert torch.equal(network.module.get_parameter("features.0.weight"), own["features.0.weight"])
    assert torch.equal(network.module.get_buffer("features.1.running_var"), own["features.1.running_var"])
    graph = build_graph(network.module, network.input_shape)
    assert sum(node.parameters for node in graph.nodes) == sum(each.numel() for each in model.parameters())


def test_a_layer_knows_the_line_of_its_author_and_a_summary_says_it():
    network = read_pt2(small_file())
    (node,) = (one for one in build_graph(network.module, network.input_shape).layers if one.name == "features.0")
    file, line, code = node.source_line or ("", 0, "")
    assert (file, code) == ("exported.py", Path(__file__).with_name(file).read_text().splitlines()[line - 1].strip())
    assert "self.features" in code
    (layer,) = (one for one in trace(network.module, np.zeros(network.input_shape, np.float32)).layers
                if one.spec.path == "features.0")  # fmt: skip
    assert layer.source_line == node.source_line
    rows = summarise(network.module, network.input_shape).to_record()["layers"]
    assert [row["source_line"] for row in rows if row["name"] == "features.0"] == [[file, line, code]]


def test_a_line_of_pytorchs_own_is_nobodys_line():
    frames = ['File "/home/ada/net.py", line 7, in forward\n    x = self.conv(x)\n',
              'File "/x/site-packages/torch/nn/modules/conv.py", line 565, in forward\n    return F.conv2d(x)\n',
              'File "<eval_with_key>.3", line 5, in forward\n    conv = self.conv(x)\n']  # fmt: skip
    assert read_source_line("".join(frames)) == ("net.py", 7, "x = self.conv(x)")
    assert read_source_line("".join(frames[1:])) is None
    program = nn.Sequential(nn.Conv2d(1, 2, 3))
    nodes = read_pt2(pt2_bytes(program, torch.zeros(1, 1, 5, 5))).module.graph.nodes
    assert not any("source_line" in node.meta for node in nodes)


def test_what_cannot_be_printed_is_no_part_of_a_line():
    text = 'File "/home/ada/\u202enet.py", line 7, in forward\n    x = 1  # \u202e\x07<b>\n'
    assert read_source_line(text) == ("?net.py", 7, "x = 1  # ??<b>")


def test_a_step_says_its_module_and_the_line_of_its_author():
    network = read_pt2(small_file())
    nodes = {node.name: node for node in network.module.graph.nodes}
    assert [name for name in nodes if name[:2] not in ("p_", "b_")] == [
        "x", "conv2d", "batch_norm", "relu_", "max_pool2d", "flatten", "linear", "output"
    ]  # fmt: skip
    path, type_name = list(nodes["conv2d"].meta["nn_module_stack"].values())[-1]
    assert (path, type_name) == ("features.0", "torch.nn.modules.conv.Conv2d")
    file, line, code = nodes["conv2d"].meta["source_line"]
    assert (file, code) == ("exported.py", "return self.classifier(torch.flatten(self.features(x), 1))")
    assert line > 0


def test_what_is_changed_in_place_stays_visible_before_the_change():
    network = read_pt2(small_file())
    seen = {}

    class Watched(torch.fx.Interpreter):
        def run_node(self, n: torch.fx.Node) -> object:
            seen[n.name] = super().run_node(n)
            return seen[n.name]

    Watched(network.module).run(seeded_image(1, 1, 6, 6))
    assert (seen["batch_norm"] < 0).any()
    assert not (seen["relu_"] < 0).any()


class Before(nn.Module):
    """A shortcut that is taken before a change in place sees the change, in PyTorch."""

    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        shortcut = y
        F.relu_(y)
        same = F.dropout(y, training=False)
        same.add_(1)
        return shortcut + y + same


class Through(nn.Module):
    """A change in place through a view."""

    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        y.view(-1).relu_()
        return y


def test_a_change_of_a_buffer_is_refused():
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("seen", torch.zeros(1))

        def forward(self, x: Tensor) -> Tensor:
            self.seen.view(1).add_(1)
            return x + self.seen

    with pytest.raises(ImportedNetworkError, match="changes its own seen while it runs: export it after"):
        read_pt2(pt2_bytes(Counting(), seeded_image(1, 1, 2, 2)))


def test_a_change_in_place_is_seen_under_every_name():
    image = seeded_image(1, 1, 4, 4)
    assert torch.equal(read_pt2(pt2_bytes(Before(), image)).module(image), Before()(image))


def test_a_change_through_another_view_is_refused():
    with pytest.raises(ImportedNetworkError, match=r"mul is changed in place through another view of it: call \.clone"):
        read_pt2(pt2_bytes(Through(), seeded_image(1, 1, 4, 4)))


class Branches(nn.Module):
    """Decides by the shape, calls one module twice, functions, and gives several things back."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.register_buffer("scale", torch.tensor([[[2.0]], [[3.0]]]), persistent=False)
        self.fixed = torch.ones(2, 1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        if x.shape[2] > 4:
            x = F.max_pool2d(x, 2)
        y = self.conv(self.conv(x)) * self.scale + self.fixed
        left, _right = y.chunk(2, 1)
        return self.scale, {"label": y.flatten(1).argmax(1), "left": left}


def test_control_flow_on_shapes_shared_modules_and_several_outputs():
    torch.manual_seed(0)
    model, image = Branches().eval(), seeded_image(1, 2, 8, 8)
    network = read_pt2(pt2_bytes(model, image))
    assert torch.equal(network.module(image), model(image)[1]["label"])
    assert network.output_names == ("b_scale", "argmax", "getitem")
    assert network.notes == ("The network has 3 outputs; argmax is shown, the first that the image changes.",)
    calls = [node for node in network.module.graph.nodes if str(node.target) == "aten.conv2d.default"]
    assert [list(node.meta["nn_module_stack"].values())[-1][0] for node in calls] == ["conv", "conv"]
    assert {node.args[1].target for node in calls} == {"conv.weight"}
    assert operator.getitem not in {node.target for node in network.module.graph.nodes}  # the output needs none


def test_a_file_exported_in_training_mode_runs_as_in_evaluation_and_says_so():
    torch.manual_seed(0)
    model, image = lively(nn.Sequential(Small(), nn.Dropout(0.5))).train(), seeded_image(2, 1, 6, 6)
    content = pt2_bytes(model, image)
    network = read_pt2(content)
    one = image[:1]
    assert torch.equal(network.module(one), model.eval()(one))
    assert network.notes[0].startswith("The file was exported for 2 images at once")
    assert network.notes[1].startswith("The file was exported in training mode")
    decomposed = pt2_bytes(model.train(), one, decompose=True)
    assert torch.equal(read_pt2(decomposed).module(one), model.eval()(one))


def test_sizes_that_may_change_are_those_of_the_image():
    class Sized(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            count, rows = x.shape[0], x.shape[2]
            return (x * 2).view(count, 3, rows * x.shape[3]).mean(2).reshape(count, -1)

    sizes = {"x": {0: torch.export.Dim("n"), 2: torch.export.Dim("rows", min=3, max=99)}}
    network = read_pt2(pt2_bytes(Sized(), seeded_image(2, 3, 8, 6), dynamic=sizes))
    image = seeded_image(1, 3, 8, 6)
    assert torch.equal(network.module(image), Sized()(image))
    assert network.input_shape == (3, 8, 6)


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_other_kinds_of_numbers_are_kept(kind: torch.dtype):
    torch.manual_seed(0)
    model, image = lively(Small()).eval().to(kind), seeded_image(1, 1, 6, 6).to(kind)
    network = read_pt2(pt2_bytes(model, image))
    assert network.input_dtype is kind
    assert torch.equal(network.module(image), model(image))


def test_an_example_of_several_images_is_refused_where_the_network_counts_on_it():
    with pytest.raises(ImportedNetworkError, match="refused its input of shape 1×4×2×2: export the network ag"):
        read_pt2(pt2_bytes(lively(Small()).eval(), seeded_image(2, 1, 6, 6), decompose=True))


@pytest.mark.filterwarnings("ignore:No complete tensor found in the group")
def test_weights_that_lie_otherwise_in_memory_are_read_as_they_lie():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.Flatten(), nn.Linear(64, 2)).to(memory_format=torch.channels_last)
    model[2].weight = nn.Parameter(torch.randn(64, 2).t())
    image = seeded_image(1, 2, 6, 6)
    network = read_pt2(pt2_bytes(model.eval(), image))
    assert network.module.get_parameter("2.weight").stride() == (1, 2)
    assert torch.equal(network.module(image), model(image))


class Sorted(nn.Module):
    """An operation that is none of a convolutional network."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sort(1).values


@pytest.mark.parametrize(
    ("model", "shape", "says"),
    [
        (nn.Linear(4, 2), (1, 4), r"must take a batch of images \(n, channels, rows, columns\), got 1×4"),
        (Sorted(), (1, 2, 4, 4), r"aten\.sort\.default cannot be opened: write the network without it"),
    ],
)
def test_another_kind_of_network_is_refused(model: nn.Module, shape: tuple[int, ...], says: str):
    with pytest.raises(ImportedNetworkError, match=says):
        read_pt2(pt2_bytes(model.eval(), seeded_image(*shape)))


def test_two_images_are_refused():
    class Two(nn.Module):
        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return x + y

    program = torch.export.export(Two(), (torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2)))
    file = io.BytesIO()
    torch.export.save(program, file)
    with pytest.raises(ImportedNetworkError, match="must take one image, got 2 inputs: wrap it"):
        read_pt2(file.getvalue())


def test_a_condition_on_values_is_refused_with_what_helps():
    class Conditional(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cond(x.sum() > 0, lambda y: y * 2, lambda y: y * 3, (x,))

    with pytest.raises(ImportedNetworkError, match="comes of control flow or no_grad inside forward, take that out"):
        read_pt2(pt2_bytes(Conditional(), torch.ones(1, 1, 2, 2)))


class Picked(nn.Module):
    """Picks channels by an index that is fixed, or computed."""

    def __init__(self, index: list[int] | None) -> None:
        super().__init__()
        self.index = index

    def forward(self, x: Tensor) -> Tensor:
        return x[:, x.argmax().reshape(1) if self.index is None else torch.tensor(self.index)]


@pytest.mark.parametrize("index", [[0, 1], [-2]])
def test_channels_are_picked_by_a_fixed_index(index: list[int]):
    image = seeded_image(1, 2, 3, 3)
    assert torch.equal(read_pt2(pt2_bytes(Picked(index), image)).module(image), Picked(index)(image))


def test_an_index_that_the_image_gives_or_that_lies_outside_is_refused():
    image = seeded_image(1, 2, 3, 3)
    with pytest.raises(ImportedNetworkError, match="index of index must be fixed, of cells that are there"):
        read_pt2(pt2_bytes(Picked(None), image))
    files = unzip(pt2_bytes(Picked([0]), image))
    constant = "archive/data/constants/tensor_0"
    assert files[constant] == bytes(8)
    with pytest.raises(ImportedNetworkError, match="index of index must be fixed, of cells that are there"):
        read_pt2(zip_up(files | {constant: (9).to_bytes(8, "little")}))


def test_defaults_that_the_file_leaves_out_come_from_the_operator():
    image = seeded_image(1, 1, 6, 6)
    network = read_pt2(pt2_bytes(nn.MaxPool2d(2, ceil_mode=True), image))
    (node,) = (node for node in network.module.graph.nodes if node.op == "call_function")
    assert node.args[1:] == ([2, 2], [2, 2], [0, 0], [1, 1], True)


def test_a_shape_that_differs_from_the_file_is_noticed():
    def other_stride(record: dict) -> None:
        (node,) = (node for node in graph_of(record)["nodes"] if node["target"].endswith("max_pool2d.default"))
        node["inputs"][1]["arg"] = {"as_ints": [4, 4]}

    with pytest.raises(ImportedNetworkError, match="max_pool2d must be of shape 1×4×2×2, as the file says, got"):
        read_pt2(with_json(small_file(), other_stride))
