"""Windows and output sizes: hand examples, published arithmetic, the algebra of composition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.core.geometry import IDENTITY, Geometry, Window, output_size, span

windows = st.builds(Window, size=st.integers(1, 11), jump=st.integers(1, 4), start=st.integers(-10, 5))


def inputs_of(unit: int, *stack: Window) -> set[int]:
    """Walked back one layer at a time, unit by unit: the naive oracle for composition."""
    cells = {unit}
    for window in reversed(stack):
        cells = {cell for one in cells for cell in window.reach(one)}
    return cells


@given(windows, windows, st.integers(0, 20))
def test_a_composed_window_spans_what_the_layers_reach_one_by_one(first: Window, second: Window, unit: int):
    cells = inputs_of(unit, first, second)
    reach = second.after(first).reach(unit)
    assert (reach.start, reach.stop - 1) == (min(cells), max(cells))


@given(windows, windows, windows)
def test_composition_is_associative(a: Window, b: Window, c: Window):
    assert c.after(b).after(a) == c.after(b.after(a))


@given(windows)
def test_the_identity_changes_nothing(window: Window):
    assert window.after(IDENTITY) == window == IDENTITY.after(window)


def test_adding_sizes_without_the_jump_is_wrong():
    """The negative twin: s + t − 1, forgetting the jump, disagrees with the walk."""
    first, second = Window(2, jump=2), Window(5)
    cells = inputs_of(0, first, second)
    assert second.size + first.size - 1 != max(cells) - min(cells) + 1 == second.after(first).size


def stacked(*layers: tuple[int, int, int]) -> tuple[int, int, int]:
    """(size, jump, padding) of the last of (kernel, stride, padding) layers."""
    reach = IDENTITY
    for kernel, stride, padding in layers:
        reach = Window(kernel, stride, -padding).after(reach)
    return reach.size, reach.jump, -reach.start


def test_published_receptive_fields_of_small_networks():
    """Araujo et al. 2019: conv5–pool2–conv5–pool2 is 16/4/0, with 3×3 and padding 16/4/6."""
    assert stacked((5, 1, 0), (2, 2, 0), (5, 1, 0), (2, 2, 0)) == (16, 4, 0)
    same = (3, 1, 1)
    assert stacked(same, same, (2, 2, 0), same, same, (2, 2, 0)) == (16, 4, 6)
    assert stacked((5, 1, 2), (2, 2, 0), (5, 1, 2), (3, 3, 0)) == (18, 6, 6)


def test_published_receptive_fields_of_vgg16():
    blocks = [[(3, 1, 1)] * n + [(2, 2, 0)] for n in (2, 2, 3, 3, 3)]
    layers = [layer for block in blocks for layer in block]
    assert stacked(*layers[:1]) == (3, 1, 1)
    assert stacked(*layers[:3]) == (6, 2, 2)
    assert stacked(*layers[:6]) == (16, 4, 6)
    assert stacked(*layers[:10]) == (44, 8, 18)
    assert stacked(*layers[:14]) == (100, 16, 42)
    assert stacked(*layers) == (212, 32, 90)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "dilation", "expected"),
    [
        (4, 3, 1, 0, 1, 2), (5, 4, 1, 2, 1, 6), (5, 3, 1, 1, 1, 5), (5, 3, 1, 2, 1, 7), (5, 3, 2, 0, 1, 2),
        (5, 3, 2, 1, 1, 3), (6, 3, 2, 1, 1, 3), (7, 3, 1, 0, 2, 3), (32, 4, 1, 0, 1, 29), (28, 5, 1, 2, 1, 28),
    ],
)  # fmt: skip
def test_published_output_sizes(size: int, kernel: int, stride: int, padding: int, dilation: int, expected: int):
    assert output_size(size, kernel, stride, padding, dilation) == expected


def test_a_kernel_larger_than_its_padded_input_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match=r"at most the padded input \(7\), got 9: make the kernel smaller"):
        output_size(5, kernel=9, padding=1)


def test_a_dilated_kernel_covers_its_holes():
    assert span(3, dilation=2) == 2 * (3 - 1) + 1


def test_the_unit_in_the_corner_loses_its_padding():
    assert list(Window(5, start=-2).clipped(0, length=28)) == [0, 1, 2]


def test_a_unit_over_padding_only_reaches_nothing():
    assert len(Window(1, start=-2).clipped(0, length=28)) == 0
    assert len(Window(2, start=30).clipped(0, length=28)) == 0


def test_a_window_of_no_cells_is_refused():
    with pytest.raises(ValueError, match="at least 1, got size 0"):
        Window(0)


def test_axes_compose_on_their_own():
    pool, conv = Geometry(Window(2, 2), Window(3, 3)), Geometry(Window(5), Window(1))
    assert conv.after(pool) == Geometry(Window(5).after(Window(2, 2)), Window(3, 3))
