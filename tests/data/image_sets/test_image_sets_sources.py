"""The sets themselves: digits without any file, X and O, birds and airplanes; what is not there names the way out."""

import gzip
import hashlib
import io
import json
import os
import pickle
import tarfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from sklearn.datasets import load_digits
from torchvision.datasets import CIFAR10
from zips import honest, picture, zip_of

from cnnviz.__main__ import main
from cnnviz.data.datasets import DataBroken, DataMissing, has_mnist
from cnnviz.data.image_sets import (
    DataChoice,
    SetKey,
    digits,
    fetch_cifar,
    is_available,
    load_images,
    load_pool,
    set_title,
)
from cnnviz.data.image_sets.digits import scale_up
from cnnviz.data.image_sets.xo import generated_pool
from cnnviz.data.rasterize import centre_of_mass


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A data folder with nothing in it."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_the_digits_need_no_file_and_are_scikit_learn_s(empty):
    sets = load_images(DataChoice())
    assert (sets.training.key, sets.shape, sets.test) == ("digits", (1, 28, 28), None)
    assert len(sets.training) + len(sets.validation) == 1797
    real = np.bincount(load_digits().target)
    assert np.array_equal(np.add(sets.training.counts, sets.validation.counts), real)
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("is_found", [True, False])
def test_the_cells_are_scikit_learn_s_wherever_it_keeps_them(monkeypatch, is_found: bool):
    if not is_found:
        monkeypatch.setattr(digits, "FILE", Path("elsewhere.csv.gz"))
    cells, labels = digits._cells()
    np.testing.assert_array_equal(cells, load_digits().images)
    np.testing.assert_array_equal(labels, load_digits().target)


def test_a_digit_is_scaled_up_as_drawings_are_prepared():
    cells = np.zeros((8, 8))
    cells[1:7, 2:4] = 16  # a bar of 6 × 2 cells
    image = scale_up(cells)
    rows, cols = (np.flatnonzero(image.max(axis=axis) > 127) for axis in (1, 0))
    assert 18 <= len(rows) <= 20
    assert len(cols) == pytest.approx(len(rows) * 2 / 6, abs=1.5)
    assert centre_of_mass(image) == pytest.approx((14, 14), abs=0.5)
    corner = scale_up(np.roll(cells, (1, 3), axis=(0, 1)))  # wherever it was written
    assert centre_of_mass(corner) == pytest.approx((14, 14), abs=0.5)
    plain = np.kron(cells * 15.9, np.ones((4, 4)))[2:30, 2:30]  # the twin: merely enlarged
    assert centre_of_mass(plain) != pytest.approx((14, 14), abs=0.5)


@pytest.mark.parametrize(
    ("key", "way_out"),
    [("mnist", "cnnviz download mnist"), ("birds", r"cnnviz download birds.*birds_airplanes\.zip"),
     ("xo", "choose the generated ones")],
)  # fmt: skip
def test_a_set_that_is_not_there_names_the_way_out(empty, key: str, way_out: str):
    assert not is_available(SetKey(key))
    with pytest.raises(DataMissing, match=way_out):
        load_images(DataChoice(key))
    assert list(empty.iterdir()) == []


def test_what_needs_no_file_is_always_there(empty):
    assert all(is_available(SetKey(key)) for key in ("digits", "xo_generated", "own"))
    assert len({set_title(key) for key in SetKey}) == len(SetKey)


def test_generated_crosses_and_rings_are_the_same_every_time_and_differ_among_themselves():
    first, again, other = generated_pool(20), generated_pool(20), generated_pool(20, seed=1)
    np.testing.assert_array_equal(first.training[0], again.training[0])
    assert not np.array_equal(first.training[0], other.training[0])
    images, labels = first.training
    assert np.bincount(labels).tolist() == [20, 20]
    assert len({image.tobytes() for image in images}) == 40


def test_generated_crosses_have_ink_in_the_middle_and_rings_have_none():
    images, labels = generated_pool(60).training
    middle = images[:, 0, 12:16, 12:16].max(axis=(1, 2)) > 128
    assert middle[labels == 0].mean() > 0.95
    assert middle[labels == 1].mean() < 0.1


def written(label: str, writer: int) -> dict:
    return {"label": label, "source": "abc", "writer": f"w{writer}", "strokes": [[[0, 0], [1, 1]], [[1, 0], [0, 1]]]}


def test_handwritten_crosses_and_rings_are_split_by_writer(empty):
    (empty / "strokes").mkdir()
    path = empty / "strokes" / "xo.json.gz"
    records = [written("xXoO"[number % 4], number // 4) for number in range(48)]
    path.write_bytes(gzip.compress(json.dumps([*records, written("q", 99)]).encode()))
    pool = load_pool(DataChoice("xo"))
    assert pool.classes == ("X", "O")
    labels, groups = pool.training[1], pool.groups
    assert groups is not None
    assert sorted(zip(groups.tolist(), labels.tolist(), strict=True)) == [
        (writer, label) for writer in range(12) for label in (0, 0, 1, 1)
    ]
    assert labels.tolist() != sorted(labels.tolist())
    sets = load_images(DataChoice("xo", validation=0.2))
    assert len(sets.validation) % 4 == 0
    assert len(sets.training) + len(sets.validation) == 48


def test_a_stroke_file_without_both_letters_is_one_sentence(empty):
    (empty / "strokes").mkdir()
    (empty / "strokes" / "xo.json.gz").write_bytes(gzip.compress(json.dumps([written("x", 1)]).encode()))
    with pytest.raises(DataBroken, match="drawings of X and of O"):
        load_images(DataChoice("xo"))


def birds_zip(folder) -> None:
    names = [f"{part}/{name}" for part, each in (("train", 4), ("val", 2))
             for name in honest(("airplane", "bird"), each)]  # fmt: skip
    files = {name: picture(seed, size=(32, 32)) for seed, name in enumerate(names)}
    (folder / "birds_airplanes.zip").write_bytes(zip_of(files))


def test_birds_come_from_a_zip_in_the_data_folder_with_its_own_validation_part(empty):
    birds_zip(empty)
    sets = load_images(DataChoice("birds", validation=0.5))
    assert (sets.classes, sets.shape) == (("airplane", "bird"), (3, 32, 32))
    assert (sets.training.counts, sets.validation.counts) == ((4, 4), (2, 2))
    assert len(sets.mean) == len(sets.std) == 3


def test_a_damaged_zip_of_birds_is_one_sentence_that_names_the_file(empty):
    (empty / "birds_airplanes.zip").write_bytes(b"PK no zip")
    with pytest.raises(DataBroken, match=r"birds_airplanes\.zip"):
        load_images(DataChoice("birds"))


def cifar_batch(count: int, seed: int) -> tuple[bytes, np.ndarray, list[int]]:
    """A file in CIFAR-10's form: rows of 1,024 red, green, blue."""
    rng = np.random.default_rng(seed)
    data, labels = rng.integers(0, 256, (count, 3072), dtype=np.uint8), rng.integers(0, 10, count).tolist()
    return pickle.dumps({"data": data, "labels": labels}), data, labels


@pytest.fixture
def small_cifar(monkeypatch):
    """A tiny CIFAR-10 with checksums to match: (the packed file, its batches)."""
    batches = {name: cifar_batch(30, seed) for seed, name in enumerate(["data_batch_1", "test_batch"])}
    meta = pickle.dumps({"label_names": [str(n) for n in range(10)]})
    files = {name: batch[0] for name, batch in batches.items()} | {"batches.meta": meta}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(f"{CIFAR10.base_folder}/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    sums = {name: hashlib.md5(data).hexdigest() for name, data in files.items()}
    monkeypatch.setattr(CIFAR10, "train_list", [["data_batch_1", sums["data_batch_1"]]])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": sums["batches.meta"]})
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(packed.getvalue()).hexdigest())
    return packed.getvalue(), batches


class Served(BaseHTTPRequestHandler):
    data = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.data)))
        self.end_headers()
        self.wfile.write(self.data)

    def log_message(self, *_args) -> None:
        """Quiet."""


@pytest.fixture
def serve(monkeypatch):
    """CIFAR-10's address is a server on this machine; call it with what it is to send."""
    server = HTTPServer(("127.0.0.1", 0), Served)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setattr(CIFAR10, "url", f"http://127.0.0.1:{server.server_port}/cifar.tar.gz")
    monkeypatch.setattr(Served, "data", b"")
    yield lambda data: monkeypatch.setattr(Served, "data", data)
    server.shutdown()
    server.server_close()
    thread.join()


def test_cifar_is_downloaded_on_demand_and_only_birds_and_airplanes_are_used(empty, small_cifar, serve):
    packed, batches = small_cifar
    serve(packed)
    seen: list[tuple[int, int]] = []
    fetch_cifar(lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(packed), len(packed))
    assert is_available(SetKey.BIRDS)
    sets = load_images(DataChoice("birds"))
    assert sets.classes == ("airplane", "bird")
    for part, name in ((sets.training, "data_batch_1"), (sets.validation, "test_batch")):
        _packed, data, labels = batches[name]
        expected = [(row.reshape(3, 32, 32), (0, None, 1)[label]) for row, label in zip(data, labels, strict=True)
                    if label in (0, 2)]  # fmt: skip
        np.testing.assert_array_equal(part.images, [image for image, _label in expected])
        assert part.labels.tolist() == [label for _image, label in expected]


def test_what_is_not_cifar_is_thrown_away(empty, small_cifar, serve):
    serve(small_cifar[0][:-1] + b"?")
    with pytest.raises(DataMissing, match="checksum"):
        fetch_cifar()
    assert list(empty.iterdir()) == []


def test_without_a_network_a_download_is_one_sentence(empty, monkeypatch):
    monkeypatch.setattr(CIFAR10, "url", "http://127.0.0.1:1/nothing")
    with pytest.raises(DataMissing, match="try again with an Internet connection"):
        fetch_cifar()
    assert list(empty.iterdir()) == []


def test_a_changed_file_of_cifar_is_never_opened(empty, small_cifar, serve, tmp_path):
    serve(small_cifar[0])
    fetch_cifar()
    (tmp_path / "trap").mkdir()

    class Trap:
        def __reduce__(self):
            return os.rmdir, (str(tmp_path / "trap"),)

    (empty / CIFAR10.base_folder / "data_batch_1").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DataMissing):
        load_images(DataChoice("birds"))
    assert (tmp_path / "trap").is_dir()


@pytest.mark.data
@pytest.mark.skipif(not has_mnist(), reason="needs MNIST")
def test_mnist_comes_with_its_own_test_part():
    sets = load_images(DataChoice("mnist", validation=0.1))
    assert (len(sets.training), len(sets.validation), sets.test and len(sets.test)) == (54_000, 6_000, 10_000)
    assert sets.mean[0] == pytest.approx(0.1307, abs=1e-3)  # the numbers that everybody uses for MNIST
    assert sets.std[0] == pytest.approx(0.3081, abs=1e-3)


def test_the_command_fetches_birds_once(empty, small_cifar, serve, capsys):
    serve(small_cifar[0])
    assert main(["download", "birds"]) == 0
    counted = sum(label in (0, 2) for _packed, _data, labels in small_cifar[1].values() for label in labels)
    assert capsys.readouterr().out.startswith(f"{counted} images in")
    serve(b"gone")
    assert main(["download", "birds"]) == 0


def test_the_command_says_in_one_sentence_that_there_is_no_network(empty, monkeypatch, capsys):
    monkeypatch.setattr(CIFAR10, "url", "http://127.0.0.1:1/nothing")
    assert main(["download", "birds"]) == 2
    assert "try again with an Internet connection" in capsys.readouterr().err
