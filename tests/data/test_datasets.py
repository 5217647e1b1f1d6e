"""Data: what is there is checked, what is not is one sentence."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from cnnviz.data import datasets
from cnnviz.data.datasets import (
    DataBroken,
    DataMissing,
    LabelledImages,
    data_folder,
    has_mnist,
    mnist,
    mnist_files,
    pen_drawings,
    random_digit,
)

RECORD = {"label": "7", "source": "abc", "writer": "w1", "strokes": [[[0, 0], [1, 0], [0.5, 1]]]}


def written_to(path, records):
    text = json.dumps(records).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.mark.parametrize("name", ["some.json", "some.json.gz"])
def test_stroke_files_are_read_packed_or_not(tmp_path, name):
    (drawing,) = pen_drawings(written_to(tmp_path / name, [RECORD]))
    assert (drawing.label, drawing.source, drawing.writer) == ("7", "abc", "w1")
    assert drawing.paths == (((0, 0), (1, 0), (0.5, 1)),)


def test_a_drawing_lies_in_the_middle_of_the_canvas(tmp_path):
    (drawing,) = pen_drawings(written_to(tmp_path / "some.json", [RECORD]))
    (stroke,) = drawing.sketch(width=0.1, extent=0.6).strokes
    assert stroke.width == 0.1
    assert np.array(stroke.points) == pytest.approx(np.array([(0.2, 0.2), (0.8, 0.2), (0.5, 0.8)]))


@pytest.mark.parametrize(
    "records",
    [[], {}, 3, [3], [{}], [RECORD | {"strokes": []}], [RECORD | {"strokes": [[[0]]]}],
     [RECORD | {"strokes": [[["a", 0]]]}], [RECORD | {"strokes": 5}], [RECORD, {"label": "1"}]],
)  # fmt: skip
def test_another_form_is_one_sentence_that_names_the_file(tmp_path, records):
    with pytest.raises(DataBroken, match=r"some\.json"):
        pen_drawings(written_to(tmp_path / "some.json", records))


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", gzip.compress(b"no json"), gzip.compress(b"[1, 2]" * 99)[:20]],
    ids=[
        "empty",
        "no gzip",
        "no json",
        "cut",
    ],  # the bytes hold the time of day, and every process must name them alike
)
def test_a_broken_stroke_file_is_one_sentence(tmp_path, data):
    path = tmp_path / "some.json.gz"
    path.write_bytes(data)
    with pytest.raises(DataBroken, match="cannot be read"):
        pen_drawings(path)


def test_a_stroke_file_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "MAX_STROKES_BYTES", 10)
    with pytest.raises(DataBroken, match="unpack"):
        pen_drawings(written_to(tmp_path / "some.json.gz", [RECORD]))


def test_missing_data_name_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "nowhere"))
    assert not has_mnist()
    with pytest.raises(DataMissing, match="CNNVIZ_DATA"):
        mnist("test")
    with pytest.raises(DataMissing, match="CNNVIZ_DATA"):
        pen_drawings()


def test_nothing_is_downloaded_unless_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    with pytest.raises(DataMissing):
        mnist("train")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_the_variable_or_the_project_s_own(monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", "/some/where")
    assert str(data_folder()) == "/some/where"
    monkeypatch.delenv("CNNVIZ_DATA")
    assert data_folder().name == "data"


def test_images_and_labels_must_go_together():
    with pytest.raises(ValueError, match="one label an image"):
        LabelledImages(np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.int64))


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="train or test"):
        mnist("validation")


@pytest.mark.data
@pytest.mark.skipif(not has_mnist(), reason="needs MNIST in CNNVIZ_DATA")
def test_mnist_has_10_000_test_images_and_they_are_read_only():
    digits = mnist("test")
    assert digits.images.shape == (10_000, 28, 28)
    assert digits.labels[:5].tolist() == [7, 2, 1, 0, 4]
    with pytest.raises(ValueError, match="read-only"):
        digits.images[0] = 0


@pytest.mark.data
@pytest.mark.skipif(not has_mnist(), reason="needs MNIST in CNNVIZ_DATA")
def test_a_random_digit_is_the_same_for_the_same_seed():
    image, label, index = random_digit(3)
    again = random_digit(3)
    assert np.array_equal(image, again[0])
    assert (label, index) == again[1:]
    assert random_digit(4)[2] != index


def test_the_names_of_mnists_files_stand_in_one_place():
    root = Path(__file__).resolve().parents[2]
    files = sorted((root / "cnnviz").rglob("*.py"))
    assert [path.name for path in files if "idx3" in path.read_text(encoding="utf-8")] == ["datasets.py"]
    assert [path.name for path in mnist_files()] == [
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ]  # fmt: skip
