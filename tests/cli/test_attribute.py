"""`python -m cnnviz attribute`: why this answer, from the command line, against PyTorch's own numbers."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.__main__ import main


class Net(nn.Module):
    """A convolution and a shortcut, written for one image."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.more, self.head = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding=1), nn.Linear(144, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        begun = torch.relu(self.conv(x))
        return self.head((begun + self.more(begun)).reshape(1, 144))


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    return Net().eval()


@pytest.fixture(scope="module")
def files(network: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("attribute")
    image = np.random.default_rng(0).random((3, 8, 8), dtype=np.float32)
    np.save(folder / "image.npy", image)
    written = io.BytesIO()
    torch.export.save(torch.export.export(network, (torch.tensor(image)[None],)), written)
    (folder / "net.pt2").write_bytes(written.getvalue())
    return folder / "net.pt2", folder / "image.npy"


def asked(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["attribute", str(files[0]), "--image", str(files[1]), *words]) == 0
    return capsys.readouterr().out


def test_a_network_from_a_file_as_json(network: nn.Module, files: tuple[Path, Path], capsys):
    made = json.loads(asked(files, capsys, "--method", "ig", "--target", "3", "--json"))
    image = torch.tensor(np.load(files[1]))[None]
    scores = [float(network(one)[0, 3].detach()) for one in (image, 0 * image)]
    assert (made["output"], made["baseline_output"]) == pytest.approx(scores, abs=1e-5)
    values = np.array(made["map"])
    assert values.shape == (3, 8, 8)
    assert made["completeness_error"] == pytest.approx(abs(values.sum() - scores[0] + scores[1]), abs=1e-4)
    assert made["completeness_error"] < 0.01 * abs(scores[0] - scores[1])
    assert set(made["checks"]) >= {"doubts", "deletion", "insertion", "shuffled"}


def test_one_class_rather_than_another(network: nn.Module, files: tuple[Path, Path], capsys):
    made = json.loads(
        asked(files, capsys, "--method", "input_x_gradient", "--target", "1", "--against", "2", "--json", "--no-checks")
    )
    image = torch.tensor(np.load(files[1]))[None].requires_grad_()
    scores = network(image)[0]
    gradient = torch.autograd.grad(scores[1] - scores[2], image)[0]
    np.testing.assert_allclose(made["map"], (image * gradient)[0].detach().numpy(), atol=1e-5)
    assert made["checks"] is None


def test_the_same_for_people(files: tuple[Path, Path], capsys):
    said = asked(files, capsys, "--target", "3")
    assert "sum of the map" in said
    assert "strongest pixels (row, column):" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--target", "5"), "target must be a class from 0 to 4, got 5"),
        (("--steps", "0"), "steps must be a whole number from 1 to 1600, got 0"),
        (("--method", "grad_cam", "--layer", "nowhere"), "layer must be one of"),
        (("--method", "lrp"), "This method has no rule for a layer of this network"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(files: tuple[Path, Path], capsys, words: tuple[str, ...], says: str):
    assert main(["attribute", str(files[0]), "--image", str(files[1]), *words]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_the_parts_of_the_maps_of_a_layer_add_up_to_the_score(files: tuple[Path, Path], capsys):
    made = json.loads(asked(files, capsys, "--target", "3", "--maps", "add", "--json", "--no-checks"))
    parts = made["contributions"]
    assert len(parts["by_map"]) == 4
    assert sum(parts["by_map"]) + parts["rest"] == pytest.approx(made["output"], abs=1e-5)
    assert parts["is_weighted_sum"]
    assert "parts of the score from" in asked(files, capsys, "--maps", "relu", "--no-checks")
