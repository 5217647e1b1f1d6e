"""The shipped network for birds and airplanes: as accurate as its manifest says, and made again by its command."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz.__main__ import main
from cnnviz.data.drawn_pictures import DRAWN, draw_picture
from cnnviz.data.image_sets import DataChoice, load_images, zip_files
from cnnviz.data.image_sets.birds import has_birds
from cnnviz.models import checkpoints
from cnnviz.models.builder import build_module, preset
from cnnviz.models.standardise import STANDARDISE
from cnnviz.models.zoo import find_recipe
from cnnviz.release.birds import RULE, SETTINGS, birds_model, digest_images
from cnnviz.training import Job, Scaling, TrainConfig, start_session
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.known_images import collection
from cnnviz.ui.why.reliability_answers import scores_of_test_images

MODEL, MANIFEST = checkpoints.load("birds")
NEEDS_BIRDS = pytest.mark.skipif(not has_birds(), reason="birds and airplanes are not in CNNVIZ_DATA")


def test_the_weights_are_those_of_the_manifest():
    packed = checkpoints.weights_path("birds").read_bytes()
    assert hashlib.sha256(packed).hexdigest() == MANIFEST.sha256
    assert MANIFEST.parameters == sum(weight.numel() for weight in MODEL.parameters()) == 38_482
    assert MANIFEST.command.startswith("python -m cnnviz train birds --epochs")
    assert find_recipe("birds").classes == ("airplane", "bird")


@pytest.mark.data
@NEEDS_BIRDS
def test_the_accuracy_is_that_of_the_manifest_and_at_least_nine_in_ten():
    sets = load_images(DataChoice("birds"))
    published = MANIFEST.figures["validation"]
    assert MANIFEST.data["decoded_sha256"]["validation"] == digest_images(sets.validation)
    images = torch.tensor(sets.validation.images).float() / 255
    with torch.no_grad():
        read = torch.cat([MODEL(part) for part in images.split(500)]).argmax(dim=1)
    right = (read == torch.tensor(sets.validation.labels)).double().mean()
    assert published["n"] == len(images) == 2_000
    assert float(right) == pytest.approx(published["accuracy"], abs=0.0006)  # another processor rounds otherwise
    assert published["accuracy"] >= 0.9


def test_it_is_the_trained_layers_behind_their_scaling():
    job = Job(preset("birds_batch_norm"), DataChoice("digits"), TrainConfig())
    with torch.random.fork_rng():
        torch.manual_seed(1)
        plain = build_module(job.blueprint).eval()
    scaling = Scaling((0.4, 0.5, 0.6), (0.2, 0.3, 0.25))
    whole = birds_model(type("Snapshot", (), {"weights": plain.state_dict()})(), scaling)
    image = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(whole(image), plain(scaling(image)), rtol=1e-5, atol=1e-5)
    assert next(iter(dict(whole.named_children()))) == STANDARDISE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Our drawn pictures, each in the folder of its class, larger than the network takes them."""
    for number, (label, _draw) in enumerate(DRAWN):
        place = tmp_path / "photos" / ("airplane", "bird")[label]
        place.mkdir(parents=True, exist_ok=True)
        levels = draw_picture(number).transpose(1, 2, 0).repeat(4, axis=0).repeat(4, axis=1)
        Image.fromarray(levels).save(place / f"{number}.png")
    return tmp_path / "photos"


@pytest.mark.parametrize("is_zip", [False, True])
def test_evaluate_counts_images_in_class_folders_of_a_folder_or_a_zip(
    folder: Path, is_zip: bool, capsys: pytest.CaptureFixture[str]
):
    path = folder
    if is_zip:
        files = [(file.relative_to(folder).as_posix(), file.read_bytes()) for file in folder.rglob("*.png")]
        path = folder.parent / "photos.zip"
        path.write_bytes(zip_files([(f"val/{name}", data) for name, data in files]))
    assert main(["evaluate", "--checkpoint", "birds", "--pictures", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    images = np.stack([draw_picture(number) for number in range(len(DRAWN))]).astype(np.float32) / 255
    with torch.no_grad():
        read = MODEL(torch.tensor(images)).argmax(dim=1).tolist()
    right = sum(answer == label for answer, (label, _draw) in zip(read, DRAWN, strict=True))
    assert (found["n"], found["accuracy"]) == (len(DRAWN), round(right / len(DRAWN), 4))
    assert set(found["folders"]) == ({"val/airplane", "val/bird"} if is_zip else {"airplane", "bird"})


def test_strokes_and_mnist_are_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]):
    assert main(["evaluate", "--checkpoint", "birds", "--mnist", "test"]) != 0
    assert "give --pictures" in capsys.readouterr().err


def test_settings_of_the_command_are_those_of_the_manifest():
    job = Job.from_record(MANIFEST.config)
    assert job.config == SETTINGS
    assert job.blueprint.parts == preset("birds_batch_norm").parts
    assert RULE.threshold == MANIFEST.threshold == 0


def test_our_pictures_come_first_and_photos_only_where_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    found = collection("birds")
    assert len(found) == len(DRAWN)
    for number, (label, _draw) in enumerate(DRAWN):
        known = found.find(number)
        assert known.truth == label
        assert np.array_equal(known.picture, draw_picture(number))
    assert "no photo" in found.find(0).note


@pytest.mark.data
@NEEDS_BIRDS
def test_the_panels_measure_it_on_images_that_it_was_not_trained_on():
    found = scores_of_test_images(trained_network("birds"), None)
    assert found is not None
    images = torch.tensor(load_images(DataChoice("birds")).validation.images[:20]).float() / 255
    with torch.no_grad():
        assert np.allclose(found.scores[:20], MODEL(images).numpy(), atol=1e-4)


@pytest.mark.data
@NEEDS_BIRDS
def test_a_short_training_is_the_same_each_time():
    def weights() -> bytes:
        job = Job(preset("birds_batch_norm"), DataChoice("birds", limit=128), TrainConfig(steps=3, scaling="data"))
        session = start_session(job)
        session.run.advance(60)
        return checkpoints.pack(birds_model(session.run.snapshot(), session.scaling).state_dict())

    assert weights() == weights()
