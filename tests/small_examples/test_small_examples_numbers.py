"""The small examples: numbers by hand or by loops, inputs as text, and the shown code gives what the page shows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from cnnviz.figures.number_grids import results_html
from cnnviz.figures.theme import DARK, LIGHT
from cnnviz.small_examples.example import ExampleGroup, example_to_pytorch, group_title, run_example
from cnnviz.small_examples.examples import SMALL_EXAMPLES, find_small_example
from cnnviz.small_examples.fields import ExampleError, ExampleField, FieldKind, format_field, parse_field

EVERY = pytest.mark.parametrize("example", SMALL_EXAMPLES, ids=lambda example: example.key)


def results(key: str, **changed: object) -> dict[str, object]:
    example = find_small_example(key)
    return run_example(example, example.usual | changed)


def plain(value: object) -> object:
    """As JSON would have it."""
    if isinstance(value, torch.Tensor):
        return value.tolist()
    return value.tolist() if isinstance(value, np.ndarray) else value


@EVERY
def test_the_shown_code_gives_what_is_shown(example, capsys):
    shown = run_example(example, example.usual)
    space: dict = {}
    with torch.random.fork_rng(devices=[]):
        exec(example_to_pytorch(example, example.usual), space)
    assert list(space["results"]) == list(shown)
    if example.is_measured:
        sizes = [row["size"] for row in shown["table"]]
        assert [row["size"] for row in space["results"]["table"]] == sizes
    else:
        assert [plain(each) for each in space["results"].values()] == [plain(each) for each in shown.values()]
    assert capsys.readouterr().out.startswith(next(iter(shown)))


@EVERY
def test_every_input_is_one_of_the_function_and_every_result_has_a_form(example):
    code = example.compute.__code__
    assert [field.name for field in example.fields] == list(code.co_varnames[: code.co_argcount])
    found = run_example(example, example.usual)
    assert set(found) <= set(example.forms)
    tables = [row for value in found.values() if isinstance(value, list) for row in value]
    assert {name for row in tables for name in row} <= set(example.columns)
    assert example.title
    assert example.text.endswith(".")


@EVERY
def test_what_is_usual_is_what_its_text_says(example):
    for field in example.fields:
        assert parse_field(field, format_field(field, field.usual)) == field.usual


@EVERY
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_result_stands_in_the_page(example, palette):
    found = run_example(example, example.usual)
    html = results_html(example, found, palette)
    for name in found:
        assert f'data-result="{name}"' in html


def test_keys_are_unique_and_every_group_has_examples():
    assert len({example.key for example in SMALL_EXAMPLES}) == len(SMALL_EXAMPLES)
    assert {example.group for example in SMALL_EXAMPLES} == set(ExampleGroup)
    assert all(group_title(group) for group in ExampleGroup)


MATRIX = ExampleField("x", lambda: "Image", FieldKind.MATRIX, [[1]], -10, 10)
WHOLE = ExampleField("n", lambda: "Steps", FieldKind.WHOLE, 3, 1, 9, is_whole=True)
WORD = ExampleField("way", lambda: "Pooling", FieldKind.WORD, "max", words=("max", "mean"))


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        (MATRIX, "1 2\n3", "Image must be rows of equal length"),
        (MATRIX, "", "Image must be rows of equal length"),
        (MATRIX, "1 x", "numbers from -10 to 10, got “x”"),
        (MATRIX, "11", "numbers from -10 to 10, got “11”"),
        (MATRIX, "nan", "got “nan”"),
        (MATRIX, " ".join("1" * 41), "1 to 40 numbers"),
        (MATRIX, "/".join("1" * 41), "at most 40 rows"),
        (WHOLE, "2.5", "whole numbers from 1 to 9"),
        (WHOLE, "1 2", "Steps must be one number"),
        (WORD, "min", "Pooling must be one of max, mean"),
    ],
)
def test_a_text_that_cannot_be_is_one_sentence(field: ExampleField, text: str, says: str):
    with pytest.raises(ExampleError) as caught:
        parse_field(field, text)
    assert says in str(caught.value)


def test_a_true_minus_a_comma_and_a_slash_are_understood():
    assert parse_field(MATRIX, "−1, 2 / 3 4") == [[-1, 2], [3, 4]]


def test_what_pytorch_refuses_is_one_sentence():
    with pytest.raises(ExampleError, match="cannot be computed: The size of tensor a"):
        results("compare", labels=[1, 2])


def test_f1_forgotten_zero_grad_adds_gradients_up():
    found = results("zero-grad")
    square = (1 + 4 + 9) / 3
    for name, forgets in (("with", False), ("without", True)):
        w, added = 0.0, 0.0
        for row in found[name]:
            own = 2 * square * (w - 2)
            added = own + added if forgets else own
            assert row["loss"] == pytest.approx(square * (w - 2) ** 2)
            assert (row["own"], row["gradient"]) == pytest.approx((own, added))
            w -= 0.05 * added
            assert row["weight"] == pytest.approx(w)
    assert found["with"][-1]["weight"] == pytest.approx(1.6966, abs=1e-4)
    assert found["without"][-1]["weight"] == pytest.approx(3.6255, abs=1e-4)


def test_f3_a_sequence_and_a_volume_by_loops():
    example = find_small_example("conv1d")
    x, k = np.array(example.usual["sequence"]), np.array(example.usual["kernel"])
    wanted = [float((x[:, at : at + 3] * k).sum()) for at in range(4)]
    found = results("conv1d")
    assert found["output"].tolist() == [wanted]
    assert found["cell"] == wanted[1]
    assert (found["parameters"], found["shapes"], found["weight"]) == (7, "(1, 2, 6) → (1, 1, 4)", "(1, 2, 3)")
    example = find_small_example("conv3d")
    x = np.array(example.usual["volume"]).reshape(3, 3, 3)
    k = np.array(example.usual["kernel"]).reshape(2, 2, 2)
    places = np.ndindex(2, 2, 2)
    wanted = [float((x[d : d + 2, r : r + 2, c : c + 2] * k).sum()) for d, r, c in places]
    found = results("conv3d")
    assert found["output"].ravel().tolist() == wanted
    assert found["cell"] == wanted[0b101]
    assert (found["parameters"], found["shapes"]) == (9, "(1, 1, 3, 3, 3) → (1, 1, 2, 2, 2)")


def test_f4_four_entries_one_right():
    found = results("compare")
    assert found["equal"].tolist() == [True, False, False, False]
    assert (found["sum"], found["accuracy"]) == (1, 0.25)
    assert results("accuracy")["predicted"].tolist() == [1, 0, 1, 2]
    assert results("accuracy")["accuracy"] == 0.75


def test_f8_max_pooling_depends_on_one_cell_of_each_window():
    found = results("stride-or-pooling")
    image = np.array(find_small_example("stride-or-pooling").usual["image"], float)
    windows = image[:4].reshape(2, 2, 3, 2).swapaxes(1, 2)
    assert found["max pooling"].tolist() == windows.max(axis=(2, 3)).tolist()
    assert found["average pooling"].tolist() == windows.mean(axis=(2, 3)).tolist()
    assert found["convolution"].tolist() == (windows[..., 0] - windows[..., 1]).sum(axis=2).tolist()
    assert [(row["parameters"], row["counted"], row["cells"]) for row in found["table"]] == [
        (16 * (16 * 4 + 1), 24, 30), (0, 6, 30), (0, 24, 30),
    ]  # fmt: skip
    assert found["max pooling: counts"].sum() == 6


@pytest.mark.parametrize(("size", "left", "right", "even"), [(3, 1, 1, 7), (4, 1, 2, 8), (5, 2, 2, 7), (6, 2, 3, 8)])
def test_f9_an_even_kernel_pads_one_more_on_one_side(size: int, left: int, right: int, even: int):
    found = results("odd-kernels", size=size)
    assert (found["left"], found["right"], found["equal"]) == (left, right, True)
    assert len(found["same"]) == 7
    assert len(found["even"]) == even
    assert found["same"].tolist() == [float(3 - right <= at <= 3 + left) for at in range(7)]


def test_f10_forms_of_data():
    found = results("view")
    assert found["view"].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert found["transposed"].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert found["column"].tolist() == [1, 2, 3, 4, 5, 6]
    assert found["memory"] is True
    found = results("bytes")
    assert found["planes"].tolist() == [[[255, 0], [0, 255]], [[0, 255], [0, 255]], [[0, 0], [255, 255]]]
    assert found["batch"].max() == 1
    assert found["shapes"].endswith("(n, c, h, w) (1, 3, 2, 2)")
    found = results("one-hot")
    assert found["one_hot"][0].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert found["back"].tolist() == [5, 0, 4, 1]
    assert found["loss"] == pytest.approx(found["loss_one_hot"], abs=1e-6)


def test_f11_a_batch_is_one_product():
    found = results("mini-batch")
    assert found["together"].tolist() == [[-2, -2], [4, 13]]
    assert found["equal"] is True
    assert [row["updates"] for row in found["updates"]] == [50_000, 5_000]


def test_f12_pooled_until_x_and_o_look_alike():
    for ink in ("bright", "dark"):
        counts = [row["differ"] for row in results("when-max-when-mean", ink=ink, times=4)["table"]]
        assert counts[0] == 81 - 60
        assert counts == sorted(counts, reverse=True)
        assert results("when-max-when-mean", ink=ink, times=4)["equal"] is True
    dark = results("when-max-when-mean", ink="dark", times=1)
    assert (dark["x"] == 1).mean() > 0.5  # the thin dark lines are lost in most cells
    assert (results("when-max-when-mean", times=1)["x"] == 1).sum() > 5


def test_f13_what_is_printed():
    found = results("printed")
    assert found["parameters"] == 28_938
    for text in ("betas: (0.9, 0.999)", "eps: 1e-08", "lr: 0.001"):
        assert text in found["optimiser"]
    assert "Conv2d(1, 16, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))" in found["network"]
    assert results("printed", optimiser="SGD")["optimiser"].startswith("SGD")


@pytest.mark.data
def test_f14_the_first_picture_of_mnist_is_a_five():
    found = results("first-picture", images="mnist")
    assert (found["label"], found["count"]) == ("5", 60_000)
    assert found["picture"].shape == (28, 28)
    assert found["picture"][5, 12:18].tolist() == [3, 18, 18, 18, 126, 136]


def test_f15_f16_channels_and_padding():
    found = results("more-channels")
    assert [row["numbers"] for row in found["table"]] == [3 * 32 * 32, 16 * 32 * 32, 16 * 16 * 16]
    assert (found["parameters"], found["read"], len(found["answers"])) == (448, 27, 16)
    assert results("why-padding")["sum"].shape == (5, 5)
    refused = results("why-padding", padding=0)
    assert "sum" not in refused
    assert "must match the size" in refused["error"]


def test_f17_one_output_learns_a_number():
    found = results("regression")
    assert found["weight"] == "(1, 2)"
    assert found["losses"][-1]["loss"] < 1e-3 < found["losses"][0]["loss"]
    assert found["learned"].tolist() == pytest.approx([2, -1, 1], abs=0.05)


@pytest.mark.parametrize("optimiser", ["SGD", "Adam", "AdamW"])
def test_c5_an_l2_penalty_is_weight_decay_but_for_adamw(optimiser: str):
    found = results("l2-penalty", optimiser=optimiser)
    weights, x, error = [3, -2, 1], [1, 0.5, 2], 3 - 1 + 2 - 1
    assert (found["loss"], found["squares"]) == (error**2, 9 + 4 + 1)
    assert (found["penalty"], found["whole"]) == pytest.approx((0.001 * 14, 9.014))
    for row, w, each in zip(found["first"], weights, x, strict=True):
        own, pull = 2 * error * each, 2 * 0.001 * w
        assert list(row.values()) == pytest.approx([w, own, pull, own + pull])
    squares = {row["name"]: row["squares"] for row in found["after"]}
    assert squares["penalty"] < squares["alone"]
    assert (found["apart"] < 1e-12) == (optimiser != "AdamW")


def test_c5_one_step_of_the_penalty_by_hand():
    found = results("l2-penalty", steps=1)
    step = [0.05 * (2 * 3 * each + 2 * 0.001 * w) for each, w in zip([1, 0.5, 2], [3, -2, 1], strict=True)]
    assert found["learned"][1].tolist() == pytest.approx([3 - step[0], -2 - step[1], 1 - step[2]])


def test_f18_the_mistakes():
    found = results("mistake-output-size")
    assert (found["output"], found["shape"], found["parameters"]) == ("32×32×1", "(1, 1, 32, 32)", 28)
    found = results("mistake-sum")
    assert (found["count"], found["sum"], found["longer_count"], found["longer_sum"]) == (9, 72, 11, 74)
    found = results("mistake-folds")
    assert np.flatnonzero(found["once"]).tolist() == [18, 19]
    assert found["turns"].sum(axis=0).tolist() == [1] * 20
    assert [(row["trainings"], row["validated"]) for row in found["table"]] == [(1, 2), (10, 20)]
    found = results("mistake-bias")
    assert found["without"].tolist() == [[19, 25], [37, 43]]
    assert found["with"].tolist() == [[20, 26], [38, 44]]
    assert found["error"] == "'NoneType' object has no attribute 'data'"
    assert "bias" not in found["printed"]  # PyTorch only prints that there is none
    rows = results("mistake-last-batch")["table"]
    jumps = {name: sum(abs(a[name] - b[name]) for a, b in pairwise(rows)) for name in ("mean", "last")}
    assert jumps["last"] > jumps["mean"]
    assert {row["images"] for row in rows} == {5}


def test_f18_the_two_ways_of_a_convolution_agree_and_are_timed():
    table = results("mistake-fourier", channels=3, sizes=[3, 15], repeats=1)["table"]
    assert [row["size"] for row in table] == ["3×3", "15×15"]
    for row in table:
        assert row["apart"] < 1e-2
        assert row["faster"] == ("matrix product" if row["matrix"] < row["fourier"] else "Fourier transform")


def test_numbers_that_have_left_every_bound_are_shown_as_such():
    example = find_small_example("regression")
    found = run_example(example, example.usual | {"rate": 10, "steps": 1000})
    assert not np.isfinite(found["learned"]).any()
    html = results_html(example, found, LIGHT)
    assert "nan" in html
    found = run_example(find_small_example("view"), {"numbers": [[1, 2], [3, 4]], "rows": 2})
    found["view"] = np.array([[np.inf, -np.inf], [np.nan, 1.0]])
    assert ">inf<" in results_html(find_small_example("view"), found, LIGHT)
