"""Modules with names that mean something elsewhere: in links, in Markdown, in Python. They are opened and edited."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from exported import pt2_bytes
from torch import nn

from cnnviz.core.edits import Edit, EditKind, Edits, apply_edits, edits_to_pytorch, read_edits
from cnnviz.core.edits.edited_model import find_editable
from cnnviz.core.graph import build_graph
from cnnviz.models.importers.pt2 import read_pt2
from cnnviz.models.importers.records import ImportedNetworkError
from cnnviz.models.importers.source_code import source_to_pytorch
from cnnviz.models.importers.sources import NetworkSource

SHAPE = (1, 8, 8)
ODD = ("we#ird", "relu#2", "what?", "a&b=c", "a/b", "3 × 3", "50%", "%2F", "ünï中", "[x](y)", "{z}", "*md*", "`c`",
       "a~b", "<i>", "it's", "@at", "x')#import os", "x" * 190)  # fmt: skip
NONE = ('x")', 'x");open("mark","w")#', "back\\slash", "class", "None", "two\nlines", "ﬁ", "a,b", "a;b")


def network(name: str) -> nn.Module:
    torch.manual_seed(0)
    layers = {name: nn.Conv2d(1, 2, 3), f"{name}+": nn.ReLU(), "flat": nn.Flatten(), "fc": nn.Linear(2 * 36, 3)}
    return nn.Sequential(OrderedDict(layers)).eval().requires_grad_(False)


def written(name: str) -> bytes:
    return pt2_bytes(network(name), torch.zeros(1, *SHAPE))


@pytest.mark.parametrize("name", ODD)
def test_a_network_with_odd_names_is_opened_and_edited(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model, image = read_pt2(written(name)).module, np.random.default_rng(0).random(SHAPE, np.float32)
    assert [node.name for node in build_graph(model, SHAPE).layers] == [name, f"{name}+", "flat", "fc"]
    edits = read_edits(Edits((Edit(EditKind.OFF, name, 1), Edit(EditKind.LINEAR, f"{name}+"))).text)
    twin = network(name)
    twin[0].weight[1], twin[0].bias[1], twin[1] = 0, 0, nn.Identity()
    inputs = torch.tensor(image)[None]
    assert torch.equal(model(inputs), network(name)(inputs))
    assert torch.equal(apply_edits(model, edits, SHAPE)(inputs), twin(inputs))
    assert not torch.equal(model(inputs), twin(inputs))
    monkeypatch.chdir(tmp_path)
    source = NetworkSource("net.pt2", written(name))
    Path("net.pt2").write_bytes(source.content)
    names: dict[str, nn.Module] = {}
    code = edits_to_pytorch("", edits, find_editable(model, SHAPE), opening=source_to_pytorch(source))
    exec(compile(code, "shown.py", "exec"), names)
    assert torch.equal(names["model"](inputs), twin(inputs))


@pytest.mark.parametrize("name", NONE)
def test_a_name_that_is_no_name_in_code_is_refused_in_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    content = written(name)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImportedNetworkError, match=r"^name of a tensor must be printable, [^\n]*: rename its module$"):
        read_pt2(content)
    assert not list(tmp_path.iterdir())
