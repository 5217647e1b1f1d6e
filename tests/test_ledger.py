"""The table of a cell: with pencil and paper its arithmetic holds as it stands, and its last number is PyTorch's.

Numbers are read back from the table's strings and added up as decimals; the table's own rules are not asked.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz import checkpoints
from cnnviz.drawing import prepare
from cnnviz.explain import explain, explain_dense, explain_softmax
from cnnviz.figures.ledger import MOST_TERMS, Ledger, ledger
from cnnviz.figures.rounding import shown
from cnnviz.figures.theme import number
from cnnviz.samples import find_sample
from cnnviz.trace import LayerTrace, Trace, Tracer, trace
from cnnviz.units import UnitRef

ALMOST = "≈ "  # written before a number that the shown terms do not make


def read(text: str) -> Decimal:
    return Decimal(text.removeprefix(ALMOST).replace("\N{MINUS SIGN}", "-"))


def rounded(value: Decimal, like: str) -> Decimal:
    """`value` with the decimals of the text `like`."""
    with localcontext(prec=60, rounding=ROUND_HALF_UP):
        return value.quantize(Decimal(1).scaleb(read(like).as_tuple().exponent))


def adds_up(terms: list[str], total: str) -> bool:
    """Whether the terms, added up by hand, make the total, rounded as it is written."""
    return rounded(sum(map(read, terms), Decimal(0)), total) == read(total)


def groups(made: Ledger) -> list[tuple[list[tuple[str, ...]], str]]:
    """A convolution's table: for each map the lines of its products, and its share."""
    found, lines = [], []
    for row in made.rows:
        if row[2]:
            lines.append(row)
        elif row[4]:
            found.append((lines, row[4]))
            lines = []
    assert lines == []
    return found


def must_hold_as_convolution(made: Ledger, total: float) -> None:
    shares = [share for _lines, share in groups(made)]
    for lines, share in groups(made):
        assert adds_up([line[4] for line in lines], share), (made.caption, share)
        assert all(multiplies(*line[2:]) for line in lines)
    bias, result = (line[-1] for line in made.sums)
    assert adds_up([*shares, bias], result)
    assert is_shown(result, total)


def multiplies(value: str, weight: str, product: str) -> bool:
    return rounded(read(value) * read(weight), product) == read(product)


def is_shown(text: str, value: float) -> bool:
    """Whether the text is the value, rounded to the decimals of the text."""
    return rounded(Decimal(value), text) == read(text)


def traced(module: nn.Module, image: np.ndarray) -> LayerTrace:
    return trace(nn.Sequential(module), image.astype(np.float32)).layers[0]


def maps(seed: int, channels: int = 3, size: int = 9, scale: float = 1.0) -> np.ndarray:
    return scale * np.random.default_rng(seed).normal(size=(channels, size, size))


def made_by(module: nn.Module, image: np.ndarray, *place: int) -> tuple[Ledger, float]:
    torch.manual_seed(0)
    layer = traced(module, image)
    unit = UnitRef("0", *place)
    return ledger(explain(layer, unit)), float(layer.output[place[: layer.output.ndim]])


@pytest.fixture(scope="module")
def three() -> Trace:
    """The trained network on a drawn 3."""
    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(prepare(find_sample("three").sketch).image)


CONVOLUTIONS = {
    "plain": nn.Conv2d(3, 4, 3),
    "without bias": nn.Conv2d(3, 4, 3, bias=False),
    "one by one": nn.Conv2d(3, 4, 1),
    "depthwise": nn.Conv2d(3, 6, (3, 5), padding=(1, 2), groups=3),
    "stride and dilation": nn.Conv2d(3, 4, (3, 2), stride=2, dilation=(2, 3)),
    "circular": nn.Conv2d(3, 4, 3, padding=2, padding_mode="circular"),
    "transposed": nn.ConvTranspose2d(3, 4, 3, stride=2, output_padding=1),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_products_make_shares_and_shares_the_value_as_shown(name: str):
    layer = traced(CONVOLUTIONS[name], maps(1))
    _channels, rows, cols = layer.output.shape
    for row, col in {(0, 0), (rows - 1, cols - 1), (rows // 2, 0), (1, cols - 1)}:
        made = ledger(explain(layer, UnitRef("0", 2, row, col)))
        must_hold_as_convolution(made, float(layer.output[2, row, col]))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    scale=st.sampled_from([1e-3, 0.1, 1.0, 30.0, 1e4]),
    channels=st.integers(1, 12),
    whole=st.booleans(),
)
def test_any_convolution_adds_up_as_shown_or_says_almost(seed: int, scale: float, channels: int, whole: bool):
    """With whole numbers (and so with ties) too; "≈" stands before a number that no digits make, and that is rare."""
    torch.manual_seed(seed)
    conv = nn.Conv2d(channels, 1, 3)
    image = maps(seed, channels, 4, scale)
    if whole:
        conv.weight.data, image = (conv.weight.data * 32).round() / 32, image.round()
    layer = traced(conv, image)
    made = ledger(explain(layer, UnitRef("0", 0, 1, 0)))
    shares = [share for _lines, share in groups(made)]
    for lines, share in groups(made):
        assert adds_up([line[4] for line in lines], share) or share.startswith(ALMOST)
        assert all(multiplies(*line[2:]) or line[4].startswith(ALMOST) for line in lines)
    bias, result = (line[-1] for line in made.sums)
    assert adds_up([*shares, bias], result) or result.startswith(ALMOST)
    assert is_shown(result, float(layer.output[0, 1, 0]))


def test_a_sum_that_no_digits_make_is_written_as_almost():
    """Beyond float32: the exact shares are hundreds off the number that PyTorch gave."""
    made, total = made_by(nn.Conv2d(64, 1, 5), maps(1, 64, 5, 1e9), 0, 0, 0)
    bias, result = (line[-1] for line in made.sums)
    assert result.startswith(ALMOST)
    assert not adds_up([*(share for _lines, share in groups(made)), bias], result)
    assert is_shown(result, total)


def test_the_trained_networks_cells_add_up_without_a_single_almost(three: Trace):
    for path, channel in (("conv1", 5), ("conv2", 3), ("conv2", 17)):
        layer = three.layers[three.position(path)]
        _channels, rows, cols = layer.output.shape
        for row, col in ((0, 0), (5, 6), (rows // 2, cols // 2), (rows - 1, cols - 1)):
            made = ledger(explain(layer, UnitRef(path, channel, row, col)))
            must_hold_as_convolution(made, float(layer.output[channel, row, col]))
            assert ALMOST.strip() not in str(made)


def test_an_adder_that_is_fed_one_digit_more_notices(three: Trace):
    """The negative twin: one unit in the last place of any one text, and nothing holds any more."""
    layer = three.layers[three.position("conv2")]
    made = ledger(explain(layer, UnitRef("conv2", 3, 5, 6)))
    lines, share = groups(made)[0]
    products = [line[4] for line in lines]

    def off(text: str) -> str:
        return str(read(text) + Decimal(1).scaleb(read(share).as_tuple().exponent))

    assert adds_up(products, share)
    assert not adds_up([off(products[0]), *products[1:]], share)
    assert not adds_up(products, off(share))
    assert not is_shown(off(made.sums[-1][-1]), float(layer.output[3, 5, 6]))


def test_numbers_rounded_one_by_one_would_not_add_up(three: Trace):
    """The negative twin: a fixed number of decimals misses the share in most maps."""
    layer = three.layers[three.position("conv2")]
    cell = explain(layer, UnitRef("conv2", 3, 5, 6))
    holds = [
        adds_up([number(value, 2) for value in products.ravel()], number(share, 2))
        for products, share in zip(cell.products, cell.sums, strict=True)
        if np.count_nonzero(products) > 3
    ]
    assert sum(holds) < len(holds)


def test_ties_are_written_as_the_arithmetic_counts_them():
    """0.03125 is a tie at four decimals: Python's format gives 0.0312, the rule for sums (and the browser) 0.0313."""
    assert number(0.03125, 4) == "0.0313" == str(shown(0.03125, 4))
    assert f"{0.03125:.4f}" == "0.0312"
    assert number(-0.03125, 4) == "\N{MINUS SIGN}0.0313"


def test_padding_and_places_are_named():
    made, _total = made_by(nn.Conv2d(3, 4, 3, padding=1), maps(1), 0, 0, 0)
    lines = groups(made)[0][0]
    assert lines[0][:2] == ("map 0", "padding")
    assert lines[4][1] == "row 0, column 0"
    repeated, _total = made_by(nn.Conv2d(3, 4, 3, padding=1, padding_mode="replicate"), maps(1), 0, 0, 0)
    assert groups(repeated)[0][0][0][1] == "padding, repeats row 0, column 0"
    spread, _total = made_by(nn.ConvTranspose2d(3, 4, 3, stride=2), maps(1), 0, 1, 1)
    assert {line[1] for line in groups(spread)[0][0]} == {"no cell", "row 0, column 0"}
    corner, _total = made_by(nn.ConvTranspose2d(3, 4, 3, stride=2), maps(1), 0, 0, 0)
    assert {line[1] for line in groups(corner)[0][0]} == {"no cell", "row 0, column 0"}


def test_depthwise_maps_read_one_map_each():
    made, _total = made_by(nn.Conv2d(3, 6, 3, groups=3), maps(1), 5, 2, 2)
    assert [lines[0][0] for lines, _share in groups(made)] == ["map 2"]


def test_all_products_of_a_score_add_up_and_name_their_cells(three: Trace):
    layer = three.layers[three.position("fc")]
    for k in range(10):
        made = ledger(explain_dense(layer, UnitRef("fc", k), (32, 7, 7)))
        assert len(made.rows) == 32 * 7 * 7
        assert all(multiplies(*row[1:]) for row in made.rows[:200])
        bias, score = (line[-1] for line in made.sums)
        assert adds_up([*(row[-1] for row in made.rows), bias], score)
        assert is_shown(score, float(three.logits[k]))
    sizes = [abs(read(row[-1])) for row in made.rows]
    assert sizes == sorted(sizes, reverse=True)
    entry = int(made.rows[0][0].split(":")[0])
    channel, rest = divmod(entry, 49)
    assert made.rows[0][0] == f"{entry}: map {channel}, row {rest // 7}, column {rest % 7}"


def test_a_long_sum_is_cut_and_still_adds_up():
    entries = MOST_TERMS + 500
    layer = traced(nn.Linear(entries, 2), maps(3, 1, 1).ravel().repeat(entries))
    made = ledger(explain(layer, UnitRef("0", 1)))
    assert len(made.rows) == MOST_TERMS + 1
    assert made.rows[-1][0] == "500 others"
    bias, total = (line[-1] for line in made.sums)
    assert adds_up([*(row[-1] for row in made.rows), bias], total)
    assert is_shown(total, float(layer.output[1]))


def test_a_convolution_of_many_maps_is_cut_and_still_adds_up():
    layer = traced(nn.Conv2d(1000, 1, 3), maps(3, 1000, 3))
    made = ledger(explain(layer, UnitRef("0")))
    assert len(made.rows) < 1.1 * MOST_TERMS
    *listed, others = [row for row in made.rows if not row[2]]
    count = 1000 - len(listed)
    assert f"{count} " in " ".join(others)
    bias, total = (line[-1] for line in made.sums)
    assert adds_up([*(row[-1] for row in listed), others[-1], bias], total)


AVERAGES = {
    "plain": nn.AvgPool2d(3),
    "padded": nn.AvgPool2d(3, stride=2, padding=1),
    "padding not counted": nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
    "ragged": nn.AvgPool2d(2, ceil_mode=True),
    "own divisor": nn.AvgPool2d(3, divisor_override=7),
    "negative divisor": nn.AvgPool2d(3, divisor_override=-2),
    "adaptive": nn.AdaptiveAvgPool2d((4, 2)),
    "global": nn.AdaptiveAvgPool2d(1),
}


def must_hold_as_mean(made: Ledger, total: float) -> None:
    total_line, mean_line = made.sums
    assert adds_up([row[-1] for row in made.rows], total_line[-1])
    divisor = int(mean_line[0].split("/")[1])
    with localcontext(prec=60):
        assert rounded(read(total_line[-1]) / divisor, mean_line[-1]) == read(mean_line[-1])
    assert is_shown(mean_line[-1], total)


@pytest.mark.parametrize("name", AVERAGES)
def test_the_sum_of_a_window_and_its_mean_hold_as_shown(name: str):
    layer = traced(AVERAGES[name], maps(2))
    _channels, rows, cols = layer.output.shape
    for row in range(rows):
        for col in range(cols):
            made = ledger(explain(layer, UnitRef("0", 1, row, col)))
            must_hold_as_mean(made, float(layer.output[1, row, col]))


def test_a_mean_with_another_divisor_is_noticed():
    made, total = made_by(nn.AvgPool2d(3), maps(2), 0, 0, 0)
    wrong = (made.sums[0], ("sum / 8", made.sums[1][1]))
    with pytest.raises(AssertionError):
        must_hold_as_mean(Ledger(made.caption, made.head, made.rows, wrong), total)


@pytest.mark.parametrize("dilation", [1, 2])
def test_the_largest_cell_is_among_those_listed_and_named(dilation: int):
    layer = traced(nn.MaxPool2d(3, 2, padding=1, dilation=dilation, ceil_mode=True), maps(2))
    for row, col in np.ndindex(layer.output.shape[1:]):
        made = ledger(explain(layer, UnitRef("0", 1, row, col)))
        ((label, total),) = made.sums
        values = {place: value for place, value in made.rows if not place.startswith("padding")}
        assert max(values, key=lambda place: read(values[place])) == label.removeprefix("largest: ")
        assert read(total) == max(map(read, values.values()))
        assert is_shown(total, float(layer.output[1, row, col]))


def test_powers_make_their_sum_and_probabilities_make_one():
    for seed in range(30):
        logits = np.random.default_rng(seed).normal(0, 4, 10)
        made = ledger(explain_softmax(logits))
        (_name, _score, total, whole), (_lse, log_sum, *_rest) = made.sums
        assert adds_up([row[2] for row in made.rows], total)
        assert adds_up([row[3] for row in made.rows], whole)
        assert whole == "1"
        assert is_shown(log_sum, float(torch.logsumexp(torch.tensor(logits), 0)))


def test_the_probabilities_are_pytorchs(three: Trace):
    made = ledger(explain_softmax(three.logits))
    exact = torch.softmax(torch.tensor(three.logits, dtype=torch.float64), 0)
    assert all(is_shown(row[3], float(p)) for row, p in zip(made.rows, exact, strict=True))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), spread=st.sampled_from([1e-3, 0.05, 1.0, 40.0]))
def test_every_line_of_a_normalisation_follows_from_those_before(seed: int, spread: float):
    rng = np.random.default_rng(seed)
    norm = nn.BatchNorm2d(2)
    norm.running_mean = torch.tensor(rng.normal(0, spread, 2), dtype=torch.float32)
    norm.running_var = torch.tensor(rng.random(2) * spread**2 + 1e-9, dtype=torch.float32)
    norm.weight.data, norm.bias.data = (torch.tensor(rng.normal(1, 0.3, 2), dtype=torch.float32) for _ in range(2))
    layer = traced(norm, maps(seed % 1000, 2, 3, spread))
    made = ledger(explain(layer, UnitRef("0", 1, 2, 0)))
    value, mean, variance, root, normalised, gamma, beta = (row[1] for row in made.rows)
    total = made.sums[0][-1]
    assert is_shown(total, float(layer.output[1, 2, 0]))
    if total.startswith(ALMOST):
        return
    with localcontext(prec=60):
        assert rounded((read(variance) + Decimal("0.00001")).sqrt(), root) == read(root)
        assert rounded((read(value) - read(mean)) / read(root), normalised) == read(normalised)
        assert rounded(read(gamma) * read(normalised) + read(beta), total) == read(total)


def test_a_normalisation_of_ordinary_numbers_needs_no_almost():
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(3)
    norm.running_mean, norm.running_var = torch.randn(3), torch.rand(3) + 0.1
    layer = traced(norm, maps(1))
    tables = [str(ledger(explain(layer, UnitRef("0", *place)))) for place in np.ndindex(layer.output.shape)]
    assert sum(ALMOST in table for table in tables) == 0


@pytest.mark.parametrize(
    "module", [nn.ReLU(), nn.LeakyReLU(0.2), nn.Tanh(), nn.Sigmoid(), nn.GELU(), nn.GELU("tanh"), nn.SiLU()]
)
def test_an_activation_names_its_formula_and_both_values(module: nn.Module):
    image = maps(4)
    made, total = made_by(module, image, 1, 3, 4)
    assert is_shown(made.rows[0][-1], float(np.float32(image[1, 3, 4])))
    assert is_shown(made.sums[-1][-1], total)
    assert "{" not in made.caption


def test_dropout_and_flatten_hand_their_value_on():
    image = maps(4)
    made, total = made_by(nn.Dropout(0.3), image, 1, 3, 4)
    assert made.rows[0][-1] == made.sums[-1][-1] == number(total)
    assert made.rows[1][-1] == "0.3000"
    made, total = made_by(nn.Flatten(), image, 2 * 81 + 3 * 9 + 4)
    assert made.rows[0] == ("cell 2, 3, 4", number(total))
    assert made.sums == ((f"entry {2 * 81 + 3 * 9 + 4}", number(total)),)


def test_infinite_cells_of_a_pooling_are_written_as_they_are():
    image = maps(4)
    image[0, 0, 0] = np.inf
    made, _total = made_by(nn.MaxPool2d(3), image, 0, 0, 0)
    assert made.sums[0] == ("largest: row 0, column 0", "inf")
    image[0, 0, 1] = np.nan
    made, _total = made_by(nn.AvgPool2d(3), image, 0, 0, 0)
    assert [line[-1] for line in made.sums] == ["nan", "nan"]


def test_every_line_has_a_cell_for_every_column(three: Trace):
    for layer in three.layers:
        place = tuple(size // 2 for size in layer.output.shape)
        made = ledger(explain(layer, UnitRef(layer.spec.path, *place)))
        assert {len(line) for line in (*made.rows, *made.sums)} == {len(made.head)}


def test_what_is_no_cell_has_no_table():
    with pytest.raises(TypeError, match="a cell must be of a kind that has a table, got str"):
        ledger("a cell")
