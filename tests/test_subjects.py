"""All that is particular to what a network is shown stands in its record: no code asks for a network by its name."""

import ast
from pathlib import Path

import pytest

from cnnviz.data.sample_drawings import find_sample
from cnnviz.models.builder.presets import preset_keys
from cnnviz.models.subjects import (
    ANYTHING,
    DIGITS,
    LETTERS,
    PICTURE_SUBJECTS,
    PICTURES,
    SUBJECTS,
    Subject,
    find_subject,
    shipped_samples,
)
from cnnviz.models.zoo import DRAWN, Recipe, find_recipe, network_keys
from cnnviz.ui.app.known_images import collection

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("key", network_keys())
def test_a_shipped_network_is_one_of_its_subjects_networks(key: str):
    recipe = find_recipe(key)
    assert key in recipe.subject.networks
    assert recipe.subject.classes == recipe.classes


def test_no_two_subjects_have_a_network_in_common_and_every_one_is_somebodys():
    found = [key for subject in (*SUBJECTS, *PICTURE_SUBJECTS) for key in subject.networks]
    assert sorted(found) == sorted(network_keys())
    assert ANYTHING.networks == ()


def test_where_a_subject_has_several_networks_each_has_a_word_and_the_pictures_of_the_first():
    several = [subject for subject in SUBJECTS if subject.further]
    assert several
    for subject in several:
        assert tuple(subject.words.networks) == subject.networks
        assert len(set(subject.words.networks.values())) == len(subject.networks)
        assert len({collection(key) for key in subject.networks}) == 1
        assert len({shipped_samples(key) for key in subject.networks}) == 1


@pytest.mark.parametrize("subject", [*SUBJECTS, ANYTHING], ids=lambda subject: subject.network or "anything")
def test_a_subject_has_words_and_a_drawing_to_start_from(subject: Subject):
    words = subject.words
    assert all((words.blank, words.foreign, words.several, words.upload))
    assert find_sample(subject.start) in subject.samples
    assert {sample.label for sample in subject.samples} - {""} <= set(subject.classes or DIGITS.classes)


def test_the_subjects_speak_of_themselves():
    said = [subject.words for subject in (DIGITS, LETTERS, ANYTHING, PICTURES)]
    assert len({words.blank for words in said}) == len({words.upload for words in said}) == 4
    assert [bool(words.pad) for words in said] == [False, True, True, True]
    assert [words.empty for words in said] == ["Nothing drawn yet"] * 3 + ["No image yet"]


def test_a_network_of_ones_own_has_the_subject_of_its_classes_or_any():
    def subject(classes: tuple[str, ...], shape: tuple[int, int, int] = DRAWN) -> Subject:
        return Recipe("mine", "Mine", shape, classes, find_recipe("mnist").build).subject

    assert subject(("X", "O")) is LETTERS
    assert subject(tuple("0123456789")) is DIGITS
    assert subject(("O", "X")) is subject(("cat", "dog")) is ANYTHING
    assert subject(("X", "O"), (3, 32, 32)) is PICTURES
    assert find_subject(()) is ANYTHING


NAMES = {*network_keys(), *preset_keys()}


def asked_by_name(text: str) -> list[str]:
    """Comparisons with the name of a network, or with one subject or table among the others."""
    found = []
    for node in ast.walk(ast.parse(text)):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        if isinstance(node, ast.MatchValue):
            sides = [node.value]
        parts = [part for side in sides for part in ([side] if not _is_list(side) else side.elts)]
        names = [part.value for part in parts if isinstance(part, ast.Constant) and part.value in NAMES]
        by_identity = isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot)
        records = [ast.unparse(part) for part in parts if by_identity and ast.unparse(part).split(".")[-1] in RECORDS]
        found += names + records
    return found


RECORDS = ("DIGITS", "LETTERS", "ANYTHING", "PICTURES")


def _is_list(node: ast.AST) -> bool:
    return isinstance(node, ast.Tuple | ast.List | ast.Set)


def test_no_code_asks_for_a_network_by_its_name():
    folders = (ROOT / "cnnviz", ROOT / "pages")
    files = [ROOT / "app.py", *(path for folder in folders for path in sorted(folder.rglob("*.py")))]
    assert {path.name: names for path in files if (names := asked_by_name(path.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('network == "xo"', ["xo"]),
        ('"mnist" != key', ["mnist"]),
        ('network in ("mnist", "xo")', ["mnist", "xo"]),
        ('match network:\n    case "mnist_b1": pass', ["mnist_b1"]),
        ("table is DIGITS", ["DIGITS"]),
        ("recipe.subject is not subjects.ANYTHING", ["subjects.ANYTHING"]),
        ('trained("xo")', []),
        ('kind == "conv"', []),
        ("SetKey.DIGITS == key", []),
    ],
)
def test_such_a_question_is_found(text: str, found: list[str]):
    assert asked_by_name(text) == found
