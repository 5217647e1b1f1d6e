"""Pictures of one's own: read into classes and parts, what is no picture named, kept under a token, bounded."""

import io
import os
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from zips import file_of, honest, picture, zip_of

from cnnviz.data.datasets import DataMissing
from cnnviz.data.image_sets import (
    DataChoice,
    ImageSetError,
    from_files,
    store,
    take_folder,
    take_path,
    take_zip,
    zip_files,
)
from cnnviz.data.image_sets.decoding import decode_image
from cnnviz.data.image_sets.from_files import has_light_borders, pool_from_zip
from cnnviz.data.image_sets.loading import load_images
from cnnviz.data.image_sets.pools import DecodingReport
from cnnviz.data.image_sets.store import content_token, fetch_pool, is_stored, store_pool

ROOT = Path(__file__).resolve().parents[3]


def test_pictures_come_with_the_class_of_their_folder():
    files = honest(("dog", "cat"), each=4)
    pool = pool_from_zip(zip_of(files))
    assert pool.classes == ("cat", "dog")
    expected = {decode_image(data).colour.tobytes(): name.split("/")[0] for name, data in files.items()}
    images, labels = pool.training
    for image, label in zip(images, labels, strict=True):
        assert expected[image.tobytes()] == pool.classes[label]


def test_the_first_few_pictures_are_not_all_of_one_class():
    _images, labels = pool_from_zip(zip_of(honest(each=20, size=(4, 4)))).training
    assert set(labels[:10].tolist()) == {0, 1}
    np.testing.assert_array_equal(labels, pool_from_zip(zip_of(honest(each=20, size=(4, 4)))).training[1])


def test_one_picture_in_colour_makes_all_of_them_coloured():
    grey = honest(colour=False)
    assert pool_from_zip(zip_of(grey)).training[0].shape == (6, 1, 28, 28)
    mixed = pool_from_zip(zip_of(grey | {"cat/9.png": picture(9)}))
    assert mixed.training[0].shape == (7, 3, 32, 32)
    assert mixed.report is not None
    assert "32×32" in mixed.report.done()


@pytest.mark.parametrize(("paper", "is_swapped"), [(250, True), (5, False)])
def test_dark_ink_on_light_paper_is_swapped_and_said_so(paper: int, is_swapped: bool):
    levels = np.full((28, 28), paper, np.uint8)
    levels[10:18, 10:18] = 255 - paper
    pool = pool_from_zip(zip_of({f"{name}/{n}.png": file_of(levels) for name in "ab" for n in range(2)}))
    image = pool.training[0][0, 0]
    assert (int(image[0, 0]), int(image[14, 14])) == (5, 250)
    assert pool.report is not None
    assert ("swapped" in pool.report.done()) is is_swapped


def test_a_few_light_borders_swap_nothing():
    images = np.zeros((10, 1, 28, 28), np.uint8)
    images[:4] = 255
    assert not has_light_borders(images)
    images[:6] = 255
    assert has_light_borders(images)


def test_files_that_are_no_pictures_are_left_out_and_named():
    bad = {f"cat/{n}.txt": b"text" for n in range(12)} | {"dog/broken.png": picture(3)[:99], "readme.md": b"x"}
    pool = pool_from_zip(zip_of(honest() | bad))
    assert len(pool.training[1]) == 6
    assert pool.report is not None
    unreadable, stray = pool.report.left_out()
    assert unreadable.startswith("13 files")
    assert "cat/0.txt" in unreadable
    assert unreadable.endswith("…")
    assert stray.startswith("1 file is in no class folder")
    assert stray.endswith("readme.md")
    assert pool_from_zip(zip_of(honest())).report == DecodingReport(6)


def test_a_class_without_enough_pictures_is_refused_by_its_name():
    files = honest() | {"cow/1.png": picture(7)}
    with pytest.raises(ImageSetError, match=r"class cow must have 2 or more.*got 1"):
        pool_from_zip(zip_of(files))
    assert len(pool_from_zip(zip_of(files | {"cow/2.png": picture(8)})).classes) == 3
    with pytest.raises(ImageSetError, match="class cow"):  # two files, one of them no picture
        pool_from_zip(zip_of(files | {"cow/2.png": b"no picture"}))


def test_parts_of_a_zip_stay_the_parts():
    names = [f"{part}/{name}" for part, each in (("train", 3), ("val", 2), ("test", 1)) for name in honest(each=each)]
    files = {name: picture(seed) for seed, name in enumerate(names)}
    token, _pool = take_zip(zip_of(files))
    sets = load_images(DataChoice("own", upload=token, validation=0.5, seed=4))
    assert (len(sets.training), len(sets.validation), sets.test and len(sets.test)) == (6, 4, 2)


@pytest.mark.parametrize(
    ("bound", "value", "reason"), [("MAX_PICTURES", 5, "at most 5 images"), ("MAX_ALL_PIXELS", 1000, "pixels")]
)
def test_bounds_of_pictures_are_kept(monkeypatch, bound: str, value: int, reason: str):
    pool_from_zip(zip_of(honest()))
    monkeypatch.setattr(from_files, bound, value)
    with pytest.raises(ImageSetError, match=reason):
        pool_from_zip(zip_of(honest()))


def test_whoever_waits_sees_how_far_it_is():
    seen: list[tuple[int, int]] = []
    pool_from_zip(zip_of(honest()), lambda done, total: seen.append((done, total)))
    assert seen == [(done, 6) for done in range(7)]


def test_files_in_any_order_are_one_zip_and_other_files_another():
    files = list(honest().items())
    assert zip_files(files) == zip_files(files[::-1])
    assert zip_files(files) != zip_files(files[1:])
    np.testing.assert_array_equal(
        pool_from_zip(zip_files(files)).training[0], pool_from_zip(zip_of(dict(files))).training[0]
    )


def test_a_path_may_be_a_zip_or_a_folder(tmp_path):
    files = honest()
    (tmp_path / "mine.zip").write_bytes(zip_of(files))
    for name, data in files.items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_bytes(data)
    assert take_path(tmp_path / "mine.zip")[0] == take_zip(zip_of(files))[0]
    assert take_path(tmp_path / "mine")[0] == take_folder(tmp_path / "mine")[0]


def test_a_folder_gives_the_same_pictures_as_its_zip(tmp_path):
    files = honest() | {"cat/.hidden.png": b"x", "notes.txt": b"x"}
    for name, data in files.items():
        (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / name).write_bytes(data)
    os.symlink("/etc", tmp_path / "mine" / "cat" / "etc")
    os.symlink("/etc/passwd", tmp_path / "mine" / "cat" / "9.png")
    token, pool = take_folder(tmp_path / "mine")
    twin = pool_from_zip(zip_of(files))
    np.testing.assert_array_equal(pool.training[0], twin.training[0])
    assert pool.report == twin.report
    assert take_folder(tmp_path / "mine")[0] == token
    (tmp_path / "mine" / "cat" / "0.png").write_bytes(picture(77))
    assert take_folder(tmp_path / "mine")[0] != token


@pytest.mark.skipif(sys.platform != "linux", reason="names on a disk are bytes on Linux only")
def test_a_name_that_is_not_utf8_is_one_kind_sentence(tmp_path):
    os.makedirs(os.fsencode(tmp_path) + b"/cat/\xff\xfe")
    with open(os.fsencode(tmp_path) + b"/cat/\xff\xfe/1.png", "wb") as file:
        file.write(picture(1))
    with pytest.raises(ImageSetError, match=r"not written in UTF-8: rename it") as refused:
        take_folder(tmp_path)
    str(refused.value).encode()
    command = [
        sys.executable,
        "-m",
        "cnnviz.training",
        "--network",
        "birds_c1",
        "--pictures",
        tmp_path,
        "--out",
        tmp_path / "o",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert "not written in UTF-8" in done.stderr
    assert "Traceback" not in done.stderr


def test_pictures_that_no_browser_knows_are_refused_with_the_kinds_that_are_read():
    with pytest.raises(ImageSetError, match=r"PNG, JPEG, GIF, BMP, WebP, TIFF, PPM"):
        pool_from_zip(zip_of({f"{name}/{n}.heic": b"\0\0\0\x18ftypheic" for name in ("cat", "dog") for n in range(3)}))


def test_a_small_zip_of_very_large_pictures_is_refused_with_the_rule(monkeypatch):
    monkeypatch.setattr(from_files, "MAX_ALL_PIXELS", 3_000_000)
    large = file_of(np.zeros((1000, 1000, 3), np.uint8))
    files = {f"{name}/{n}.png": large for name in ("cat", "dog") for n in range(2)}
    with pytest.raises(ImageSetError, match=r"at most 3 million pixels together \(those of a JPEG count a quarter\)"):
        pool_from_zip(zip_of(files))
    jpeg = file_of(np.zeros((1000, 1000, 3), np.uint8), "JPEG")
    assert len(pool_from_zip(zip_of(dict.fromkeys(files, jpeg))).training[1]) == 4


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ImageSetError, match="there is no folder"):
        take_folder(tmp_path / "nowhere")


def test_what_was_taken_is_not_decoded_again(monkeypatch):
    data = zip_of(honest())
    token, pool = take_zip(data)
    monkeypatch.setattr("cnnviz.data.image_sets.intake.pool_from_zip", lambda *_args: pytest.fail("decoded again"))
    again, kept = take_zip(data)
    assert again == token
    np.testing.assert_array_equal(kept.training[0], pool.training[0])
    assert (kept.classes, kept.report) == (pool.classes, pool.report)


def test_another_process_finds_the_pictures_by_their_token():
    token, pool = take_zip(zip_of(honest()))
    code = (
        "from cnnviz.data.image_sets.store import fetch_pool\n"
        f"pool = fetch_pool({token!r})\nprint(int(pool.training[0].sum()), *pool.classes)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(int(pool.training[0].sum())), "cat", "dog"]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "PPM", "TIFF", "JPEG"])
def test_too_many_pixels_are_refused_by_the_headers(monkeypatch, kind):
    """Before one is decoded: 74 files of 20 million zeros are 4 MB, and kept a core busy for 40 s."""
    monkeypatch.setattr(from_files, "decode_image", lambda _data: pytest.fail("it was decoded"))
    monkeypatch.setattr(from_files, "MAX_ALL_PIXELS", (7 * 100 * 100 - 1) // (4 if kind == "JPEG" else 1))
    large = file_of(np.zeros((100, 100, 3), np.uint8), kind)
    files = {f"{name}/{number}.x": large for name in ("cat", "dog") for number in range(4)}
    with pytest.raises(ImageSetError, match="million pixels together"):
        pool_from_zip(zip_of(files))


def test_other_pictures_have_another_token_and_nobody_else_s_are_given():
    first, second = (take_zip(zip_of(honest(each=each)))[0] for each in (2, 3))
    assert first != second
    assert len(fetch_pool(first).training[1]) == 4
    with pytest.raises(DataMissing, match="upload them again"):
        fetch_pool("0" * 64)


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "0" * 63, "0" * 64 + "/", "G" * 64, "0" * 64 + "\n"])
def test_a_token_is_no_path(token: str):
    with pytest.raises(ImageSetError, match="token"):
        fetch_pool(token)


def test_a_damaged_file_is_said_to_be_gone_and_made_anew():
    data = zip_of(honest())
    token, _pool = take_zip(data)
    path = store.cache_folder() / f"{token}.npz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataMissing, match="upload them again"):
        fetch_pool(token)
    assert take_zip(data)[0] == token
    assert len(fetch_pool(token).training[1]) == 6


def test_pickles_are_never_read(own_cache):
    token = content_token(b"")
    own_cache.mkdir()
    np.savez(own_cache / f"{token}.npz", classes=np.array([{"a": 1}], dtype=object), report="null")
    with pytest.raises(DataMissing):
        fetch_pool(token)


def kept_arrays(token):
    with np.load(store.cache_folder() / f"{token}.npz") as arrays:
        return dict(arrays)


def write_bomb(path, _arrays):
    """900 MB of zeros in 0.9 MB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("training_images.npy", b"\0" * 90_000_000)
        for number in range(9):
            archive.writestr(f"{number}.npy", b"\0" * 90_000_000)


def write_short(path, arrays):
    """An array that says that it has a million million numbers."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            file, says = io.BytesIO(), np.lib.format.header_data_from_array_1_0(array)
            shape = (10**12,) if name == "training_labels" else array.shape
            np.lib.format.write_array_header_1_0(file, says | {"shape": shape})
            archive.writestr(f"{name}.npy", file.getvalue() + array.tobytes())


POISON = {
    "bomb": write_bomb,
    "short": write_short,
    "fewer images than labels": lambda path, arrays: np.savez(path, **arrays | {
        "training_images": arrays["training_images"][:-1]}),
    "a label without a class": lambda path, arrays: np.savez(path, **arrays | {
        "training_labels": arrays["training_labels"] + 2}),
    "labels of another kind": lambda path, arrays: np.savez(path, **arrays | {
        "training_labels": arrays["training_labels"].astype(float)}),
    "images of another kind": lambda path, arrays: np.savez(path, **arrays | {
        "training_images": arrays["training_images"][0]}),
    "no image": lambda path, arrays: np.savez(path, **arrays | {
        "training_images": arrays["training_images"][:0], "training_labels": arrays["training_labels"][:0]}),
    "one class": lambda path, arrays: np.savez(path, **arrays | {"classes": arrays["classes"][:1]}),
    "copies of other images": lambda path, arrays: np.savez(path, **arrays | {"copies": np.zeros(3, np.int64)}),
    "a deep report": lambda path, arrays: np.savez(path, **arrays | {"report": np.array("[" * 100_000)}),
    "no zip": lambda path, _arrays: path.write_bytes(b"x" * 100),
    "empty": lambda path, _arrays: path.write_bytes(b""),
    "a pipe": lambda path, _arrays: os.mkfifo(path),
    "a folder": lambda path, _arrays: path.mkdir(),
    "a link to a device": lambda path, _arrays: path.symlink_to("/dev/zero"),
    "a link to a file": lambda path, _arrays: path.symlink_to("/etc/passwd"),
}  # fmt: skip


@pytest.mark.parametrize("poison", POISON)
def test_what_somebody_put_into_the_cache_is_as_good_as_nothing(poison):
    """It is said to be gone, at once and without taking memory; the same upload makes it anew."""
    data = zip_of(honest())
    token, pool = take_zip(data)
    path, arrays = store.cache_folder() / f"{token}.npz", kept_arrays(token)
    path.unlink()
    POISON[poison](path, arrays)
    tracemalloc.start()
    try:
        with pytest.raises(DataMissing, match="upload them again"):
            fetch_pool(token)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    if poison != "a folder":
        assert take_zip(data)[0] == token
        np.testing.assert_array_equal(fetch_pool(token).training[0], pool.training[0])


def test_the_cache_is_bounded_and_what_was_used_last_stays(monkeypatch, own_cache):
    pool = pool_from_zip(zip_of(honest()))
    tokens = [content_token(bytes([number])) for number in range(4)]
    for age, token in enumerate(tokens[:3]):
        store_pool(token, pool)
        os.utime(own_cache / f"{token}.npz", (age, age))
    size = (own_cache / f"{tokens[0]}.npz").stat().st_size
    fetch_pool(tokens[0])  # the oldest is used: now the second is
    monkeypatch.setattr(store, "MAX_KEPT", 3 * size + 10)
    store_pool(tokens[3], pool)
    assert [is_stored(token) for token in tokens] == [True, False, True, True]


def test_two_processes_may_make_room_at_the_same_time(monkeypatch, own_cache):
    pool = pool_from_zip(zip_of(honest()))
    store_pool(content_token(b"1"), pool)
    (own_cache / f"{content_token(b'gone')}.npz").symlink_to("removed by another process")
    monkeypatch.setattr(store, "MAX_KEPT", 0)
    store_pool(content_token(b"2"), pool)
    assert [is_stored(content_token(name)) for name in (b"1", b"2")] == [False, True]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNNVIZ_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataMissing, match="CNNVIZ_CACHE"):
        take_zip(zip_of(honest()))


def test_without_a_variable_the_cache_is_the_user_s_own(monkeypatch):
    monkeypatch.delenv("CNNVIZ_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/cache")
    monkeypatch.setattr(sys, "platform", "linux")
    assert str(store.cache_folder()) == "/some/cache/cnnviz/imagesets"


def test_nothing_half_written_stays(monkeypatch, own_cache):
    pool = pool_from_zip(zip_of(honest()))
    monkeypatch.setattr(np, "savez", lambda file, **_arrays: file.write(b"half") and (_ for _ in ()).throw(OSError()))
    with pytest.raises(DataMissing):
        store_pool(content_token(b""), pool)
    assert list(own_cache.iterdir()) == []
