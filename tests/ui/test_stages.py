"""The row of steps above the network: what it says of a drawing, and of an image that is an input already."""

from __future__ import annotations

import json

from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.ui.draw.preprocessing import SWITCHES
from cnnviz.web.preprocessing import steps_packet


def label(packet: bytes) -> str:
    length = int.from_bytes(packet[:4], "little")
    return str(json.loads(packet[4 : 4 + length])["texts"]["label"])


def test_only_what_can_be_switched_is_said_to_be_prepared():
    steps = preprocess(find_sample("three").sketch).stages
    assert "Switch a step off" in label(steps_packet(steps, SWITCHES))
    assert label(steps_packet(steps[:1], SWITCHES)) == "The image as the network gets it:"
