"""`python -m cnnviz explain`: numbers of a network in a file, against PyTorch's own run of the model that wrote it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz.__main__ import main
from cnnviz.cli.explain import explain_node
from cnnviz.cli.networks import find_network
from cnnviz.models.builder import preset
from cnnviz.training import SavedNetwork, Scaling, pack_network
from cnnviz.training.saved_networks import build_untouched

SIDE = 12


class Squeeze(nn.Module):
    """Squeeze and excitation, by functions."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(count, 2, 1), nn.Conv2d(2, count, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.relu(self.fc1(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.fc2(weights))


class Net(nn.Module):
    """Shortcuts, groups, joined channels, in-place functions, a module that is used twice, and control flow."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.depthwise = nn.Conv2d(8, 8, 3, groups=8, padding=2, dilation=2)
        self.squeeze, self.pool, self.act = Squeeze(8), nn.MaxPool2d(2), nn.ReLU(inplace=True)
        self.up, self.head = nn.ConvTranspose2d(16, 6, 2, stride=2), nn.Linear(6, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.act(self.bn(self.conv(x)))
        b = self.depthwise(a)
        if x.shape[2] > 4:
            b = self.squeeze(b)
        first, second = b.chunk(2, 1)
        c = self.act(torch.cat([a + b, second, first], 1))
        d = nn.functional.interpolate(self.up(self.pool(c)), scale_factor=2, mode="bilinear")
        return self.head(nn.functional.silu(d).mean((2, 3)))


# Names in the file, and where PyTorch's own run finds the same values: a module's output, whole or one of two calls.
MODULES = {"conv": "conv", "bn": "bn", "depthwise": "depthwise", "pool": "pool", "up": "up", "head": "head",
           "squeeze": "squeeze", "squeeze.fc1": "squeeze.fc1", "squeeze.fc2": "squeeze.fc2"}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> nn.Module:
    torch.manual_seed(0)
    made = Net().train()
    with torch.no_grad():
        for _step in range(3):
            made(torch.rand(4, 3, SIDE, SIDE))
    return made.eval()


@pytest.fixture(scope="module")
def files(model: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("explained")
    program = torch.export.export(model, (torch.rand(1, 3, SIDE, SIDE),))
    torch.export.save(program, folder / "net.pt2")
    pixels = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "image.png")
    return folder / "net.pt2", folder / "image.png"


def pixels_of(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path), dtype=np.float32).transpose(2, 0, 1) / 255


def outputs(model: nn.Module, image: np.ndarray) -> dict[str, torch.Tensor]:
    """The output of every module, by PyTorch's own hooks, with gradients to the image."""
    found: dict[str, torch.Tensor] = {}
    value = torch.tensor(image)[None].requires_grad_()

    def keep(name: str):
        def hook(_module, _inputs, out) -> None:
            found.setdefault(name, out.clone())

        return hook

    hooks = [module.register_forward_hook(keep(name)) for name, module in model.named_modules()]
    model(value)
    for hook in hooks:
        hook.remove()
    return found | {"": value}


def made_of(record: dict) -> float:
    return record["bias"] + sum(term["product"] for term in record["terms"])


@pytest.mark.parametrize("name", MODULES)
def test_a_cell_is_pytorchs_its_terms_make_it_and_its_field_is_what_moves_it(model, files, name: str):
    network, _shape, _notes = find_network(str(files[0]))
    image = pixels_of(files[1])
    found = outputs(model, image)
    output = found[MODULES[name]]
    shape = (*output.shape[1:], 1, 1)[:3]
    for place in {(0, 0, 0), tuple(side - 1 for side in shape), tuple(side // 2 for side in shape)}:
        record = explain_node(network, image, name, place)
        expected = output[(0, *place[: output.dim() - 1])]
        assert record["total"] == float(expected.detach())
        assert made_of(record) == pytest.approx(record["total"], abs=1e-5)
        (gradient,) = torch.autograd.grad(expected, found[""], retain_graph=True, allow_unused=True)
        moved = (gradient[0] != 0).any(dim=0).numpy()
        assert_within(record["receptive_field"], moved)


def assert_within(field: dict, moved: np.ndarray) -> None:
    """What moves the cell lies inside what it reads: a ReLU that is off hides some of it from the gradient."""
    rows, cols = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
    if len(rows):
        assert field["rows"][0] <= rows[0] <= rows[-1] < field["rows"][1]
        assert field["cols"][0] <= cols[0] <= cols[-1] < field["cols"][1]


def test_a_field_of_another_cell_does_not_hold_what_moves_this_one(model, files):
    """The negative twin of the comparison."""
    network, image = find_network(str(files[0]))[0], pixels_of(files[1])
    found = outputs(model, image)
    (gradient,) = torch.autograd.grad(found["conv"][0, 0, 0, 0], found[""])
    other = explain_node(network, image, "conv", (0, 8, 8))["receptive_field"]
    with pytest.raises(AssertionError):
        assert_within(other, (gradient[0] != 0).any(dim=0).numpy())


def test_every_operation_of_the_network_is_explained(files):
    network, image = find_network(str(files[0]))[0], pixels_of(files[1])
    for name in ("act", "act#2", "add", "cat", "chunk.0", "chunk.1", "squeeze.mean", "squeeze.mul", "squeeze.relu",
                 "squeeze.sigmoid", "upsample_bilinear2d", "silu", "mean"):  # fmt: skip
        record = explain_node(network, image, name, (1, 0, 0))
        assert made_of(record) == pytest.approx(record["total"], abs=1e-5)
        assert record["terms"]


def test_what_a_score_sees_is_the_whole_image(files):
    network, image = find_network(str(files[0]))[0], pixels_of(files[1])
    field = explain_node(network, image, "head", (1, 0, 0))["receptive_field"]
    assert (field["status"], field["size"], field["rows"]) == ("whole image", [SIDE, SIDE], [0, SIDE])
    assert field["pixels"] == SIDE * SIDE


def test_names_of_the_files_own_nodes_are_understood(files):
    network, image = find_network(str(files[0]))[0], pixels_of(files[1])
    assert explain_node(network, image, "conv2d", (1, 2, 3)) == explain_node(network, image, "conv", (1, 2, 3))
    assert explain_node(network, image, "squeeze", (1, 2, 3))["node"] == "squeeze.mul"


def run(capsys, *words: object) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_prints_one_json_object(files, capsys):
    code, out, _err = run(
        capsys, "explain", files[0], "--image", files[1], "--node", "conv", "--unit", "3,4,5", "--json"
    )
    record = json.loads(out)
    assert code == 0
    assert {"total", "terms", "bias", "receptive_field"} <= record.keys()
    assert (len(record["terms"]), record["receptive_field"]["size"], record["unit"]) == (27, [3, 3], [3, 4, 5])


def test_the_image_is_standardised_only_where_that_is_asked(model, files, capsys):
    words = ("explain", files[0], "--image", files[1], "--node", "conv", "--unit", "0,6,6", "--json")
    mean, std = (0.4, 0.5, 0.6), (0.2, 0.25, 0.5)
    _code, out, _err = run(capsys, *words, "--mean", "0.4,0.5,0.6", "--std", "0.2,0.25,0.5")
    image = (pixels_of(files[1]) - np.float32(mean).reshape(3, 1, 1)) / np.float32(std).reshape(3, 1, 1)
    expected = outputs(model, image)["conv"][0, 0, 6, 6].detach()
    assert json.loads(out)["total"] == pytest.approx(float(expected), abs=1e-6)
    plain = json.loads(run(capsys, *words)[1])["total"]
    assert plain == float(outputs(model, pixels_of(files[1]))["conv"][0, 0, 6, 6].detach())
    assert abs(plain - float(expected)) > 1e-2


def test_shipped_networks_and_torchvisions_are_known_too(files, capsys):
    assert run(capsys, "explain", "mnist", "--image", files[1], "--resize", "28", "--node", "fc", "--unit", "3")[0] == 0
    code, out, _err = run(capsys, "explain", "torchvision:resnet18", "--image", files[1], "--resize", "32x32",
                          "--node", "layer1.0.conv1", "--unit", "1,2,3", "--json")  # fmt: skip
    assert code == 0
    assert len(json.loads(out)["terms"]) == 64 * 9


def test_a_network_that_the_app_has_saved_is_known(files, tmp_path, capsys):
    spec = preset("xo_small")
    weights = {name: value.numpy() for name, value in build_untouched(spec).state_dict().items()}
    scaling = Scaling((0.0,) * spec.input_shape[0], (1.0,) * spec.input_shape[0])
    path = tmp_path / "mine.safetensors"
    path.write_bytes(pack_network(SavedNetwork(spec, scaling, weights)))
    model, shape, _notes = find_network(str(path))
    assert shape == spec.input_shape
    size = "x".join(map(str, shape[1:]))
    name = next(iter(dict(model.named_children())))
    code, out, _err = run(capsys, "explain", path, "--image", files[1], "--resize", size, "--node", name,
                          "--unit", "0,0,0", "--json")  # fmt: skip
    assert (code, json.loads(out)["node"]) == (0, name)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"--node": "convolution"}, "layer must be one of conv, bn"),
        ({"--unit": "3,4"}, ""),
        ({"--unit": "99,0,0"}, "unit must lie within conv"),
        ({"--unit": "a,b"}, "unit must be channel, row and column"),
        ({"--mean": "1,2"}, "mean must be 1 number or 3"),
        ({"--std": "0,1,1"}, "std must be above 0"),
        ({"--resize": "0x4"}, "resize must be rows and columns"),
        ({"--image": "net"}, "cannot be read as an image"),
        ({"--image": "nowhere.png"}, "No such file"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(files, capsys, changed: dict, sentence: str):
    words = {"--image": files[1], "--node": "conv", "--unit": "0,0,0"} | changed
    if words["--image"] == "net":
        words["--image"] = files[0]
    code, _out, err = run(capsys, "explain", files[0], *(part for pair in words.items() for part in pair))
    assert (code == 0) == (sentence == "")
    assert sentence in err
    assert len(err.splitlines()) <= 1
