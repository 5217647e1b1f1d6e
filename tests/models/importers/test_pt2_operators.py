"""Every operator of the table, exported by PyTorch and opened by our reader: the same numbers, to the last bit."""

from collections.abc import Callable

import operator_cases as cases
import pytest
import torch
from exported import lively, pt2_bytes, seeded_image
from torch import nn

from cnnviz.models.importers.arguments import read_argument
from cnnviz.models.importers.operators import CHANGES_IN_PLACE, OPERATORS, PREFIX
from cnnviz.models.importers.pt2 import read_pt2
from cnnviz.models.importers.records import ImportedNetworkError

IMAGE = seeded_image(1, 2, 6, 6)
ALL: dict[str, Callable[[], nn.Module]] = {
    **cases.MODULES,
    **{name: (lambda function=function: function) for name, function in cases.FUNCTIONS.items()},
    **{f"{name}_in_place": (lambda function=function: function) for name, function in cases.IN_PLACE.items()},
}


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    return lively(cases.Applied(ALL[name]())).eval()


def targets(content_of: nn.Module) -> set[str]:
    program = torch.export.export(content_of, (IMAGE,))
    return {f"torch.ops.{node.target}" for node in program.graph.nodes if node.op == "call_function"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_operator_gives_the_numbers_of_pytorch(name: str):
    model = built(name)
    network = read_pt2(pt2_bytes(model, IMAGE))
    assert torch.equal(network.module(IMAGE), model(IMAGE))
    assert network.notes == ()


def test_every_operator_of_the_table_is_tried():
    tried = set().union(*(targets(built(name)) for name in ALL))
    tried |= {f"{PREFIX}_prelu_kernel.default"}  # stands in decomposed files only
    assert {name for name in OPERATORS if name not in tried} == set()
    assert {name for name in CHANGES_IN_PLACE if name not in tried} == set()


DECOMPOSED = (
    "conv2d_grouped", "conv1d", "conv3d", "adaptive_avg_pool3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "linear", "batch_norm",
    "batch_norm_no_estimates", "layer_norm", "batch_norm_3d", "group_norm", "max_pool2d", "adaptive_avg_pool2d",
    "prelu", "dropout", "softmax", "log_softmax", "gelu", "view", "chunk", "to", "addmm", "mm", "contiguous",
    "relu_in_place", "arithmetic_in_place", "transpose",
)  # fmt: skip


@pytest.mark.parametrize("name", DECOMPOSED)
def test_a_decomposed_operator_is_written_as_people_write_it(name: str):
    model = built(name)
    network = read_pt2(pt2_bytes(model, IMAGE, decompose=True))
    torch.testing.assert_close(network.module(IMAGE), model(IMAGE), rtol=0, atol=1e-6)
    written = {str(node.target) for node in network.module.graph.nodes}
    assert written.isdisjoint({"aten.convolution.default", "aten._native_batch_norm_legit_no_training.default",
                               "aten.native_layer_norm.default", "aten._softmax.default"})  # fmt: skip


def test_a_sum_over_letters_of_three_tensors_is_refused_for_what_lies_in_between_is_not_judged():
    model = cases.Applied(lambda x: torch.einsum("bchw,bdhw,behw->bcde", x, x, x))
    with pytest.raises(ImportedNetworkError, match="einsum"):
        read_pt2(pt2_bytes(model, IMAGE))


@pytest.mark.parametrize("equation", ["b()w->bc", "a" * 101, "", "ij\n", "i0->i"])
def test_a_sum_over_letters_is_told_letters_only(equation: str):
    with pytest.raises(ImportedNetworkError, match="equation"):
        read_argument({"as_string": equation}, "equation", None)
    assert read_argument({"as_string": "bc...,bd->cd"}, "equation", None) == "bc...,bd->cd"
