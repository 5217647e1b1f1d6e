"""Colours and digits: symmetric scales with a neutral middle, one way to write a number."""

import pytest

from cnnviz.figures.theme import DARK, LIGHT, MINUS, format_number, format_percent


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_diverging_scales_share_one_neutral_middle(palette):
    assert len(palette.weights) % 2 == len(palette.activations) % 2 == 1
    assert palette.weights[len(palette.weights) // 2] == palette.activations[len(palette.activations) // 2]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_weak_values_can_be_told_from_zero(palette):
    """One step of 32 is 1/16 of the range; on a straight scale its colour would be an eighth of the way."""
    for scale in (palette.weights, palette.activations):
        middle, weak, strong = (
            [int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (scale[16], scale[17], scale[-1])
        )
        moved, all_the_way = (sum(abs(a - b) for a, b in zip(middle, one, strict=True)) for one in (weak, strong))
        assert moved > all_the_way / 8


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_four_kinds_of_data_have_four_scales(palette):
    assert len({palette.inputs, palette.weights, palette.activations, palette.scores}) == 4


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5000"), (-0.5, MINUS + "0.5000"), (-0.00001, "0.0000"), (12.34567, "12.3457"), (0, "0.0000")],
)
def test_a_number_is_written_with_fixed_digits_and_a_true_minus(value: float, text: str):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.994, "99.4 %"), (0.99999, "> 99.9 %"), (1, "100.0 %"), (0.0001, "< 0.1 %"), (0, "0.0 %"), (0.9994, "99.9 %")],
)
def test_what_is_not_quite_all_or_nothing_never_looks_like_it(share: float, text: str):
    assert format_percent(share) == text
