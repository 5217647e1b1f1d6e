"""What is on screen as PyTorch lines that run as they are, and its numbers as CSV.

The lines need torch and the standard library only, and end with the result in `y`.
Refuses to know: pages.
"""

from __future__ import annotations

import base64
import textwrap
import zlib

import numpy as np

from cnnviz.conv_lab.conv_nd import NdSetup
from cnnviz.conv_lab.run import torch_weight
from cnnviz.conv_lab.settings import GLOBAL, LabSetup, Operation

SHORT = 160  # numbers that are still written out


def setup_to_pytorch(setup: LabSetup) -> str:
    """The lines that reproduce `setup`: `x` goes in, `y` (1, channels, rows, cols) comes out.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.pytorch_code import setup_to_pytorch
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> setup_to_pytorch(LabSetup(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2)))).splitlines()[-1]
    'y = functional.conv2d(x, weight)'
    """
    needs = [_array("x", setup.picture.values[None])]
    if setup.has_weights:
        needs.append(_array("weight", torch_weight(setup)))
        needs += [] if setup.bias is None else [_array("bias", setup.bias)]
    packed = any(is_packed for _lines, is_packed in needs)
    head = ["import base64", "import zlib", ""] if packed else []
    lines = [line for text, _is_packed in needs for line in (text, "")]
    return "\n".join([*head, "import torch", "from torch.nn import functional", "", *lines[:-1], *_calls(setup), ""])


def _array(name: str, values: np.ndarray) -> tuple[str, bool]:
    """The lines that make a tensor, and whether its numbers are packed: many are not for reading."""
    if values.size <= SHORT:
        return f"{name} = torch.tensor({_nested(values)})", False
    text = base64.b64encode(zlib.compress(np.ascontiguousarray(values, dtype="<f4").tobytes(), 9)).decode()
    lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(text, 110))
    shape = ", ".join(map(str, values.shape))
    return (
        f"numbers = (  # float32, packed\n{lines}\n)\n"
        f"numbers = bytearray(zlib.decompress(base64.b64decode(numbers)))\n"
        f"{name} = torch.frombuffer(numbers, dtype=torch.float32).reshape({shape})",
        True,
    )


def _nested(values: np.ndarray) -> str:
    """Nested lists, each number as short as it comes back exactly."""
    if values.ndim > 0:
        return "[" + ", ".join(map(_nested, values)) + "]"
    return repr(float(str(values)))  # NumPy writes the shortest text that is this float32 again


def _calls(setup: LabSetup) -> list[str]:
    """The last lines: padding where PyTorch's function has no mode for it, and the operation."""
    if setup.operation in GLOBAL:
        kind = "max" if setup.operation is Operation.GLOBAL_MAX else "avg"
        return [f"y = functional.adaptive_{kind}_pool2d(x, 1)"]
    if not setup.has_weights:
        kind = "max" if setup.operation is Operation.MAX else "avg"
        words = _words(setup, {"stride": setup.stride, "padding": setup.padding, "dilation": setup.dilation})
        return [f"y = functional.{kind}_pool2d(x, {_pair(setup.size)}, {', '.join(words)})"]
    return _convolution(setup)


def _convolution(setup: LabSetup) -> list[str]:
    is_transposed = setup.operation is Operation.TRANSPOSED
    lines, padding = [], setup.padding
    if setup.padding_mode != "zeros":
        (top, bottom), (left, right) = setup.around
        lines.append(f'x = functional.pad(x, ({left}, {right}, {top}, {bottom}), mode="{setup.padding_mode.value}")')
        padding = (0, 0)
    given = {"stride": setup.stride, "padding": padding, "dilation": setup.dilation}
    given |= {"output_padding": setup.output_padding} if is_transposed else {}
    words = _words(setup, given)
    if setup.is_same and not lines:
        words = [*(word for word in words if not word.startswith("padding")), 'padding="same"']
    words += [f"groups={setup.groups}"] if setup.groups > 1 else []
    bias = ["bias"] if setup.bias is not None else []
    name = "conv_transpose2d" if is_transposed else "conv2d"
    return [*lines, f"y = functional.{name}({', '.join(['x', 'weight', *bias, *words])})"]


def nd_to_pytorch(setup: NdSetup) -> str:
    """The lines that reproduce a convolution along one axis or three; `y` (1, 1, …) comes out.

    >>> from cnnviz.conv_lab.conv_nd import ND_EXAMPLES
    >>> from cnnviz.conv_lab.pytorch_code import nd_to_pytorch
    >>> nd_to_pytorch(ND_EXAMPLES[0].make()).splitlines()[-1]
    'y = functional.conv1d(x, weight, bias)'
    """
    bias = np.array([setup.bias], np.float32)
    arrays: dict[str, np.ndarray] = {"x": setup.values[None], "weight": setup.kernel[None], "bias": bias}
    needs = [f"{name} = torch.tensor({_nested(values)})" for name, values in arrays.items()]
    given = {"stride": (setup.stride, 1), "padding": (setup.padding, 0), "dilation": (setup.dilation, 1)}
    words = [f"{name}={_each(numbers)}" for name, (numbers, usual) in given.items() if set(numbers) != {usual}]
    call = f"y = functional.conv{setup.axes}d({', '.join(['x', 'weight', 'bias', *words])})"
    return "\n".join(["import torch", "from torch.nn import functional", "", *needs, "", call, ""])


def _each(numbers: tuple[int, ...]) -> str:
    return str(numbers[0]) if len(set(numbers)) == 1 else str(tuple(numbers))


def _words(setup: LabSetup, given: dict[str, tuple[int, int]]) -> list[str]:
    """Keyword arguments, those left out that say what PyTorch takes anyway (a pooling's stride is its window)."""
    plain = {"stride": setup.size if not setup.has_weights else (1, 1), "dilation": (1, 1)}
    return [f"{name}={_pair(pair)}" for name, pair in given.items() if pair != plain.get(name, (0, 0))]


def _pair(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else str(tuple(pair))


def to_csv(output: np.ndarray) -> str:
    """The numbers (channels, rows, cols) as text: channel, row, column, value, one cell a line, float32 exactly."""
    cells = np.ndindex(*output.shape)
    lines = [f"{channel},{row},{col},{output[channel, row, col]!s}" for channel, row, col in cells]
    return "\n".join(["channel,row,column,value", *lines, ""])
