"""Zips from outside: an honest one is read whole, a hostile one is refused before anything is unpacked."""

import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zips import honest, in_64_bits, picture, with_flag, with_link, with_listed_size, with_twice, zip_of

from cnnviz.data.image_sets import archive
from cnnviz.data.image_sets.archive import ZipArchive, is_litter, printable_name
from cnnviz.data.image_sets.from_files import pool_from_zip
from cnnviz.data.image_sets.records import ImageSetError


def extra(name: str, data: bytes = b"x") -> bytes:
    return zip_of(honest() | {name: data})


def test_an_honest_zip_gives_back_every_byte():
    files = honest()
    with ZipArchive(zip_of(files)) as opened:
        assert {name: opened.read(name) for name in opened.names} == files


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a path that climbs out": (lambda: extra("../cat/9.png"), "own folder"),
    "a path that climbs out later": (lambda: extra("cat/../../9.png"), "own folder"),
    "an absolute path": (lambda: extra("/etc/cat/9.png"), "own folder"),
    "a path with a drive": (lambda: extra("C:/cat/9.png"), "own folder"),
    "a share of Windows": (lambda: extra("\\\\server\\cat\\9.png"), "own folder"),
    "a drive and backslashes": (lambda: extra("C:\\cat\\9.png"), "own folder"),
    "backslashes that make two of one": (lambda: extra("cat\\0.png"), "twice"),
    "backslashes": (lambda: extra("cat\\..\\9.png"), "own folder"),
    "a path without end": (lambda: extra("a/" * 9 + "9.png"), "folders deep"),
    "a link": (lambda: with_link(honest(), "cat/9.png", "/etc/passwd"), "link"),
    "a link that says it is a hidden file": (lambda: with_link(honest(), "cat/.9.png", "/etc/passwd"), "link"),
    "the same name twice": (lambda: with_twice(honest(), "cat/0.png"), "twice"),
    "an encrypted file": (lambda: with_flag(zip_of(honest()), 0x1), "encrypted"),
    "zeros without end": (lambda: extra("cat/9.png", bytes(5_000_000)), "far more"),
    "an unusual packing": (lambda: zip_of(honest(), zipfile.ZIP_LZMA), "unusual"),
    "half of it": (lambda: zip_of(honest())[:900], "not a whole zip"),
    "its list without the rest": (lambda: zip_of(honest())[-500:], "not a whole zip"),
    "a changed byte": (lambda: changed(zip_of(honest())), "not a whole zip"),
    "no zip": (lambda: picture(0), "not a whole zip"),
    "nothing": (lambda: b"", "not a whole zip"),
    "an empty zip": (lambda: zip_of({}), "folders with images"),
}


def changed(data: bytes) -> bytes:
    """A bit flipped in the middle of the first file."""
    return data[:300] + bytes([data[300] ^ 1]) + data[301:]


@pytest.mark.parametrize("what", HOSTILE)
def test_a_zip_is_refused_with_one_sentence_for(what: str):
    make, reason = HOSTILE[what]
    with pytest.raises(ImageSetError, match=reason) as refused:
        pool_from_zip(make())
    assert str(refused.value).count(". ") == 0
    assert len(str(refused.value)) < 250


def test_the_honest_twin_of_all_these_is_taken():
    assert len(pool_from_zip(extra("cat/9.png", picture(9))).training[1]) == 7


@pytest.mark.parametrize(
    ("bound", "value", "reason"),
    [("MAX_ZIP_BYTES", 1_000, "MB"), ("MAX_ENTRIES", 5, "at most 5 files"), ("MAX_UNPACKED", 2_000, "unpack")],
)
def test_bounds_are_kept_one_by_one(monkeypatch, bound: str, value: int, reason: str):
    pool_from_zip(zip_of(honest()))
    monkeypatch.setattr(archive, bound, value)
    with pytest.raises(ImageSetError, match=reason):
        pool_from_zip(zip_of(honest()))


def test_the_number_of_files_is_judged_before_the_list_is_read(monkeypatch):
    data = zip_of(honest())
    monkeypatch.setattr(archive, "MAX_ENTRIES", 5)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_args: pytest.fail("the list was read"))
    with pytest.raises(ImageSetError, match="at most 5 files"):
        ZipArchive(data)


def test_a_small_zip_in_the_form_for_large_ones_is_read():
    files = honest()
    with ZipArchive(in_64_bits(zip_of(files))) as opened:
        assert {name: opened.read(name) for name in opened.names} == files


def test_a_list_of_too_many_files_in_that_form_is_refused_before_it_is_read(monkeypatch):
    data = in_64_bits(zip_of(honest()), 70_000)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_args: pytest.fail("the list was read"))
    with pytest.raises(ImageSetError, match="at most 40000 files"):
        ZipArchive(data)


def test_a_sign_of_that_form_without_its_list_is_no_whole_zip():
    data = zip_of(honest())
    at = data.rfind(b"PK\x05\x06")
    with pytest.raises(ImageSetError, match="whole"):
        ZipArchive(data[:at] + b"PK\x06\x07" + bytes(16) + data[at:])


def test_a_file_larger_than_a_picture_is_refused_while_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILE", 500)
    with ZipArchive(zip_of(honest())) as opened, pytest.raises(ImageSetError, match="far more"):
        opened.read("cat/0.png")


def test_all_files_together_are_counted_while_they_are_unpacked():
    with ZipArchive(zip_of(honest())) as opened:
        opened._left = len(honest()["cat/0.png"])
        opened.read("cat/0.png")
        with pytest.raises(ImageSetError, match="far more"):
            opened.read("cat/1.png")


def test_a_list_that_lies_about_a_size_never_yields_more_than_it_said():
    files = {"cat/0.png": bytes(range(256)) * 8, "dog/0.png": b"x"}
    with (
        ZipArchive(with_listed_size(zip_of(files), "cat/0.png", 100)) as opened,
        pytest.raises(ImageSetError, match="whole"),
    ):
        opened.read("cat/0.png")


def test_a_zip_in_a_zip_is_never_opened():
    inner = zip_of({"bomb.png": bytes(100_000)})
    pool = pool_from_zip(extra("cat/inner.zip", inner))
    assert len(pool.training[1]) == 6
    assert pool.report is not None
    assert pool.report.unreadable == ("cat/inner.zip",)


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/cat/._1.png",
        "cat/._1.png",
        ".DS_Store",
        "cat/.hidden/1.png",
        "cat/Thumbs.db",
        "desktop.ini",
        "cat/THUMBS.DB",
        "cat/@eaDir/1.png/SYNOPHOTO_THUMB_M.png",
        "#recycle/cat/1.png",
        "cat/.thumbnails/1.png",
    ],
)
def test_what_systems_leave_behind_is_ignored(name: str):
    assert is_litter(name)
    with ZipArchive(extra(name)) as opened:
        assert opened.names == tuple(sorted(honest()))


def test_ordinary_names_are_no_litter():
    assert not any(map(is_litter, ["cat/1.png", "MACOSX/1.png", "cat.d/Thumbs.db.png"]))


def test_folders_with_entries_of_their_own_are_no_files():
    with ZipArchive(zip_of({"cat/": b""} | honest())) as opened:
        assert opened.names == tuple(sorted(honest()))


def test_a_name_in_a_sentence_is_short_and_printable():
    assert printable_name("cat/\x1b[31m\u202e.png") == "cat/?[31m?.png"
    assert len(printable_name("x" * 500)) == 61


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255), cut=st.integers(0, 10_000))
def test_whatever_is_broken_in_a_zip_it_is_read_or_refused_with_one_sentence(place: int, value: int, cut: int):
    data = bytearray(WHOLE)
    data[place % len(data)] = value
    try:
        pool = pool_from_zip(bytes(data[: len(data) - cut % 400 if cut % 3 == 0 else None]))
    except ImageSetError as error:
        said = str(error)
    else:
        said = "taken." if pool.training[0].shape[1:] in {(1, 28, 28), (3, 32, 32)} else ""
    assert said.endswith(".")


WHOLE = zip_of(honest(each=2, size=(8, 8)))
