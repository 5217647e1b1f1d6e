"""Every ONNX operator of the table, opened and run: the numbers of onnx's own evaluator, in NumPy."""

from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx_files import Step, expected, onnx_model, values

from cnnviz.models.importers.onnx_reader import read_onnx
from cnnviz.models.importers.onnx_step import TRANSLATORS
from cnnviz.models.importers.records import ImportedNetworkError

W, B = values(6, 2, 3, 3, seed=1), values(6, seed=2)
C = [values(4, seed=number) for number in range(3, 6)] + [np.abs(values(4, seed=6)) + 0.5]


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def number(value: float) -> np.ndarray:
    return np.array(value, dtype=np.float32)


Case = tuple[list[Step], dict[str, Any]]
CASES: dict[str, Case] = {
    "conv": ([Step("Conv", None, W, B, group=2, strides=[2, 1], pads=[1, 0, 1, 0], dilations=[1, 2])], {}),
    "conv uneven": ([Step("Conv", None, W, group=2, pads=[0, 1, 2, 3])], {}),
    "conv same upper": ([Step("Conv", None, W, group=2, strides=[2, 2], auto_pad="SAME_UPPER")], {}),
    "conv same lower": ([Step("Conv", None, values(2, 4, 2, 2), auto_pad="SAME_LOWER")], {}),
    "conv valid": ([Step("Conv", None, W, group=2, auto_pad="VALID")], {}),
    "conv of one axis": (
        [Step("Reshape", None, whole(1, 4, 36)), Step("Conv", None, values(2, 4, 3), pads=[1, 1])], {}),
    "transposed": ([Step("ConvTranspose", None, values(4, 2, 3, 3), values(2), strides=[2, 2], pads=[1, 1, 1, 1],
                         output_padding=[1, 1])], {}),
    "transposed uneven": ([Step("ConvTranspose", None, values(4, 2, 3, 3), strides=[2, 2], pads=[0, 1, 1, 0])], {}),
    "transposed of one axis": (
        [Step("Reshape", None, whole(1, 4, 36)), Step("ConvTranspose", None, values(4, 2, 3), strides=[2],
                                                      pads=[1, 0], output_padding=[1])], {}),
    "max pool": ([Step("MaxPool", None, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0])], {}),
    "max pool uneven": ([Step("MaxPool", None, kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 1, 1])], {}),
    "max pool ceil": ([Step("MaxPool", None, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)], {}),
    "max pool dilated": ([Step("MaxPool", None, kernel_shape=[2, 2], dilations=[2, 2])], {}),
    "average pool": ([Step("AveragePool", None, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])], {}),
    "average pool with padding": ([Step("AveragePool", None, kernel_shape=[3, 3], pads=[0, 1, 1, 1],
                                        count_include_pad=1)], {}),
    "global average": ([Step("GlobalAveragePool")], {}),
    "global max": ([Step("GlobalMaxPool")], {}),
    "gemm": ([Step("Flatten"), Step("Gemm", None, values(3, 144), values(3), transB=1)], {}),
    "gemm turned": ([Step("Flatten"), Step("Gemm", None, values(144, 3), values(1, 3), alpha=0.5, beta=2.0)], {}),
    "gemm first turned": ([Step("Reshape", None, whole(12, 12)), Step("Gemm", None, values(12, 3), transA=1)], {}),
    "gemm computed": ([Step("Reshape", None, whole(12, 12)), Step("Gemm", None, "v0")], {}),
    "matmul": ([Step("MatMul", None, values(6, 5))], {}),
    "einsum": ([Step("Einsum", None, "image", equation="bchw,bdhw->bcd")], {}),
    "matmul computed": ([Step("MatMul", None, "image")], {}),
    "batch norm": ([Step("BatchNormalization", None, *C, epsilon=0.01)], {}),
    "instance norm": ([Step("InstanceNormalization", None, C[0], C[1])], {}),
    "layer norm": ([Step("LayerNormalization", None, values(6, 6), values(6, 6), axis=2)], {}),
    "group norm": ([Step("GroupNormalization", None, C[0], C[1], num_groups=2)], {"opset": 21}),
    "dropout": ([Step("Dropout")], {}),
    "clip": ([Step("Clip", None, number(-0.5), number(0.7))], {}),
    "clip to six": ([Step("Clip", None, number(0), number(6))], {}),
    "clip below": ([Step("Clip", None, number(0.1))], {}),
    "clip by attributes": ([Step("Clip", None, min=-0.5, max=0.5)], {"opset": 10}),
    "leaky relu": ([Step("LeakyRelu", None, alpha=0.2)], {}),
    "elu": ([Step("Elu", None, alpha=0.7)], {}),
    "celu": ([Step("Celu", None, alpha=0.7)], {}),
    "selu": ([Step("Selu")], {}),
    "prelu": ([Step("PRelu", None, values(4, 1, 1))], {}),
    "gelu": ([Step("Gelu", None, approximate="tanh")], {"opset": 20}),
    "gelu exact": ([Step("Gelu")], {"opset": 20}),
    "hard sigmoid": ([Step("HardSigmoid")], {}),
    "hard sigmoid of pytorch": ([Step("HardSigmoid", None, alpha=1 / 6)], {}),
    "softsign": ([Step("Softsign")], {}),
    "softmax": ([Step("Softmax", None, axis=1)], {}),
    "log softmax": ([Step("LogSoftmax")], {}),
    "softmax of old": ([Step("Flatten"), Step("Softmax")], {"opset": 11}),
    "add": ([Step("Add", None, values(4, 1, 1)), Step("Sub", None, "image"), Step("Mul", None, values(1)),
             Step("Div", None, number(3))], {}),
    "pow": ([Step("Abs"), Step("Pow", None, number(1.5)), Step("Sqrt"), Step("Add", None, number(1)), Step("Log")], {}),
    "several": ([Step("Sum", None, "image", values(4, 1, 1)), Step("Mean", None, "image"), Step("Max", None, "image"),
                 Step("Min", None, number(0.2))], {}),
    "compare": ([Step("Greater", None, number(0)), Step("Not"), Step("Where", None, "image", number(2))], {}),
    "compare more": ([Step("GreaterOrEqual", None, number(0), outputs=["a"]), Step("Less", "image", number(1)),
                      Step("And", None, "a"), Step("Or", None, "a"), Step("Where", None, "image", number(2))], {}),
    "equal": ([Step("Floor", outputs=["a"]), Step("Ceil", "image"), Step("Equal", None, "a"),
               Step("LessOrEqual", "image", number(1)), Step("Where", None, "image", number(2))], {}),
    "constants": ([Step("Constant", value_float=2.0, outputs=["two"]), Step("Mul", "image", "two")], {}),
    "cast": ([Step("Cast", None, to=onnx.TensorProto.DOUBLE), Step("Round")], {}),
    "reshape": ([Step("Reshape", None, whole(0, 2, -1))], {}),
    "flatten": ([Step("Flatten", None, axis=2)], {}),
    "transpose": ([Step("Transpose", None, perm=[0, 2, 3, 1])], {}),
    "squeeze": ([Step("Squeeze", None, whole(0)), Step("Unsqueeze", None, whole(0, 4)), Step("Squeeze")], {}),
    "squeeze by attributes": ([Step("Squeeze", None, axes=[0]), Step("Unsqueeze", None, axes=[0])], {"opset": 11}),
    "expand": ([Step("ReduceMean", None, whole(2), keepdims=1), Step("Expand", None, whole(1, 1, 3, 1))], {}),
    "tile": ([Step("Tile", None, whole(1, 2, 1, 1))], {}),
    "concat": ([Step("Concat", None, "image", values(1, 2, 6, 6), axis=1)], {}),
    "split": ([Step("Split", None, whole(1, 3), axis=1, outputs=["a", "b"]), Step("Mul", "a", "b")], {}),
    "split evenly": ([Step("Split", None, axis=1, num_outputs=2, outputs=["a", "b"]), Step("Sub", "a", "b")], {}),
    "slice": ([Step("Slice", None, whole(1, -4), whole(9, -1), whole(3, 2), whole(2, 1))], {}),
    "slice by attributes": ([Step("Slice", None, starts=[1], ends=[3], axes=[2])], {"opset": 9}),
    "gather": ([Step("Gather", None, whole(2, -1), axis=1), Step("Gather", None, np.array(1), axis=2)], {}),
    "gather a table": ([Step("Gather", None, np.array([[2, -1, 0]]), axis=-3)], {}),
    "pad": ([Step("Pad", None, whole(0, 0, 1, 0, 0, 1, 2, 3), number(1.5))], {}),
    "pad axes": ([Step("Pad", None, whole(1, 2), number(0), whole(-1))], {}),
    "pad reflect": ([Step("Pad", None, whole(0, 0, 1, 2, 0, 0, 1, 0), mode="reflect")], {}),
    "pad edge": ([Step("Pad", None, whole(0, 0, 1, 2, 0, 0, 1, 0), mode="edge")], {}),
    "pad by attributes": ([Step("Pad", None, pads=[0, 0, 1, 1, 0, 0, 1, 1], value=2.0)], {"opset": 10}),
    "nearest": ([Step("Resize", None, "", np.array([1, 1, 2, 3], dtype=np.float32))], {}),
    "nearest to sizes": ([Step("Resize", None, "", "", whole(1, 4, 9, 8), coordinate_transformation_mode="asymmetric",
                               nearest_mode="floor")], {}),
    "linear": ([Step("Resize", None, "", np.array([1, 1, 2, 1.5], dtype=np.float32), mode="linear")], {}),
    "linear to sizes": ([Step("Resize", None, "", "", whole(1, 4, 9, 4), mode="linear",
                              coordinate_transformation_mode="align_corners")], {}),
    "depth to space": ([Step("DepthToSpace", None, blocksize=2, mode="CRD")], {}),
    "depth to space by columns": ([Step("DepthToSpace", None, blocksize=2)], {}),
    "reduce": ([Step("ReduceSum", None, whole(1)), Step("ReduceMax", None, whole(2), keepdims=0)], {}),
    "reduce all": ([Step("ReduceMin", None, keepdims=0)], {}),
    "argmax": ([Step("ArgMax", None, axis=1)], {}),
    "argmin": ([Step("ArgMin", None, axis=2, keepdims=0)], {}),
    "identity": ([Step("Identity"), Step("Relu")], {}),
    "sizes": (  # how exporters write x.view(x.shape[0], -1)
        [Step("Shape", "image", outputs=["shape"]), Step("Gather", "shape", np.array(0), outputs=["n"]),
         Step("Unsqueeze", "n", whole(0), outputs=["row"]),
         Step("Constant", value_ints=[-1], outputs=["rest"]), Step("Concat", "row", "rest", axis=0, outputs=["to"]),
         Step("Reshape", "image", "to")], {}),
    "more sizes": (
        [Step("Size", "image", outputs=["all"]), Step("Constant", value_int=36, outputs=["cells"]),
         Step("Div", "all", "cells", outputs=["n"]), Step("Range", np.array(0), "n", np.array(1), outputs=["row"]),
         Step("Cast", "row", to=1, outputs=["ramp"]), Step("ConstantOfShape", whole(2), outputs=["zeros"]),
         Step("Reshape", "ramp", whole(4, 1, 1), outputs=["map"]), Step("Mul", "image", "map")], {}),
    **{name: ([Step(name)], {}) for name in (
        "Relu", "Sigmoid", "Tanh", "HardSwish", "Mish", "Softplus", "Exp", "Neg", "Abs", "Reciprocal", "Erf", "Sin",
        "Cos", "Sign")},
}  # fmt: skip
# Of an old kind that onnx's evaluator no longer has.
UPSAMPLE = onnx_model(Step("Upsample", None, np.array([1, 1, 2, 2], dtype=np.float32), mode="nearest"), opset=9)


@pytest.mark.parametrize("name", CASES)
def test_an_operator_gives_the_numbers_of_onnx(name: str):
    steps, settings = CASES[name]
    model, image = onnx_model(*steps, **settings), values(1, 4, 6, 6, seed=9)
    network = read_onnx(model.SerializeToString())
    found, wanted = network.module(torch.from_numpy(image)), expected(model, image)
    assert tuple(found.shape) == wanted.shape
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-5, atol=2e-6)


def test_upsample_repeats_cells():
    image = values(1, 4, 6, 6)
    found = read_onnx(UPSAMPLE.SerializeToString()).module(torch.from_numpy(image))
    assert np.array_equal(found.numpy(), image.repeat(2, axis=2).repeat(2, axis=3))


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_local_response_divides_by_the_neighbouring_channels(size: int):
    """By hand: onnx's evaluator computes as many channels as there are images."""
    model, image = onnx_model(Step("LRN", None, size=size, alpha=0.1, beta=0.6, bias=1.5)), values(1, 4, 6, 6)
    found = read_onnx(model.SerializeToString()).module(torch.from_numpy(image)).numpy()
    for channel in range(4):
        first, last = max(0, channel - (size - 1) // 2), min(4, channel + size // 2 + 1)
        squares = (image[:, first:last] ** 2).sum(axis=1)
        wanted = image[:, channel] / (1.5 + 0.1 / size * squares) ** 0.6
        np.testing.assert_allclose(found[:, channel], wanted, rtol=1e-5)


def test_every_operator_of_the_table_is_tried():
    tried = {step.operator for steps, _settings in CASES.values() for step in steps} | {"Upsample", "LRN"}
    assert set(TRANSLATORS) == tried


REFUSED: dict[str, tuple[list[Step], dict[str, Any], str]] = {
    "unknown": ([Step("NonZero")], {}, "operation NonZero cannot be opened: write the network without it"),
    "average uneven": ([Step("AveragePool", None, kernel_shape=[2, 2], pads=[0, 0, 1, 1])], {}, "over a plain window"),
    "asymmetric": ([Step("Resize", None, "", np.array([1, 1, 2, 2], dtype=np.float32), mode="linear",
                         coordinate_transformation_mode="asymmetric")], {}, "nearest or linear as PyTorch computes it"),
    "cubic": ([Step("Resize", None, "", np.array([1, 1, 2, 2], dtype=np.float32), mode="cubic")], {}, "got cubic"),
    "nearest by halves": ([Step("Resize", None, "", np.array([1, 1, 1.5, 2], dtype=np.float32))], {}, "as PyTorch"),
    "reshape by the image": ([Step("Cast", None, to=7), Step("Reshape", "image", "v0")], {}, "input 2 is a constant"),
    "backwards": ([Step("Slice", None, whole(-1), whole(-9), whole(2), whole(-1))], {}, "one that goes forwards"),
    "gather outside": ([Step("Gather", None, whole(9), axis=1)], {}, "of cells that there are"),
    "no such axis": ([Step("Softmax", None, axis=9)], {}, "refused its input of shape 1×4×6×6"),
    "large constant": ([Step("ConstantOfShape", whole(10**6, 10**6))], {}, "at most 100000 elements"),
    "large reshape": ([Step("Reshape", None, whole(2**40, 1))], {}, "to sizes that are not negative"),
    "huge padding": ([Step("Pad", None, whole(*[0] * 6, 10**6, 10**6))], {}, "at most 100,000,000 elements"),
    "stride 0": ([Step("MaxPool", None, kernel_shape=[2, 2], strides=[0, 0])], {}, "whose window has an axis"),
    "of another kind": ([Step("Conv", None, W, group=2.0)], {}, "attribute group is of its own kind"),
    "missing input": ([Step("Conv", None)], {}, "one with 2 inputs"),
    "old softmax": ([Step("Softmax")], {"opset": 11}, "a softmax over one axis"),
    "a division by 0": ([Step("Div", whole(1), whole(0))], {}, "of decimal numbers, or of known sizes"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_pytorch_would_compute_otherwise_is_refused(name: str):
    steps, settings, says = REFUSED[name]
    with pytest.raises(ImportedNetworkError, match=says):
        read_onnx(onnx_model(*steps, **settings).SerializeToString())
