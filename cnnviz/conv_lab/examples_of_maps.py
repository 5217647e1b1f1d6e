"""Examples with one channel: small numbers, pictures, output sizes."""

from __future__ import annotations

from cnnviz.conv_lab.example import (
    TWO_BY_TWO,
    Example,
    LabChapter,
    make_kernel,
    make_kernels,
    make_random_kernels,
    make_setup,
)
from cnnviz.i18n import _

NUMBERS = (
    Example(
        "cross-correlation", LabChapter.NUMBERS, lambda: _("Window times kernel"),
        lambda: _("Each number of the result is the sum of four products: 0·0 + 1·1 + 3·2 + 4·3 = 19. Choose one."),
        make_setup("nine", TWO_BY_TWO), "1×3×3 → 1×2×2", (((19, 25), (37, 43)),), 4,
    ),
    Example(
        "true-convolution", LabChapter.NUMBERS, lambda: _("True convolution"),
        lambda: _("In mathematics a convolution first rotates the kernel by 180°. Networks do not: what they compute "
                  "is called cross-correlation. Switch “Flip 180°” off and on."),
        make_setup("nine", TWO_BY_TWO, is_flipped=True), "1×3×3 → 1×2×2", (((5, 11), (23, 29)),),
    ),
    Example(
        "impulse", LabChapter.NUMBERS, lambda: _("A single 1"),
        lambda: _("An image with a single 1 gives the kernel itself, rotated by 180°. Flip the kernel, and it appears "
                  "upright."),
        make_setup("spot", make_kernel((1, 2, 3), (4, 5, 6), (7, 8, 9))), "1×9×9 → 1×7×7",
        (((0,) * 7, (0,) * 7, (0, 0, 9, 8, 7, 0, 0), (0, 0, 6, 5, 4, 0, 0), (0, 0, 3, 2, 1, 0, 0), (0,) * 7,
          (0,) * 7),),
    ),
    Example(
        "edge", LabChapter.NUMBERS, lambda: _("Finding edges"),
        lambda: _("1 where light turns dark, −1 where dark turns light, 0 where nothing changes."),
        make_setup("edge", make_kernel((1, -1))), "1×6×8 → 1×6×7", (((0, 1, 0, 0, 0, -1, 0),) * 6,), 2,
    ),
    Example(
        "edge-turned", LabChapter.NUMBERS, lambda: _("The other edges"),
        lambda: _("The same kernel on the rotated image: it only responds to vertical edges, and finds nothing."),
        make_setup("edge-turned", make_kernel((1, -1))), "1×8×6 → 1×8×5", (((0,) * 5,) * 8,),
    ),
    Example(
        "corner", LabChapter.NUMBERS, lambda: _("Where a kernel looks"),
        lambda: _("A single 1 in the upper left: each cell copies the upper left of its window. Put the 1 elsewhere."),
        make_setup("nine", make_kernels("corner", 2, 2)), "1×3×3 → 1×2×2", (((0, 1), (3, 4)),),
    ),
)  # fmt: skip

PICTURES = (
    Example(
        "blur", LabChapter.PICTURES, lambda: _("Blur"),
        lambda: _("All weights 1/9: each cell becomes the mean of its neighbourhood, here for each colour separately."),
        make_setup("landscape", make_kernels("box", 3, 3, out=3), groups=3, padding=(1, 1)), "3×96×96 → 3×96×96",
        (), 27,
    ),
    Example(
        "upright-edges", LabChapter.PICTURES, lambda: _("Vertical edges"),
        lambda: _("−1 0 1 in each row: left against right. Blue where it gets darker to the right, orange where "
                  "lighter."),
        make_setup("landscape", make_kernels("vertical", 3, 3, channels=3), padding=(1, 1)), "3×96×96 → 1×96×96",
        (), 27,
    ),
    Example(
        "random-start", LabChapter.PICTURES, lambda: _("Where weights come from"),
        lambda: _("At first they are random: each seed gives other numbers, the same seed the same ones. Set some by "
                  "hand, or let them be learned (“Learn the kernel”)."),
        make_random_kernels("bars", (1, 1, 3, 3), padding=(1, 1)), "1×32×32 → 1×32×32", (), 10,
    ),
)  # fmt: skip

SIZES = (
    Example(
        "size-29", LabChapter.SIZES, lambda: _("32 cells, kernel 4"),
        lambda: _("The kernel has 29 positions: 32 − 4 + 1."),
        make_setup("gradient", make_kernels("box", 4, 4)), "1×32×32 → 1×29×29",
        says=("⌊(32 + 2·0 − 1·(4 − 1) − 1) / 1⌋ + 1", "= 29"),
    ),
    Example(
        "size-rest", LabChapter.SIZES, lambda: _("… stride 3: a remainder"),
        lambda: _("28 / 3 is not whole: no window covers the last row and column (hatched)."),
        make_setup("gradient", make_kernels("box", 4, 4), stride=(3, 3)), "1×32×32 → 1×10×10",
        says=("⌊28 / 3⌋ + 1 = 10", "rows 31", "columns 31"),
    ),
    Example(
        "size-11", LabChapter.SIZES, lambda: _("… padding 1: no remainder"),
        lambda: _("With one cell of padding 30 / 3 is whole, and windows cover everything."),
        make_setup("gradient", make_kernels("box", 4, 4), stride=(3, 3), padding=(1, 1)), "1×32×32 → 1×11×11",
        says=("30 / 3 + 1 = 11",),
    ),
    Example(
        "size-keep-3", LabChapter.SIZES, lambda: _("Kernel 3, padding 1"),
        lambda: _("The most common setting: the size stays the same."),
        make_setup("sixty-four", make_kernels("box", 3, 3), padding=(1, 1)), "1×8×8 → 1×8×8", says=("= 8",),
    ),
    Example(
        "size-keep-5", LabChapter.SIZES, lambda: _("Kernel 5, padding 2"),
        lambda: _("A larger kernel needs more padding to keep the size: (5 − 1) / 2."),
        make_setup("sixty-four", make_kernels("box", 5, 5), padding=(2, 2)), "1×8×8 → 1×8×8", says=("= 8",),
    ),
    Example(
        "size-keep-1", LabChapter.SIZES, lambda: _("Kernel 1, no padding"),
        lambda: _("A kernel of one weight needs no padding at all."),
        make_setup("sixty-four", make_kernels("ones", 1, 1)), "1×8×8 → 1×8×8",
        (tuple(tuple(range(8 * row, 8 * row + 8)) for row in range(8)),), says=("= 8",),
    ),
    Example(
        "size-rectangle", LabChapter.SIZES, lambda: _("Kernel 5×3, padding 2, 1"),
        lambda: _("Rows and columns are separate: each has its own kernel size and padding."),
        make_setup("sixty-four", make_kernels("box", 5, 3), padding=(2, 1)), "1×8×8 → 1×8×8", says=("= 8",),
    ),
    Example(
        "size-half", LabChapter.SIZES, lambda: _("Stride 2"),
        lambda: _("Every second position: half the size."),
        make_setup("sixty-four", make_kernels("box", 3, 3), padding=(1, 1), stride=(2, 2)), "1×8×8 → 1×4×4",
        says=("⌊7 / 2⌋ + 1 = 4",),
    ),
    Example(
        "size-uneven", LabChapter.SIZES, lambda: _("Kernel 3×5, stride 3, 4"),
        lambda: _("Everything uneven: kernel 3×5, padding 0 and 1, stride 3 and 4 leave 2×2."),
        make_setup("sixty-four", make_kernels("box", 3, 5), padding=(0, 1), stride=(3, 4)), "1×8×8 → 1×2×2",
        says=("⌊5 / 3⌋ + 1 = 2", "⌊5 / 4⌋ + 1 = 2"),
    ),
    Example(
        "strides-3-2", LabChapter.SIZES, lambda: _("Stride 3 down, 2 across"),
        lambda: _("Strides may differ. With stride 3 the window jumps over row 1 of the image, which is never read "
                  "(hatched); across, with stride 2, nothing is left out."),
        make_setup("nine", TWO_BY_TWO, padding=(1, 1), stride=(3, 2)), "1×3×3 → 1×2×2", (((0, 8), (6, 8)),),
        says=("= 2", "rows 1"),
    ),
    Example(
        "even-same", LabChapter.SIZES, lambda: _("Even kernel, size kept"),
        lambda: _("A 2×2 kernel needs one cell of padding in all, and there is no middle to put it: it goes below and "
                  "to the right. This is why kernels usually have odd sizes."),
        make_setup("nine", TWO_BY_TWO, is_same=True), "1×3×3 → 1×3×3", (((19, 25, 10), (37, 43, 16), (7, 8, 0)),),
        says=("(3 + 0 + 1 − 1·(2 − 1) − 1)",),
    ),
    Example(
        "sees-5", LabChapter.SIZES, lambda: _("Two layers: larger field"),
        lambda: _("A 2×2 window on the result covers four of its cells. With stride 2 its receptive field is 5×5 cells "
                  "of the image; set the stride to 1, and it is 4×4."),
        make_setup("sixty-four", make_kernels("box", 3, 3), stride=(2, 2), on_top=2), "1×8×8 → 1×3×3", says=("5×5",),
    ),
)  # fmt: skip
