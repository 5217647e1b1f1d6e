"""Names in zips: as they were written, whatever tool of whatever country wrote them; what was guessed is said."""

import struct
import zipfile
import zlib

import pytest
from zips import honest, picture, zip_of

from cnnviz.data.image_sets.archive import ZipArchive
from cnnviz.data.image_sets.from_files import pool_from_zip
from cnnviz.data.image_sets.zip_names import guess_encoding, read_zip_names


def zip_in(code: str, classes: tuple[str, ...]) -> bytes:
    """Two pictures in each class folder, its name in `code`; the zip does not say so."""
    stand_ins = {name: "x" * (len(name.encode(code)) - 1) + chr(97 + at) for at, name in enumerate(classes)}
    data = zip_of(
        {f"{stand_ins[name]}/{n}.png": picture(3 * at + n) for at, name in enumerate(classes) for n in (0, 1)}
    )
    for name, stand_in in stand_ins.items():
        data = data.replace(f"{stand_in}/".encode(), name.encode(code) + b"/")
    return data


CASES = {
    "gbk": [("猫", "狗"), ("苹果", "香蕉"), ("好图片", "坏图片"), ("cat猫", "dog狗"), ("合格", "不合格")],
    "cp932": [("猫", "犬"), ("ねこ", "いぬ"), ("テスト", "ネコ"), ("良品", "不良品"), ("表示", "ソース")],
    "cp866": [("Кошка", "Собака"), ("кот", "пёс"), ("КОШКИ", "СОБАКИ"), ("яблоки", "груши")],
    "cp437": [("Hündin", "Kätzchen"), ("café", "thé"), ("Äpfel", "Öl"), ("niños", "señor")],
    "utf-8": [("猫", "犬"), ("Кошка", "Собака"), ("Hündin", "Kätzchen"), ("고양이", "개")],
}


@pytest.mark.parametrize(("code", "classes"), [(code, names) for code, cases in CASES.items() for names in cases])
def test_names_that_a_zip_does_not_explain_are_read_as_they_were_written_and_it_is_said(code: str, classes):
    pool = pool_from_zip(zip_in(code, classes))
    assert set(pool.classes) == set(classes)
    assert pool.report is not None
    said = " ".join(pool.report.remarks())
    assert "does not say how its names are encoded" in said
    assert all(name in said for name in classes)
    assert {"gbk": "GBK", "cp932": "cp932", "cp866": "cp866", "cp437": "cp437", "utf-8": "UTF-8"}[code] in said


def test_plain_names_and_names_that_are_said_to_be_utf8_need_no_guess():
    for classes in (("cat", "dog"), ("猫", "犬")):
        pool = pool_from_zip(zip_of(honest(classes)))
        assert pool.classes == tuple(sorted(classes))
        assert pool.report is not None
        assert pool.report.remarks() == ()


def test_the_unicode_path_field_is_believed_where_its_sum_is_right():
    raw = "苹果/0.png".encode("gbk").decode("cp437")
    info = zipfile.ZipInfo(raw)
    body = struct.pack("<BI", 1, zlib.crc32(raw.encode("cp437"))) + "кот/0.png".encode()
    info.extra = struct.pack("<HH", 0x7075, len(body)) + body
    assert read_zip_names([info]).names == ("кот/0.png",)
    assert read_zip_names([info]).code == ""
    info.extra = info.extra[:5] + b"\0\0\0\0" + info.extra[9:]
    assert read_zip_names([info]).names == ("苹果/0.png",)
    assert read_zip_names([info]).code == "gbk"


def test_backslashes_of_powershell_are_folders():
    files = honest()
    with ZipArchive(zip_of({name.replace("/", "\\"): data for name, data in files.items()})) as opened:
        assert {name: opened.read(name) for name in opened.names} == files


def test_nothing_that_people_write_is_read_by_the_standard():
    assert guess_encoding([b"\xb0\xb1\xb2\xdb"]) in ("cp437", "gbk")
    assert guess_encoding([bytes([0xC9, 0xCD, 0xBB])]) == "cp437"
