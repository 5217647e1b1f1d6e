"""Names → classes and parts: with or without train/ and val/, under any number of folders around it."""

import pytest

from cnnviz.data.image_sets.folders import SetPart, read_layout
from cnnviz.data.image_sets.records import ImageSetError


def placed(names: list[str]) -> dict[str, tuple[str, str]]:
    layout = read_layout(names)
    return {place.name: (place.part, layout.classes[place.label]) for place in layout.places}


def test_each_folder_is_a_class():
    names = ["dog/1.png", "cat/1.png", "cat/deep/2.png"]
    assert placed(names) == {
        "dog/1.png": ("training", "dog"), "cat/1.png": ("training", "cat"), "cat/deep/2.png": ("training", "cat"),
    }  # fmt: skip


@pytest.mark.parametrize("around", ["", "pets/", "my/old/pets/"])
def test_folders_around_everything_are_taken_off(around: str):
    names = [f"{around}{name}" for name in ("cat/1.png", "dog/1.png", "dog/2.png")]
    assert read_layout([*names, f"{around}notes.txt"]).classes == ("cat", "dog")
    assert read_layout([*names, f"{around}notes.txt"]).stray == (f"{around}notes.txt",)


@pytest.mark.parametrize(("train", "val", "test"), [("train", "val", "test"), ("Training", "Validation", "TESTING")])
def test_parts_are_known_by_their_names(train: str, val: str, test: str):
    names = [f"{part}/{name}/1.png" for part in (train, val, test) for name in ("cat", "dog")]
    assert [part for part, _name in placed(names).values()] == [
        *[SetPart.TRAINING] * 2, *[SetPart.VALIDATION] * 2, *[SetPart.TEST] * 2,
    ]  # fmt: skip
    assert read_layout(names).classes == ("cat", "dog")


@pytest.mark.parametrize("odd", ["./cat/9.png", "cat//9.png", "cat/./9.png"])
def test_a_path_may_be_written_in_an_odd_way(odd: str):
    found = read_layout(["cat/1.png", "dog/1.png", odd])
    assert found.classes == ("cat", "dog")
    assert next(place.label for place in found.places if place.name == odd) == 0


def test_a_name_is_the_same_however_its_accents_are_written():
    composed, taken_apart = "caf\u00e9", "cafe\u0301"
    found = read_layout([f"train/{taken_apart}/1.png", "train/b/1.png", f"val/{composed}/1.png", "val/b/1.png"])
    assert found.classes == ("b", composed)
    assert not found.stray


def test_a_part_alone_is_a_folder_around():
    assert placed(["train/cat/1.png", "train/dog/1.png"])["train/cat/1.png"] == ("training", "cat")


def test_without_a_training_part_val_and_test_are_names_like_others():
    assert read_layout(["val/1.png", "test/1.png"]).classes == ("test", "val")


def test_a_class_that_only_the_validation_part_has_is_left_out():
    layout = read_layout(["train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "val/cow/1.png"])
    assert layout.classes == ("cat", "dog")
    assert layout.stray == ("val/cow/1.png",)


def test_what_lies_beside_the_parts_is_left_out():
    layout = read_layout(["train/cat/1.png", "train/dog/1.png", "extra/cow/1.png", "train/9.png", "x.txt"])
    assert layout.classes == ("cat", "dog")
    assert layout.stray == ("extra/cow/1.png", "train/9.png", "x.txt")


def test_numbers_stand_in_the_order_of_numbers():
    names = [f"{name}/1.png" for name in ("10", "9", "b", "1", "a")]
    assert read_layout(names).classes == ("1", "9", "10", "a", "b")


@pytest.mark.parametrize("count", [0, 1, 21])
def test_fewer_than_two_classes_or_more_than_twenty_are_refused(count: int):
    with pytest.raises(ImageSetError, match=f"2 to 20 folders.*got {count}"):
        read_layout([f"{number}/1.png" for number in range(count)])
    assert len(read_layout([f"{number}/1.png" for number in range(20)]).classes) == 20


@pytest.mark.parametrize("name", ["x" * 41, " ", "a\x00b", "a\u202eb"])
def test_a_folder_that_cannot_be_read_aloud_is_refused(name: str):
    with pytest.raises(ImageSetError, match="printable letters"):
        read_layout([f"{name}/1.png", "cat/1.png"])
