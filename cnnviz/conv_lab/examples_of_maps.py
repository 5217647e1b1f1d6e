"""Examples with one channel: small numbers, pictures, output sizes."""

from __future__ import annotations

from cnnviz.conv_lab.example import TWO_BY_TWO, Chapter, Example, kernel_of, many_of, random_of, setup_of
from cnnviz.i18n import _

NUMBERS = (
    Example(
        "cross-correlation", Chapter.NUMBERS, lambda: _("Window times kernel"),
        lambda: _("Each number of the result is the sum of four products: 0·0 + 1·1 + 3·2 + 4·3 = 19. Choose one."),
        setup_of("nine", TWO_BY_TWO), "1×3×3 → 1×2×2", (((19, 25), (37, 43)),), 4,
    ),
    Example(
        "true-convolution", Chapter.NUMBERS, lambda: _("True convolution"),
        lambda: _("In mathematics a convolution first turns the kernel by half. What networks compute is the other "
                  "one, called cross-correlation. Switch “turn the kernel” off and on."),
        setup_of("nine", TWO_BY_TWO, is_flipped=True), "1×3×3 → 1×2×2", (((5, 11), (23, 29)),),
    ),
    Example(
        "impulse", Chapter.NUMBERS, lambda: _("A single 1"),
        lambda: _("A picture with a single 1 in it shows the kernel itself, turned by half. "
                  "Turn the kernel, and it shows it upright."),
        setup_of("spot", kernel_of((1, 2, 3), (4, 5, 6), (7, 8, 9))), "1×9×9 → 1×7×7",
        (((0,) * 7, (0,) * 7, (0, 0, 9, 8, 7, 0, 0), (0, 0, 6, 5, 4, 0, 0), (0, 0, 3, 2, 1, 0, 0), (0,) * 7,
          (0,) * 7),),
    ),
    Example(
        "edge", Chapter.NUMBERS, lambda: _("Finding edges"),
        lambda: _("1 where light turns dark, −1 where dark turns light, 0 where nothing changes."),
        setup_of("edge", kernel_of((1, -1))), "1×6×8 → 1×6×7", (((0, 1, 0, 0, 0, -1, 0),) * 6,), 2,
    ),
    Example(
        "edge-turned", Chapter.NUMBERS, lambda: _("The other edges"),
        lambda: _("The same kernel on the picture turned: it only sees upright edges, and finds nothing."),
        setup_of("edge-turned", kernel_of((1, -1))), "1×8×6 → 1×8×5", (((0,) * 5,) * 8,),
    ),
    Example(
        "corner", Chapter.NUMBERS, lambda: _("Where a kernel looks"),
        lambda: _("A single 1 in the upper left: each cell copies the upper left of its window. Put the 1 elsewhere."),
        setup_of("nine", many_of("corner", 2, 2)), "1×3×3 → 1×2×2", (((0, 1), (3, 4)),),
    ),
)  # fmt: skip

PICTURES = (
    Example(
        "blur", Chapter.PICTURES, lambda: _("Blur"),
        lambda: _("All weights 1/9: each cell becomes the mean of its neighbourhood, here in each colour by itself."),
        setup_of("landscape", many_of("box", 3, 3, out=3), groups=3, padding=(1, 1)), "3×96×96 → 3×96×96", (), 27,
    ),
    Example(
        "upright-edges", Chapter.PICTURES, lambda: _("Upright edges"),
        lambda: _("−1 0 1 in each row: left against right. Blue where it gets darker to the right, orange where "
                  "lighter."),
        setup_of("landscape", many_of("vertical", 3, 3, channels=3), padding=(1, 1)), "3×96×96 → 1×96×96", (), 27,
    ),
    Example(
        "random-start", Chapter.PICTURES, lambda: _("Where weights come from"),
        lambda: _("At first they are random: other numbers with each seed, the same with the same one. Set some by "
                  "hand, or let them be learned (“Learn the kernel”)."),
        random_of("bars", (1, 1, 3, 3), padding=(1, 1)), "1×32×32 → 1×32×32", (), 10,
    ),
)  # fmt: skip

SIZES = (
    Example(
        "size-29", Chapter.SIZES, lambda: _("32 cells, kernel 4"),
        lambda: _("The kernel has 29 places: 32 − 4 + 1."),
        setup_of("gradient", many_of("box", 4, 4)), "1×32×32 → 1×29×29",
        says=("⌊(32 + 2·0 − 1·(4 − 1) − 1) / 1⌋ + 1", "= 29"),
    ),
    Example(
        "size-rest", Chapter.SIZES, lambda: _("… stride 3: a rest"),
        lambda: _("28 / 3 is not whole: the last row and column, hatched, are never read."),
        setup_of("gradient", many_of("box", 4, 4), stride=(3, 3)), "1×32×32 → 1×10×10",
        says=("⌊28 / 3⌋ + 1 = 10", "rows 31", "columns 31"),
    ),
    Example(
        "size-11", Chapter.SIZES, lambda: _("… padding 1: no rest"),
        lambda: _("With one cell of padding 30 / 3 is whole, and everything is read."),
        setup_of("gradient", many_of("box", 4, 4), stride=(3, 3), padding=(1, 1)), "1×32×32 → 1×11×11",
        says=("30 / 3 + 1 = 11",),
    ),
    Example(
        "size-keep-3", Chapter.SIZES, lambda: _("Kernel 3, padding 1"),
        lambda: _("The most usual setting: the size stays as it is."),
        setup_of("sixty-four", many_of("box", 3, 3), padding=(1, 1)), "1×8×8 → 1×8×8", says=("= 8",),
    ),
    Example(
        "size-keep-5", Chapter.SIZES, lambda: _("Kernel 5, padding 2"),
        lambda: _("A larger kernel needs more padding to keep the size: (5 − 1) / 2."),
        setup_of("sixty-four", many_of("box", 5, 5), padding=(2, 2)), "1×8×8 → 1×8×8", says=("= 8",),
    ),
    Example(
        "size-keep-1", Chapter.SIZES, lambda: _("Kernel 1, no padding"),
        lambda: _("A kernel of one weight needs no padding at all."),
        setup_of("sixty-four", many_of("ones", 1, 1)), "1×8×8 → 1×8×8",
        (tuple(tuple(range(8 * row, 8 * row + 8)) for row in range(8)),), says=("= 8",),
    ),
    Example(
        "size-rectangle", Chapter.SIZES, lambda: _("Kernel 5×3, padding 2, 1"),
        lambda: _("Rows and columns are counted apart: each has its own kernel size and padding."),
        setup_of("sixty-four", many_of("box", 5, 3), padding=(2, 1)), "1×8×8 → 1×8×8", says=("= 8",),
    ),
    Example(
        "size-half", Chapter.SIZES, lambda: _("Stride 2"),
        lambda: _("Every second place: half the size."),
        setup_of("sixty-four", many_of("box", 3, 3), padding=(1, 1), stride=(2, 2)), "1×8×8 → 1×4×4",
        says=("⌊7 / 2⌋ + 1 = 4",),
    ),
    Example(
        "size-uneven", Chapter.SIZES, lambda: _("Kernel 3×5, stride 3, 4"),
        lambda: _("Everything uneven: kernel 3×5, padding 0 and 1, stride 3 and 4 leave 2×2."),
        setup_of("sixty-four", many_of("box", 3, 5), padding=(0, 1), stride=(3, 4)), "1×8×8 → 1×2×2",
        says=("⌊5 / 3⌋ + 1 = 2", "⌊5 / 4⌋ + 1 = 2"),
    ),
    Example(
        "sees-5", Chapter.SIZES, lambda: _("Two layers see more"),
        lambda: _("A 2×2 window on the result covers four of its cells. With stride 2 below, these see 5×5 cells of "
                  "the picture; set the stride to 1, and they see 4×4."),
        setup_of("sixty-four", many_of("box", 3, 3), stride=(2, 2), on_top=2), "1×8×8 → 1×3×3", says=("5×5",),
    ),
)  # fmt: skip
