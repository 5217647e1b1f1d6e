"""Examples with several channels, pooling, and what goes beyond a plain convolution."""

from __future__ import annotations

import numpy as np

from cnnviz.conv_lab.example import (
    TWO_BY_TWO,
    WINDOW,
    Example,
    LabChapter,
    LabPart,
    make_kernel,
    make_kernels,
    make_random_kernels,
    make_setup,
)
from cnnviz.conv_lab.settings import Operation
from cnnviz.i18n import _

_THREE_KINDS = np.concatenate([make_kernels(name, 3, 3) for name in ("gaussian", "sobel", "laplacian")])

CHANNELS = (
    Example(
        "three-channels", LabChapter.CHANNELS, lambda: _("Three channels and a bias"),
        lambda: _("All weights 1, bias 1: the corner is 72 + 18 + 18 + 1 = 109, channel by channel."),
        make_setup("rows-of-five", np.ones((1, 3, 3, 3), np.float32), bias=np.ones(1, np.float32)), "3×5×5 → 1×3×3",
        (((109, 109, 55), (163, 163, 82), (217, 217, 109)),), 28,
    ),
    Example(
        "two-channels", LabChapter.CHANNELS, lambda: _("Two channels in"),
        lambda: _("Each channel has its own kernel; the two terms are added."),
        make_setup("nine-twice", np.concatenate([TWO_BY_TWO, TWO_BY_TWO + 1], axis=1)), "2×3×3 → 1×2×2",
        (((56, 72), (104, 120)),), 8,
    ),
    Example(
        "three-kernels", LabChapter.CHANNELS, lambda: _("Three channels out"),
        lambda: _("Three kernels, three maps. Choose a kernel to see its map."),
        make_setup("nine-twice", np.concatenate([np.concatenate([TWO_BY_TWO + k, TWO_BY_TWO + 1 + k], axis=1)
                                             for k in range(3)])), "2×3×3 → 3×2×2",
        (((56, 72), (104, 120)), ((76, 100), (148, 172)), ((96, 128), (192, 224))), 24,
    ),
    Example(
        "one-by-one", LabChapter.CHANNELS, lambda: _("1×1: mixing channels"),
        lambda: _("A 1×1 kernel covers one pixel, but all of its channels: a fully connected layer at each pixel. It "
                  "changes the number of channels and keeps the size."),
        make_random_kernels("small-landscape", (2, 3, 1, 1)), "3×32×32 → 2×32×32", (), 8,
    ),
    Example(
        "depthwise", LabChapter.CHANNELS, lambda: _("Depthwise: channels apart"),
        lambda: _("Three groups: each kernel covers one channel only. Here each colour has a different kernel."),
        make_setup("small-landscape", _THREE_KINDS, groups=3, padding=(1, 1)), "3×32×32 → 3×32×32", (), 27,
    ),
    Example(
        "sixteen-kernels", LabChapter.CHANNELS, lambda: _("16 kernels of 3×3×3"),
        lambda: _("3×3 loses a row and a column on each side: 32 becomes 30. 16·(3·3·3 + 1) = 448 parameters."),
        make_random_kernels("small-landscape", (16, 3, 3, 3)), "3×32×32 → 16×30×30", (), 448,
    ),
    Example(
        "sixteen-kernels-padded", LabChapter.CHANNELS, lambda: _("… with padding 1"),
        lambda: _("One cell of padding on each side keeps the size."),
        make_random_kernels("small-landscape", (16, 3, 3, 3), padding=(1, 1)), "3×32×32 → 16×32×32", (), 448,
    ),
    Example(
        "six-filters", LabChapter.CHANNELS, lambda: _("Six filters of 5×5×3"),
        lambda: _("6·(5·5·3 + 1) = 456 parameters, however large the image is."),
        make_random_kernels("small-landscape", (6, 3, 5, 5), padding=(2, 2)), "3×32×32 → 6×32×32", (), 456,
    ),
)  # fmt: skip

POOLING = (
    Example(
        "max-pooling", LabChapter.POOLING, lambda: _("Maximum"),
        lambda: _("The largest number of each window; nothing is multiplied."),
        make_setup("nine", WINDOW, operation=Operation.MAX), "1×3×3 → 1×2×2", (((4, 5), (7, 8)),), 0,
    ),
    Example(
        "average-pooling", LabChapter.POOLING, lambda: _("Mean"),
        lambda: _("The mean of each window: the same as a kernel of 1/4."),
        make_setup("nine", WINDOW, operation=Operation.AVERAGE), "1×3×3 → 1×2×2", (((2, 3), (5, 6)),), 0,
    ),
    Example(
        "pooling-with-stride", LabChapter.POOLING, lambda: _("3×3, padding 1, stride 2"),
        lambda: _("Padding never wins: it counts as minus infinity."),
        make_setup("sixteen", np.ones((1, 1, 3, 3)), operation=Operation.MAX, padding=(1, 1), stride=(2, 2)),
        "1×4×4 → 1×2×2", (((5, 7), (13, 15)),), 0,
    ),
    Example(
        "pooling-channels", LabChapter.POOLING, lambda: _("Channel by channel"),
        lambda: _("Pooling never mixes channels: as many come out as go in."),
        make_setup("sixteen-twice", np.ones((1, 1, 3, 3)), operation=Operation.MAX, padding=(1, 1), stride=(2, 2)),
        "2×4×4 → 2×2×2", (((5, 7), (13, 15)), ((6, 8), (14, 16))), 0,
    ),
    Example(
        "pooling-halves", LabChapter.POOLING, lambda: _("Half the size"),
        lambda: _("Windows of 2×2 side by side: a quarter of the numbers is left."),
        make_setup("small-landscape", WINDOW, operation=Operation.MAX, stride=(2, 2)), "3×32×32 → 3×16×16", (), 0,
    ),
    Example(
        "global-max", LabChapter.POOLING, lambda: _("Global maximum"),
        lambda: _("One window over the whole map: one number for each channel."),
        make_setup("nine-twice", WINDOW, operation=Operation.GLOBAL_MAX), "2×3×3 → 2×1×1", (((8,),), ((9,),)), 0,
    ),
    Example(
        "global-average", LabChapter.POOLING, lambda: _("Global mean"),
        lambda: _("The mean of the whole map: many networks end with it, before the scores."),
        make_setup("nine-twice", WINDOW, operation=Operation.GLOBAL_AVERAGE), "2×3×3 → 2×1×1", (((4,),), ((5,),)), 0,
    ),
)  # fmt: skip

BEYOND = (
    Example("one-and-three", LabChapter.BEYOND, lambda: _("One axis and three"),
            lambda: _("Conv1d for a sequence, Conv3d for a volume or a video: every cell in numbers."),
            part=LabPart.ND),
    Example("batch-norm", LabChapter.BEYOND, lambda: _("Batch normalisation"),
            lambda: _("Mean and variance of a batch, γ and β, training and evaluation: every cell in numbers."),
            part=LabPart.NORM),
    Example(
        "dilated", LabChapter.BEYOND, lambda: _("Dilation"),
        lambda: _("Gaps between the weights: a 3×3 kernel spans 5×5, and costs no more."),
        make_setup("spot", make_kernel((1, 2, 3), (4, 5, 6), (7, 8, 9)), dilation=(2, 2)), "1×9×9 → 1×5×5",
        (((9, 0, 8, 0, 7), (0,) * 5, (6, 0, 5, 0, 4), (0,) * 5, (3, 0, 2, 0, 1)),),
    ),
    Example(
        "transposed", LabChapter.BEYOND, lambda: _("Transposed convolution"),
        lambda: _("Each number of the small map spreads a copy of the kernel over the large one: 3×3 becomes 4×4."),
        make_setup("nine", TWO_BY_TWO, operation=Operation.TRANSPOSED), "1×3×3 → 1×4×4",
        (((0, 0, 1, 2), (0, 5, 11, 11), (6, 23, 29, 23), (12, 32, 37, 24)),),
    ),
    Example(
        "transposed-stride", LabChapter.BEYOND, lambda: _("… with stride 2"),
        lambda: _("The copies are two cells apart and no longer overlap: 3×3 becomes 6×6."),
        make_setup("nine", TWO_BY_TWO, operation=Operation.TRANSPOSED, stride=(2, 2)), "1×3×3 → 1×6×6",
        (((0, 0, 0, 1, 0, 2), (0, 0, 2, 3, 4, 6), (0, 3, 0, 4, 0, 5), (6, 9, 8, 12, 10, 15), (0, 6, 0, 7, 0, 8),
          (12, 18, 14, 21, 16, 24)),),
    ),
    Example("learn", LabChapter.BEYOND, lambda: _("Learn a kernel"),
            lambda: _("The edge finder, learned from image and result alone in ten steps."), part=LabPart.LEARN),
    Example("three-ways", LabChapter.BEYOND, lambda: _("Three ways to compute"),
            lambda: _("Sliding window, one matrix product, Fourier transform: the same numbers."), part=LabPart.WAYS),
    Example("why", LabChapter.BEYOND, lambda: _("Why convolutions?"),
            lambda: _("Shift the image, and the map shifts with it."), part=LabPart.WHY),
)  # fmt: skip
