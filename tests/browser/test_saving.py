"""What is open is saved as it is shown: numbers float32 by float32, a picture in its colours, harmless names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT
from PIL import Image
from playwright.sync_api import Page, expect
from watching import settled

from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.ui.draw.show import prepare_sketch

FLOATS = [0.1, -0.1, 1 / 3, 1e-5, 1.2345678e-30, 123456789.0, 3.4e38, 1e16, 0.0, -0.0, 1.0, -2.5, 1e-4, 65504.0,
          float("nan"), float("inf"), float("-inf"), 1.1754944e-38, 1e-45, 16777216.0]  # fmt: skip


def test_a_float32_is_written_as_numpy_does(run_module: Callable[..., object]):
    rng = np.random.default_rng(0)
    values = np.concatenate([np.array(FLOATS), rng.normal(size=400), np.exp(rng.normal(scale=30, size=400))])
    values = values.astype(np.float32)
    plain = [float(value) if np.isfinite(value) else str(value) for value in values]
    number = "({ inf: Infinity, '-inf': -Infinity, nan: NaN })[one] ?? one"
    said = run_module("shared/csv.js", f"data.map((one) => m.float32Text({number}))", plain)
    assert isinstance(said, list)
    for text, value in zip(said, values, strict=True):
        assert np.float32(text).tobytes() == value.tobytes() or np.isnan(value)
        assert len(digits_of(text)) == len(digits_of(str(value))), f"{text}: not the fewest digits"
    assert said[:3] + said[8:12] == [str(value) for value in (*values[:3], *values[8:12])]
    assert said[0] != repr(float(values[0])), "0.1 and not the float64 0.10000000149011612"


def digits_of(text: str) -> str:
    """The significant digits of a number."""
    return text.split("e")[0].replace(".", "").lstrip("-0").rstrip("0")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("conv1", "conv1"), ("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"),
        (" =1", "' =1"), ("\t=1", "' =1"), ("＝1", "'＝1"), ('a"b,c', '"a""b,c"'), ("=1\n=2,3", "\"'=1 =2,3\""),
    ],
)  # fmt: skip
def test_a_text_from_outside_is_no_formula(run_module: Callable[..., object], text: str, cell: str):
    assert run_module("shared/csv.js", "m.textCell(data)", text) == cell


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (["../../etc/passwd", "conv1"], "cnnviz-etc-passwd-conv1.csv"),
        (["C:\\x\r\nSet-Cookie: a", "l/..\\b"], "cnnviz-C-x-Set-Cookie-a-l-.-b.csv"),
        ([".hidden", "\u202egpj"], "cnnviz-hidden-gpj.csv"),
        (["Birds & airplanes", "layer1.0.conv1", "map", 3], "cnnviz-Birds-airplanes-layer1.0.conv1-map-3.csv"),
        (["", "", ""], "cnnviz-.csv"),
        (["x" * 500, "conv"], f"cnnviz-{'x' * 60}-conv.csv"),
    ],
)
def test_names_of_files_hold_no_path_and_nothing_hidden(
    run_module: Callable[..., object], parts: list[object], name: str
):
    assert run_module("shared/savefile.js", "m.fileName(data, 'csv')", parts) == name


@pytest.fixture
def page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Page:
    page = new_page(f"{serve(ROOT / 'app.py')}/?layer=conv1&map=3", width=1440)
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"))
    settled(page)
    return page


def saved(page: Page, way: str) -> tuple[str, bytes]:
    """The name and the bytes of the file that a button makes."""
    box = page.locator(".saving")
    if box.is_hidden():
        page.locator(".save-button").click()
    with page.expect_download() as download:
        box.get_by_role("button", name=way).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def conv1() -> np.ndarray:
    """PyTorch's output for the drawing that lies there at first."""
    model, _manifest = checkpoints.load("mnist")
    image = prepare_sketch(find_sample("three").sketch).image
    with torch.no_grad():
        return model[0](torch.tensor(image)[None])[0].numpy()


def test_the_numbers_of_a_map_are_pytorchs_to_the_last_bit(page: Page):
    name, data = saved(page, "Map: numbers")
    assert name == "cnnviz-MNIST-digits-conv1-map-3.csv"
    rows = list(csv.reader(io.StringIO(data.decode())))
    assert rows[:6] == [["network", "MNIST digits"], ["layer", "conv1"], ["map", "3"], ["rows", "28"],
                        ["columns", "28"], []]  # fmt: skip
    assert rows[6] == ["row", *map(str, range(28))]
    values = np.array([row[1:] for row in rows[7:]], np.float32)
    np.testing.assert_array_equal(values, conv1()[3])
    assert not np.array_equal(values, conv1()[2])
    assert [row[0] for row in rows[7:]] == [str(row) for row in range(28)]


def test_the_numbers_of_a_layer_name_map_and_row(page: Page):
    name, data = saved(page, "Whole layer: numbers")
    assert name == "cnnviz-MNIST-digits-conv1-all-maps.csv"
    rows = list(csv.reader(io.StringIO(data.decode())))
    wanted = conv1()
    assert rows[2] == ["map", f"0-{len(wanted) - 1}"]
    table = rows[7:]
    assert [row[:2] for row in table] == [[str(at), str(row)] for at in range(len(wanted)) for row in range(28)]
    values = np.array([row[2:] for row in table], np.float32).reshape(wanted.shape)
    np.testing.assert_array_equal(values, wanted)


def test_a_picture_has_the_colours_that_are_shown_and_a_bar(page: Page):
    name, data = saved(page, "Map: picture")
    assert name == "cnnviz-MNIST-digits-conv1-map-3.png"
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    side = 640 // 28
    cells = picture[24 + 58 + side // 2 :: side, 24 + side // 2 :: side][:28, :28]
    page.locator(".numbers-button").click()
    shown = page.locator(".numbers td").evaluate_all("all => all.map((one) => getComputedStyle(one).backgroundColor)")
    colours = np.array([[int(part) for part in re.findall(r"\d+", text)] for text in shown]).reshape(28, 28, 3)
    np.testing.assert_array_equal(cells, colours)
    bar = picture[24 + 58 + 28 * side + 12 + 7, 24:-24]
    assert len(np.unique(bar, axis=0)) > 200
    assert not np.array_equal(cells.transpose(1, 0, 2), colours), "a picture lying on its side would pass too"


def test_vectors_are_saved_with_the_names_of_classes(page: Page):
    page.keyboard.press("Escape")
    page.locator(".cnnviz-explorer .label", has=page.get_by_text("softmax", exact=True)).click()
    expect(page.locator(".saving").get_by_role("button", name="Map:")).to_have_count(0)
    name, data = saved(page, "Whole layer: numbers")
    rows = list(csv.reader(io.StringIO(data.decode())))
    assert name == "cnnviz-MNIST-digits-softmax.csv"
    assert rows[5] == ["entry", "class", "value"]
    assert [row[1] for row in rows[6:]] == [str(digit) for digit in range(10)]
    assert abs(sum(float(row[2]) for row in rows[6:]) - 1) < 1e-6
    _name, data = saved(page, "Whole layer: picture")
    assert Image.open(io.BytesIO(data)).size[1] > 10 * 22


def test_nothing_open_nothing_to_save(new_page: Callable[..., Page], serve: Callable[[Path], str]):
    page = new_page(serve(ROOT / "app.py"), width=1440)
    expect(page.locator(".save-button")).to_be_disabled()
