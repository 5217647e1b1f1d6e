"""Zips from outside whose own list was changed: each reader opens them or refuses them in one sentence."""

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from cnnviz.data.image_sets.archive import ZipArchive, is_litter
from cnnviz.data.image_sets.records import ImageSetError
from cnnviz.models.importers.records import ImportedNetworkError, ImportLimits
from cnnviz.models.importers.zip_reader import NetworkArchive

SEEDS = 3000
ENTRY = b"PK\x01\x02"  # begins an entry of the list of files
Reader = Callable[[bytes], NetworkArchive | ZipArchive]
READERS: dict[str, Reader] = {
    "networks": lambda content: NetworkArchive(content, ImportLimits()),
    "image sets": ZipArchive,
}


def zip_with_list(change: Callable[[list[zipfile.ZipInfo]], None]) -> bytes:
    """A zip of five files and a large one, whose list is changed before it is written."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(5):
            archive.writestr(zipfile.ZipInfo(f"cat/{number}.png"), bytes(range(50)))
        with archive.open(zipfile.ZipInfo("cat/large.png"), "w", force_zip64=True) as file:
            file.write(bytes(100))
        change(archive.filelist)
    return content.getvalue()


def read_all(reader: Reader, content: bytes) -> str:
    """The sentence that a zip is refused with; "" where every file is read."""
    try:
        with reader(content) as archive:
            for name in archive.names:
                archive.read(name)
    except (ImageSetError, ImportedNetworkError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("reader", READERS.values(), ids=list(READERS))
def test_an_unchanged_list_is_read(reader: Reader):
    assert read_all(reader, zip_with_list(lambda _entries: None)) == ""


@pytest.mark.parametrize("offset", [2**62, 2**63 - 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("reader", READERS.values(), ids=list(READERS))
def test_a_file_that_begins_far_behind_the_end_is_damage(reader: Reader, offset: int):
    def move(entries: list[zipfile.ZipInfo]) -> None:
        entries[2].header_offset = offset

    assert "whole" in read_all(reader, zip_with_list(move))


def changed_list(content: bytes, seed: int) -> bytes:
    """One to five bytes of the list of files replaced, often by the lowest or the highest."""
    dice, changed = random.Random(seed), bytearray(content)
    for _ in range(1 + seed % 5):
        changed[dice.randrange(content.find(ENTRY), len(content))] = dice.choice((0, 0xFF, dice.randrange(256)))
    return bytes(changed)


@pytest.mark.parametrize("reader", READERS.values(), ids=list(READERS))
def test_whatever_the_list_says_the_zip_is_read_or_refused_in_a_sentence(reader: Reader):
    def far(entries: list[zipfile.ZipInfo]) -> None:
        entries[1].header_offset = 2**40

    for content in (zip_with_list(lambda _entries: None), zip_with_list(far)):
        said = [read_all(reader, changed_list(content, seed)) for seed in range(SEEDS)]
        assert sum(map(bool, said)) > SEEDS / 2
        assert all(len(text) < 600 and "\n" not in text for text in said)


@pytest.mark.parametrize("name", ["", ".", "./", "././"])
def test_a_name_that_leads_nowhere_is_no_file(name: str):
    assert is_litter(name)
