"""Examples of windows and sizes: one and three axes, stride beside pooling, padding, channels."""

from __future__ import annotations

from cnnviz.i18n import _
from cnnviz.small_examples import of_windows
from cnnviz.small_examples.example import ExampleGroup, ResultForm, SmallExample, ValueColours
from cnnviz.small_examples.fields import ExampleField, FieldKind, whole_field

_ACTIVATIONS = ValueColours.ACTIVATIONS
_WINDOWS = ExampleGroup.WINDOWS
_NINE = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
_STEPS = [[0, 0, 1, 1, 0, 0], [0, 1, 2, 2, 1, 0], [1, 2, 5, 3, 2, 1], [1, 2, 3, 9, 2, 1], [0, 1, 2, 2, 1, 0]]
_ONE_CELL = {
    "shapes": ResultForm(lambda: _("Shapes, image → result")),
    "weight": ResultForm(lambda: _("Shape of the weight")),
    "parameters": ResultForm(lambda: _("Parameters, bias included")),
    "output": ResultForm(lambda: _("Result"), _ACTIVATIONS, lambda: _("slice")),
    "window": ResultForm(lambda: _("The cell's window"), ValueColours.INPUTS, lambda: _("slice")),
    "products": ResultForm(lambda: _("Window × kernel"), _ACTIVATIONS, lambda: _("slice")),
    "cell": ResultForm(lambda: _("Their sum: the cell")),
}


WINDOWS = (
    SmallExample(
        "conv1d", _WINDOWS, lambda: _("Conv1d: a sequence"),
        lambda: _("In a sequence (sound, a sensor, text as vectors) the kernel slides along one axis. Rows are "
                  "channels: give image and kernel as many rows as you like, but both the same."),
        of_windows.slide_along_a_sequence,
        (
            ExampleField("sequence", lambda: _("Sequence, a row for each channel"), FieldKind.MATRIX,
                         [[1, 2, 4, 7, 11, 16], [0, 1, 0, 1, 0, 1]]),
            ExampleField("kernel", lambda: _("Kernel, a row for each channel"), FieldKind.MATRIX,
                         [[-1, 0, 1], [1, 1, 1]]),
            whole_field("stride", lambda: _("Stride"), 1, 1, 10),
            whole_field("padding", lambda: _("Padding"), 0, 0, 10),
            whole_field("place", lambda: _("Cell"), 1, 0, 60),
        ),
        _ONE_CELL | {"window": ResultForm(lambda: _("The cell's window"), ValueColours.INPUTS),
                     "products": ResultForm(lambda: _("Window × kernel"), _ACTIVATIONS)},
    ),
    SmallExample(
        "conv3d", _WINDOWS, lambda: _("Conv3d: a volume or a video"),
        lambda: _("In a volume (slices of a scan) or a video (images in time) the kernel slides along three axes. "
                  "Slices stand one below the other, each as high as it is wide: 9 rows of 3 are 3 slices of 3×3."),
        of_windows.slide_through_a_volume,
        (
            ExampleField("volume", lambda: _("Volume"), FieldKind.MATRIX,
                         [[3 * row, 3 * row + 1, 3 * row + 2] for row in range(9)]),
            ExampleField("kernel", lambda: _("Kernel"), FieldKind.MATRIX, [[1, 0], [0, 1], [0, -1], [-1, 0]]),
            whole_field("padding", lambda: _("Padding"), 0, 0, 3),
            ExampleField("place", lambda: _("Cell: slice, row, column"), FieldKind.VECTOR, [1, 0, 1], 0, 40,
                         is_whole=True),
        ),
        _ONE_CELL,
    ),
    SmallExample(
        "stride-or-pooling", _WINDOWS, lambda: _("Stride 2 instead of pooling"),
        lambda: _("All three halve the map. A convolution with stride 2 learns what to keep, and costs parameters; "
                  "pooling costs none. Max pooling keeps one cell of each window and drops the rest; the mean counts "
                  "all of them alike, so that a single strong cell is weakened. T (true): the result depends on this "
                  "cell; F (false): it does not."),
        of_windows.stride_beside_pooling,
        (
            ExampleField("image", lambda: _("Map"), FieldKind.MATRIX, _STEPS),
            ExampleField("kernel", lambda: _("Kernel of the convolution; pooling has its size"), FieldKind.MATRIX,
                         [[1, -1], [1, -1]]),
            whole_field("channels", lambda: _("Channels, in and out"), 16, 1, 512),
        ),
        {
            "table": ResultForm(lambda: _("Sizes, parameters, cells that the result depends on")),
            "convolution": ResultForm(lambda: _("Convolution, stride 2"), _ACTIVATIONS),
            "convolution: counts": ResultForm(lambda: _("Convolution depends on")),
            "max pooling": ResultForm(lambda: _("Max pooling"), _ACTIVATIONS),
            "max pooling: counts": ResultForm(lambda: _("Max pooling depends on")),
            "average pooling": ResultForm(lambda: _("Average pooling"), _ACTIVATIONS),
            "average pooling: counts": ResultForm(lambda: _("Average pooling depends on")),
        },
        {
            "way": lambda: _("way"), "size": lambda: _("size"), "parameters": lambda: _("parameters"),
            "counted": lambda: _("cells that count"), "cells": lambda: _("of"),
        },
    ),
    SmallExample(
        "odd-kernels", _WINDOWS, lambda: _("Why kernels are odd"),
        lambda: _("To keep the size a kernel needs size − 1 cells of padding. For 3, 5, 7 that is the same on both "
                  "sides, and the result stays centred. For 2, 4, 6 one side gets one more (in PyTorch the right "
                  "one); the same padding on both sides makes the result one longer."),
        of_windows.pad_on_both_sides,
        (
            ExampleField("sequence", lambda: _("Sequence"), FieldKind.VECTOR, [0, 0, 0, 1, 0, 0, 0]),
            whole_field("size", lambda: _("Kernel size (all weights 1)"), 4, 1, 15),
        ),
        {
            "left": ResultForm(lambda: _("Padding on the left")),
            "right": ResultForm(lambda: _("Padding on the right")),
            "same": ResultForm(lambda: _("padding=\"same\""), _ACTIVATIONS),
            "equal": ResultForm(lambda: _("Equal to padding by hand")),
            "even": ResultForm(lambda: _("padding=size // 2 on both sides"), _ACTIVATIONS),
            "lengths": ResultForm(lambda: _("Length → with \"same\", with the same on both sides")),
        },
    ),
    SmallExample(
        "more-channels", _WINDOWS, lambda: _("Why 3 channels become 16"),
        lambda: _("Each kernel is one question to the same window, and each answer is one number: 16 kernels, 16 maps. "
                  "A single map could not tell an edge from a colour. Pooling takes three quarters away afterwards, "
                  "so that in the end there are hardly more numbers than in the image."),
        of_windows.more_channels,
        (
            whole_field("side", lambda: _("Side of the image"), 32, 8, 64),
            whole_field("channels", lambda: _("Channels in"), 3, 1, 16),
            whole_field("kernels", lambda: _("Kernels = channels out"), 16, 1, 40),
            whole_field("size", lambda: _("Kernel size"), 3, 1, 7),
            whole_field("seed", lambda: _("Seed of the weights"), 0, 0, 9999),
        ),
        {
            "table": ResultForm(lambda: _("How many numbers")),
            "parameters": ResultForm(lambda: _("Parameters of the convolution")),
            "window": ResultForm(lambda: _("The window in the middle"), ValueColours.INPUTS, lambda: _("channel")),
            "read": ResultForm(lambda: _("Numbers in this window")),
            "answers": ResultForm(lambda: _("What the kernels answer there"), _ACTIVATIONS),
        },
        {"stage": lambda: _("after"), "shape": lambda: _("shape"), "numbers": lambda: _("numbers")},
    ),
    SmallExample(
        "why-padding", _WINDOWS, lambda: _("Two reasons for padding"),
        lambda: _("First: the size stays, so layers can be stacked without losing the border. Second: only what has "
                  "the same size can be added, and a shortcut adds image and result. Set the padding to 0, and PyTorch "
                  "refuses to add them."),
        of_windows.why_padding,
        (
            ExampleField("image", lambda: _("Image"), FieldKind.MATRIX,
                         [[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 2, 1, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]),
            ExampleField("kernel", lambda: _("Kernel"), FieldKind.MATRIX, [[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
            whole_field("padding", lambda: _("Padding"), 1, 0, 5),
        ),
        {
            "shapes": ResultForm(lambda: _("Shapes, image → result")),
            "output": ResultForm(lambda: _("Result"), _ACTIVATIONS),
            "sum": ResultForm(lambda: _("Image + result"), _ACTIVATIONS),
            "error": ResultForm(lambda: _("Image + result: PyTorch's answer")),
        },
    ),
    SmallExample(
        "when-max-when-mean", _WINDOWS, lambda: _("When max, when mean, and how often"),
        lambda: _("Max pooling keeps thin bright lines and loses thin dark ones; the mean keeps a trace of both, but "
                  "paler each time. Too much of either loses what is needed: pool until X and O look alike."),
        of_windows.pool_again_and_again,
        (
            ExampleField("ink", lambda: _("The ink is"), FieldKind.WORD, "bright", words=("bright", "dark"),
                         word_titles={"bright": lambda: _("bright"), "dark": lambda: _("dark")}),
            ExampleField("way", lambda: _("Pooling"), FieldKind.WORD, "max", words=("max", "mean"),
                         word_titles={"max": lambda: _("max"), "mean": lambda: _("mean")}),
            whole_field("times", lambda: _("How many times"), 2, 0, 4),
        ),
        {
            "x": ResultForm(lambda: _("the X"), ValueColours.ACTIVATIONS),
            "o": ResultForm(lambda: _("the O"), ValueColours.ACTIVATIONS),
            "equal": ResultForm(lambda: _("X and O look alike")),
            "table": ResultForm(lambda: _("Cells in which X and O differ")),
        },
        {"times": lambda: _("pooled"), "size": lambda: _("size"), "differ": lambda: _("cells that differ")},
    ),
)  # fmt: skip
