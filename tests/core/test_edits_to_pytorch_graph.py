"""The code of edits in any network: by the paths of modules, by the nodes and parameters of an imported file.

It is run as it stands, and its network gives exactly the edited outputs.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.edits import Edit, EditError, EditKind, Edits, apply_edits, edits_to_pytorch
from cnnviz.core.edits.edited_model import find_editable
from cnnviz.core.trace import Tracer
from cnnviz.models.importers.source_code import source_to_pytorch
from cnnviz.models.importers.sources import NetworkSource, OpenedSource, open_source
from tests.models.importers.exported import pt2_bytes

SHAPE = (3, 12, 12)
KERNEL = tuple(np.random.default_rng(0).normal(size=9).astype(np.float32).tolist())


class Branched(nn.Module):
    """Modules and functions, a shortcut, one ReLU that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False), nn.BatchNorm2d(4))
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.fc = nn.Linear(4 * 2 * 2, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.stem(x))
        y = self.pool(self.relu(self.block(y) + y))
        y = functional.max_pool2d(torch.tanh(y), 2, 2, padding=1, ceil_mode=True)
        return self.fc(torch.flatten(functional.adaptive_max_pool2d(functional.gelu(y), (2, 2)), 1))


def branched() -> nn.Module:
    torch.manual_seed(0)
    return Branched().eval().requires_grad_(False)


def edits_of(layers: dict[str, str]) -> tuple[Edit, ...]:
    """One edit of each kind; `layers` are the names that go with the parts."""
    return (
        Edit(EditKind.SET, layers["stem"], 1, 2, KERNEL),
        Edit(EditKind.PRESET, layers["stem"], 2, 0, preset="sobel"),
        Edit(EditKind.ZERO, layers["block.0"], 3, 1),
        Edit(EditKind.NEGATE, layers["block.0"], 0, 0),
        Edit(EditKind.RANDOM, layers["stem"], 0, 0, seed=3),
        Edit(EditKind.BIAS, layers["stem"], 3, numbers=(-0.7,)),
        Edit(EditKind.OFF, layers["block.0"], 2),
        Edit(EditKind.OFF, layers["fc"], 4),
        Edit(EditKind.LINEAR, layers["relu"]),
        Edit(EditKind.LINEAR, layers["tanh"]),
        Edit(EditKind.AVERAGE, layers["pool"]),
        Edit(EditKind.AVERAGE, layers["max_pool2d"]),
        Edit(EditKind.AVERAGE, layers["adaptive_max_pool2d"]),
        Edit(EditKind.SHUFFLE, layers["block.0"], seed=5),
        Edit(EditKind.REDRAW, layers["fc"], seed=6),
    )


NAMES = {name: name for name in
         ("stem", "block.0", "fc", "relu", "tanh", "pool", "max_pool2d", "adaptive_max_pool2d")}  # fmt: skip
OF_MODULES = edits_of(NAMES)


def run(code: str, **names: Any) -> nn.Module:
    exec(compile(code, "shown.py", "exec"), names)
    return names["model"]


def outputs(model: nn.Module, image: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model(torch.tensor(image)[None]).numpy()


def assert_makes_the_same(model: nn.Module, code: str, wanted: Edits) -> None:
    """`code` starts from `model`; its network computes what the edited one does, layer for layer."""
    image = np.random.default_rng(1).random(SHAPE, np.float32)
    edited = apply_edits(model, wanted, SHAPE)
    made = run(code)
    np.testing.assert_array_equal(outputs(made, image), outputs(edited, image))
    np.testing.assert_array_equal(Tracer(made)(image).logits, Tracer(edited)(image).logits)


def opening(tmp_path: Path, model: nn.Module | None = None) -> str:
    torch.save(model or branched(), tmp_path / "net.pickle")
    return (
        "import torch\nfrom torch import nn\n\n"
        f"model = torch.load({str(tmp_path / 'net.pickle')!r}, weights_only=False)\n"
    )  # fmt: skip


def test_there_is_one_edit_of_each_kind():
    assert {edit.op for edit in OF_MODULES} == set(EditKind)


@pytest.mark.parametrize("edit", OF_MODULES, ids=lambda edit: f"{edit.op.value} {edit.layer}")
def test_the_code_of_every_edit_of_modules_and_functions_makes_the_same_network(edit: Edit, tmp_path: Path):
    model = branched()
    code = edits_to_pytorch("", Edits((edit,)), find_editable(model, SHAPE), opening=opening(tmp_path))
    assert_makes_the_same(model, code, Edits((edit,)))
    with pytest.raises(AssertionError):  # the negative twin: the network as it was
        assert_makes_the_same(model, opening(tmp_path), Edits((edit,)))


def test_the_code_of_all_of_them_twice_makes_the_same_network(tmp_path: Path):
    model, edits = branched(), Edits(OF_MODULES * 2)
    code = edits_to_pytorch("", edits, find_editable(model, SHAPE), opening=opening(tmp_path))
    assert code.count("graph_of(model") == 1
    assert_makes_the_same(model, code, edits)


def test_code_that_needs_no_graph_draws_none(tmp_path: Path):
    edits = Edits((Edit(EditKind.AVERAGE, "pool"), Edit(EditKind.OFF, "stem", 1)))
    code = edits_to_pytorch("", edits, find_editable(branched(), SHAPE), opening=opening(tmp_path))
    assert "graph_of" not in code
    assert 'model.set_submodule("pool", nn.AvgPool2d(' in code


class Twice(nn.Module):
    """Every layer is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu, self.pool = nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.relu(self.conv(x)) - 0.1)
        return torch.flatten(self.pool(self.relu(self.conv(x)) - 0.1), 1)


@pytest.mark.parametrize(
    "edit",
    [Edit(EditKind.LINEAR, "relu#2"), Edit(EditKind.AVERAGE, "pool"), Edit(EditKind.BIAS, "conv#2", 1, numbers=(2.0,))],
    ids=lambda edit: edit.layer,
)
def test_the_code_of_an_edit_of_one_call_of_a_module_makes_the_same_network(edit: Edit, tmp_path: Path):
    torch.manual_seed(0)
    model = Twice().eval().requires_grad_(False)
    start = opening(tmp_path, model)
    code = edits_to_pytorch("", Edits((edit,)), find_editable(model, SHAPE), opening=start)
    assert_makes_the_same(model, code, Edits((edit,)))
    with pytest.raises(AssertionError):
        assert_makes_the_same(model, start, Edits((edit,)))


def exported(tmp_path: Path, **scaling: tuple[float, ...]) -> tuple[str, OpenedSource]:
    """A file of torch.export, opened; its code reads it from the folder in which it runs."""
    source = NetworkSource(name="net.pt2", content=pt2_bytes(branched(), torch.rand(1, *SHAPE)), **scaling)
    (tmp_path / "net.pt2").write_bytes(source.content)
    return source_to_pytorch(source), open_source(source)


@pytest.mark.parametrize("scaling", [{}, {"mean": (0.4, 0.5, 0.6), "std": (0.2,)}], ids=["as it is", "standardised"])
def test_the_code_of_every_edit_of_an_imported_file_makes_the_same_network(scaling, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines, opened = exported(tmp_path, **scaling)
    anatomy = find_editable(opened.model, SHAPE)
    known = [part.spec.path for part in anatomy.parts]
    named = {name: next(one for one in known if one == name or one.startswith(name)) for name in NAMES}
    for edit in edits_of(named):
        code = edits_to_pytorch("", Edits((edit,)), anatomy, opening=lines)
        assert "graph_of" not in code  # what comes from a file is a graph already
        assert_makes_the_same(opened.model, code, Edits((edit,)))
    whole = Edits(edits_of(named))
    assert_makes_the_same(opened.model, edits_to_pytorch("", whole, anatomy, opening=lines), whole)
    with pytest.raises(AssertionError):
        assert_makes_the_same(opened.model, edits_to_pytorch("", Edits(), anatomy, opening=lines), whole)


def test_the_code_of_an_architecture_of_torchvision_makes_the_same_network():
    source = NetworkSource(architecture="resnet18", side=32, mean=(0.5,), std=(0.25,))
    opened = open_source(source)
    edits = Edits((Edit(EditKind.OFF, "layer1.0.conv1", 3), Edit(EditKind.LINEAR, "layer2.0.relu")))
    code = edits_to_pytorch("", edits, find_editable(opened.model, (3, 32, 32)), opening=source_to_pytorch(source))
    image = np.random.default_rng(1).random((3, 32, 32), np.float32)
    edited = apply_edits(opened.model, edits, (3, 32, 32))
    np.testing.assert_array_equal(outputs(run(code), image), outputs(edited, image))


def test_weights_that_are_themselves_computed_are_refused_in_the_code_as_in_the_network():
    class Computed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2, 3, 3, 3))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return functional.conv2d(x, self.weight * 2).flatten(1)

    model, edits = Computed().eval().requires_grad_(False), Edits((Edit(EditKind.ZERO, "conv2d", 0, 0),))
    with pytest.raises(EditError, match="computed"):
        apply_edits(model, edits, SHAPE)
    with pytest.raises(EditError, match="computed"):
        edits_to_pytorch("", edits, find_editable(model, SHAPE))
