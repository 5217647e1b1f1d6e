"""Which layers have colour scales of their own is a matter of the network: while one draws, none comes or goes."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.core.colour_ranges import colour_ranges
from cnnviz.core.edits import read_edits
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.models.reference_images import reference_images
from cnnviz.models.subjects import shipped_samples
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.draw.view_delta import compute_view
from cnnviz.ui.your_network import opened
from cnnviz.web.edits.state import EditsState
from cnnviz.web.selection import Selection
from tests.ui.saved_networks import saved


def while_it_is_drawn(sketch: Sketch) -> list[np.ndarray]:
    """The images that a network reads while the hand draws: after each few points of each stroke."""
    return [
        preprocess(Sketch((*sketch.strokes[:place], Stroke(stroke.points[:count])))).image
        for place, stroke in enumerate(sketch.strokes)
        for count in range(2, len(stroke.points), 3)
    ]


@pytest.mark.parametrize(("network", "would_jump"), [("mnist", False), ("xo", True)])
def test_no_scale_comes_or_goes_while_one_draws(network: str, would_jump: bool):
    chosen = trained_network(network)
    seen = set()
    alone = set()
    for sample in shipped_samples(network):
        for image in while_it_is_drawn(sample.sketch):
            made = chosen.tracer(image)
            seen.add(tuple(one.is_own for one in colour_ranges(made, chosen.sparse)))
            alone.add(tuple(one.is_own for one in colour_ranges(made)))
    assert len(seen) == 1
    assert (len(alone) > 1) is would_jump  # the negative twin: decided drawing by drawing


def test_what_newcomers_took_for_broken_still_has_a_finer_scale():
    assert "relu2" in trained_network("mnist").sparse
    assert "relu1" not in trained_network("mnist").sparse


def test_an_edited_network_keeps_the_choice_of_the_trained_one():
    chosen = trained_network("mnist")
    image = preprocess(DIGIT_SAMPLES[3].sketch).image
    for edits in ("", "off.3.conv1", "linear.relu1"):
        look = compute_view(chosen, image, Selection(), EditsState(read_edits(edits)))
        sets = {layer.spec.path for layer, one in zip(look.sides.seen.layers, look.sides.scales(), strict=True)
                if one.is_own}  # fmt: skip
        assert sets == chosen.sparse


def test_a_network_of_a_visitor_has_a_choice_too():
    key = opened.put_opened(saved("birds_c1"))
    chosen = trained_network(key)
    images = reference_images(key, chosen.recipe.input_shape)
    assert len({image.tobytes() for image in images}) == len(images) > 1
    assert all(image.shape == chosen.recipe.input_shape and 0 <= image.min() < image.max() <= 1 for image in images)
    first, second = (colour_ranges(chosen.tracer(image), chosen.sparse) for image in images[:2])
    assert [one.is_own for one in first] == [one.is_own for one in second]
