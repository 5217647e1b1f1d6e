"""The commands on X and O: a checkpoint is made reproducibly and measured; what does not fit is one sentence."""

import gzip
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cnnviz.__main__ import main
from cnnviz.data.datasets import XO_FILE, pen_drawings
from cnnviz.data.sample_drawings import DIGIT_SAMPLES, LETTER_SAMPLES
from cnnviz.data.xo_drawings import HELD_OUT
from cnnviz.evaluation.metrics import logits_of
from cnnviz.models import checkpoints
from cnnviz.models.decision import softmax
from cnnviz.release.xo import published


def record(sample, source: str = "ours", writer: str = "us", label: str | None = None) -> dict[str, object]:
    paths = [[list(point) for point in stroke.points] for stroke in sample.sketch.strokes]
    return {"label": label or sample.label, "source": source, "writer": writer, "strokes": paths}


LETTERS = [sample for sample in LETTER_SAMPLES if sample.label]


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    path = tmp_path / "ours.json"
    path.write_text(json.dumps([record(sample) for sample in LETTERS]))
    return path


def test_letters_are_measured_by_their_names(letters: Path, capsys):
    assert main(["evaluate", "--checkpoint", "xo", "--strokes", str(letters), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n"], result["accuracy"], result["confusion"]) == (6, 1.0, [[3, 0], [0, 3]])
    assert main(["evaluate", "--checkpoint", "xo", "--strokes", str(letters)]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[-3].split() == ["true", "\\", "pred.", "X", "O"]
    assert table[-2].split() == ["X", "3", "0"]


def test_a_drawing_with_the_wrong_label_counts_as_misread(tmp_path: Path, capsys):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps([record(LETTERS[0], label="O"), record(LETTERS[-1])]))
    assert main(["evaluate", "--checkpoint", "xo", "--strokes", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "--checkpoint", "xo", "--mnist", "test"], "images must be of X, O, got MNIST’s digits"),
        (["evaluate", "--checkpoint", "mnist", "--strokes", "{letters}"], "got O, X"),
        (["evaluate", "--checkpoint", "xo", "--strokes", "{digits}"], "must hold X, O of the tablets asked for, got 0"),
        (["train", "xo"], "there is no stroke file"),
        (["train", "xo", "--steps", "0"], "steps must be"),
        (["train", "xo", "--others", "0"], "others must be"),
    ],
)
def test_what_does_not_fit_is_one_sentence(arguments, words, letters, tmp_path, monkeypatch, capsys):
    digits = tmp_path / "digits.json"
    digits.write_text(json.dumps([record(sample) for sample in DIGIT_SAMPLES]))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    assert main([each.format(letters=letters, digits=digits) for each in arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.fixture
def small_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with five writers on a tablet, and one on each of those held out."""
    writers = [("ibm", f"w{number}") for number in range(5)] + [(tablet, tablet) for tablet in HELD_OUT]
    (tmp_path / "strokes").mkdir()
    for name, drawings in (("xo", LETTERS), ("digits", DIGIT_SAMPLES)):
        records = [record(sample, *who) for who in writers for sample in drawings]
        (tmp_path / "strokes" / f"{name}.json.gz").write_bytes(gzip.compress(json.dumps(records).encode()))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return tmp_path


def test_the_command_in_a_manifest_makes_the_same_weights_again(small_data: Path, capsys, monkeypatch):
    monkeypatch.setattr(published, "rejected_by_kind", partial(published.rejected_by_kind, count=7))
    brief = ["--steps", "3", "--cool", "1", "--batch", "8", "--variations", "1", "--others", "20"]
    assert main(["train", "xo", *brief, "--out", str(small_data / "one")]) == 0
    assert "18 X’s and O’s by writers on other tablets" in capsys.readouterr().out
    model, manifest = checkpoints.load("one", small_data)
    assert manifest.data["drawings"] == {"practice": 4 * 6, "choosing": 6, "held_out": 3 * 6}
    assert manifest.figures["pen_held_out"]["n"] == 18
    written = pen_drawings(small_data / XO_FILE)
    cases = [published.HardCase.from_record(record) for record in manifest.figures["hardest"]]
    assert len(cases) >= 12
    assert [(written[one.number].label, written[one.number].source) for one in cases] == [
        (one.drawn, one.tablet) for one in cases
    ]
    shown = np.stack(published.load_case_images(cases, written))
    assert softmax(logits_of(model, shown)).max(axis=1) == pytest.approx([one.share for one in cases], abs=1e-3)
    again = manifest.command.split()[3:]
    assert main([*again, "--out", str(small_data / "two")]) == 0
    assert checkpoints.read_manifest("two", small_data).sha256 == manifest.sha256
    assert manifest.parameters == sum(weight.numel() for weight in model.parameters())
