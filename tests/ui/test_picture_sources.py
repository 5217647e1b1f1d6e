"""Where a unit's strongest images are looked for: what is at hand holds what the visitor drew, on every table."""

from streamlit.testing.v1 import AppTest


def _at_hand() -> None:
    import numpy as np
    import streamlit as st

    from cnnviz.data.sample_drawings import find_sample
    from cnnviz.models.zoo import find_recipe
    from cnnviz.ui.draw.draw_state import DIGITS, LETTERS
    from cnnviz.ui.draw.show import prepare_sketch
    from cnnviz.ui.teach import collection
    from cnnviz.ui.why.picture_sources import _at_hand as at_hand

    for table in (DIGITS, LETTERS):
        table.open({})
    recipe, image = find_recipe("mnist"), np.zeros((1, 28, 28), np.float32)
    st.session_state["samples"] = len(at_hand(recipe, image).images)
    LETTERS.lay_strokes([{"points": [[0.2, 0.2], [0.8, 0.5]], "width": 0.08, "erases": False}])
    collection.add("X", {"strokes": [{"points": [[0.1, 0.1], [0.9, 0.8]], "width": 0.08, "erases": False}]})
    collection.add("O", {"strokes": [{"points": [[0.5, 0.1], [0.5, 0.9], [0.1, 0.9]], "width": 0.08, "erases": False}]})
    drawn = LETTERS.left()
    assert drawn is not None
    DIGITS.lay_sample("one")  # lies among the samples already
    found = at_hand(recipe, image).images
    assert (found == drawn.prepared.image).all(axis=(1, 2, 3)).any()
    assert (found == prepare_sketch(find_sample("three").sketch).image).all(axis=(1, 2, 3)).any()
    st.session_state["all"] = len(found)


def test_drawings_of_all_tables_are_at_hand_and_none_twice():
    app = AppTest.from_function(_at_hand, default_timeout=60).run()
    assert not app.exception
    assert app.session_state["all"] == app.session_state["samples"] + 3


def test_without_any_drawing_the_samples_are_there():
    app = AppTest.from_function(_at_hand, default_timeout=60).run()
    assert app.session_state["samples"] >= 10
