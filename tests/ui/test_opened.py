"""Networks that visitors opened: what the explorer runs is what was saved, nobody else's pictures are shown."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch

from cnnviz.data.image_sets import DataChoice, SetKey, load_images
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.models.standardise import STANDARDISE
from cnnviz.models.zoo import OWN_PREFIX
from cnnviz.training import Scaling
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.draw.cells import parse_network, table_of_cell
from cnnviz.ui.your_network import opened
from cnnviz.ui.your_network.opened import NotOpened
from tests.ui.saved_networks import saved

TOKEN = "0" * 64


@pytest.mark.parametrize("scaling", [None, Scaling((0.4, 0.5, 0.6), (0.2, 0.3, 0.25))])
def test_the_explorer_runs_what_was_saved_on_what_training_saw(scaling: Scaling | None):
    data = saved(scaling=scaling)
    network = trained_network(opened.put_opened(data))
    picture = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(1))
    right = opened.unpack_network(data)
    with torch.no_grad():
        wanted = right.build()(right.scaling(picture[None]))[0].numpy()
        unscaled = right.build()(picture[None])[0].numpy()
    found = network.tracer(picture.numpy()).logits
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert (np.abs(found - unscaled).max() > 1e-2) == (scaling is not None)
    assert (network.tracer(picture.numpy()).layers[0].spec.path == STANDARDISE) == (scaling is not None)


def test_the_layer_that_standardises_is_explained_like_any_other():
    key = opened.put_opened(saved(scaling=Scaling((0.4, 0.5, 0.6), (0.2, 0.3, 0.25))))
    image = np.full((3, 32, 32), 0.9, np.float32)
    unit = {"layer": STANDARDISE, "channel": 1, "row": 4, "col": 5}
    found = table_of_cell({"network": key, "image": base64.b64encode(image.tobytes()).decode(), **unit})
    assert "problem" not in found
    value = float(np.float32(0.9 - 0.5) / np.float32(0.3))
    assert any(f"{value:.3f}" in str(cell) for row in found["rows"] + found["sums"] for cell in row)


def test_a_network_that_is_not_open_is_no_other_network():
    gone = OWN_PREFIX + "f" * 32
    assert parse_network({"network": "nonsense"}) == "mnist"
    with pytest.raises(NotOpened, match="not open here any more"):
        parse_network({"network": gone})
    with pytest.raises(NotOpened):
        trained_network(gone)


def test_the_same_file_has_the_same_key_and_another_file_another():
    assert opened.put_opened(saved()) == opened.put_opened(saved())
    assert opened.put_opened(saved()) != opened.put_opened(saved("birds_wide"))


def test_a_file_that_is_none_of_ours_opens_nothing():
    with pytest.raises(CheckpointError):
        opened.put_opened(b"junk")


def test_what_was_opened_last_stays_and_what_was_opened_first_goes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opened, "MOST", 2)
    first, second, third = (opened.put_opened(saved(key)) for key in ("birds_c1", "birds_wide", "mnist_b1"))
    assert opened.find_opened(second)
    assert opened.find_opened(third)
    with pytest.raises(NotOpened):
        opened.find_opened(first)


def test_a_file_leads_to_pictures_of_ours_and_to_nobodys_own(monkeypatch: pytest.MonkeyPatch):
    ours = opened.find_opened(opened.put_opened(saved("mnist_b1", choice=DataChoice(SetKey.DIGITS))))
    assert ours.choice == DataChoice(SetKey.DIGITS)
    private = DataChoice(SetKey.OWN, upload=TOKEN)
    assert ours.pictures() is not None
    other = opened.find_opened(opened.put_opened(saved("birds_c1", choice=DataChoice(SetKey.DIGITS))))
    assert other.pictures() is None  # of another size, with other classes
    theirs = opened.find_opened(opened.put_opened(saved("small_b5", choice=private)))
    assert theirs.choice is None
    assert theirs.pictures() is None
    asked = []
    monkeypatch.setattr(
        opened, "load_images", lambda choice: asked.append(choice) or load_images(DataChoice(SetKey.DIGITS))
    )
    assert theirs.pictures() is None
    assert theirs.pictures(private) is not None
    assert asked == [private]
