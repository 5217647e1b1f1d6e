"""Which tabs and switches of the laboratory a link or a browser names: junk is as at the start."""

from typing import Any

import pytest

from cnnviz.ui.lab.view import PLAIN, view_of


def test_what_a_link_names_is_chosen():
    said = {"map": "2", "channel": "1", "chapter": "pooling", "seed": "31", "every": "no", "setup": "x"}
    assert view_of(said) == {"map": 2, "channel": 1, "chapter": "pooling", "seed": 31, "every": False}


def test_what_was_chosen_comes_back_as_it_was():
    view = {"map": 5, "channel": 0, "chapter": "sizes", "seed": 0, "every": True}
    assert view_of(view) == view


@pytest.mark.parametrize(
    "junk", [None, "x", [], {"map": "-1"}, {"map": "16"}, {"channel": 1.5}, {"chapter": "no"}, {"seed": "٣"},
             {"seed": "100000"}, {"every": "maybe"}, {"chapter": ["pooling"]}]
)  # fmt: skip
def test_junk_is_as_at_the_start(junk: Any):
    assert view_of(junk) == PLAIN
