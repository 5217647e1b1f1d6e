"""`evaluate --pictures`: pictures in class folders are read as uploads are; those of no class are counted apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz.__main__ import main
from cnnviz.data.image_sets.archive import ZipArchive
from cnnviz.data.rasterize import rasterise
from cnnviz.data.sample_drawings import DIGIT_SAMPLES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Our ten digits, one in each class; two of them side by side and an empty sheet in a folder of no class."""
    masks = [np.asarray(rasterise(sample.sketch)) for sample in DIGIT_SAMPLES]
    for label, mask in enumerate(masks):
        (tmp_path / str(label)).mkdir()
        Image.fromarray(255 - mask).save(tmp_path / str(label) / "one.png")
    (tmp_path / "none").mkdir()
    Image.fromarray(255 - np.hstack([masks[3], masks[1]])).save(tmp_path / "none" / "pair.png")
    Image.new("L", (80, 60), 240).save(tmp_path / "none" / "empty.png")
    (tmp_path / "none" / "notes.txt").write_text("no picture")
    return tmp_path


def measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict:
    assert main(["evaluate", "--checkpoint", "mnist", "--pictures", str(folder), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_pictures_of_classes_and_others_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]):
    found = measured(folder, capsys)
    assert (found["n"], found["accuracy"], found["share_rejected"]) == (10, 1.0, 0.0)
    assert (found["others_n"], found["others_accepted"]) == (2, 0.0)
    assert (found["folders"]["none"]["several"], found["folders"]["none"]["blank"]) == (1, 1)
    assert list(found["unreadable"]) == ["none/notes.txt"]


def test_a_wrong_label_is_counted_as_wrong(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "3" / "one.png").rename(folder / "8" / "other.png")
    found = measured(folder, capsys)
    assert (found["accuracy"], found["folders"]["8"]["right"]) == (0.9, 1)


def test_the_table_is_for_people(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["evaluate", "--checkpoint", "mnist", "--pictures", str(folder)]) == 0
    assert "of no class" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_pictures_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str):
    (tmp_path / "empty").mkdir()
    assert main(["evaluate", "--checkpoint", "mnist", "--pictures", str(tmp_path / name)]) != 0
    assert "must " in capsys.readouterr().err


@pytest.mark.parametrize("is_whole", [True, False], ids=["read to its end", "broken off"])
def test_a_zip_is_closed_again(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, is_whole: bool
):
    opened: list[ZipArchive] = []
    begin = ZipArchive.__init__

    def noted(archive: ZipArchive, data: bytes) -> None:
        opened.append(archive)
        begin(archive, data)

    monkeypatch.setattr(ZipArchive, "__init__", noted)
    packed = Path(shutil.make_archive(str(folder.parent / "packed"), "zip", folder))
    if is_whole:
        assert measured(packed, capsys)["n"] == 10
    else:
        monkeypatch.setattr("cnnviz.evaluation.image_folders.prepare_file", lambda *_what: 1 / 0)
        with pytest.raises(ZeroDivisionError) as kept:  # whose trace holds all that was at work
            main(["evaluate", "--checkpoint", "mnist", "--pictures", str(packed)])
        assert kept.type is ZeroDivisionError
    assert [archive._zip.fp for archive in opened] == [None]
