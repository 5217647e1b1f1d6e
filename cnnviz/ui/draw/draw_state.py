"""The tables of the Draw pages: what lies on each, and what its reader looks at, kept in the session as plain values.

A table is of one network, and what lies there stays apart from the other tables: the session keeps each under
names of its own. Strokes on the pad, a known picture (an image of the MNIST test set) or an upload can lie there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.core.edits import Edits
from cnnviz.data.fitted_images import Fit, array_to_file
from cnnviz.data.image_sets import DataChoice
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.sample_drawings import find_sample
from cnnviz.i18n import current_language
from cnnviz.models import subjects
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app import known_images
from cnnviz.ui.app.browser_store import StoredState
from cnnviz.ui.app.caches import recipe_of, trained_network
from cnnviz.ui.app.links import COMPARISON_NAMES, LINK_NAMES, READING_NAMES, view_from_link
from cnnviz.ui.app.table_images import keep_image
from cnnviz.ui.draw.contents import (
    DrawingContents,
    contents_of_known_image,
    contents_of_sketch,
    contents_of_upload,
    empty_contents,
)
from cnnviz.ui.draw.live_questions import live_addresses, moves_of
from cnnviz.ui.draw.pixel_state import PixelState, fresh_pixels
from cnnviz.ui.draw.show import ShownView, compute_shown
from cnnviz.ui.draw.table_keepsake import restore_table, written_table
from cnnviz.ui.mount.explorer import chosen, reported_surgery
from cnnviz.ui.mount.preprocessing import switched_off
from cnnviz.ui.mount.sketchpad import drawn, mount_sketchpad, place, stamp
from cnnviz.ui.why.panel_choices import PANEL_LINK_NAMES, PanelChoices, read_panels
from cnnviz.ui.your_network.linked_reading import reading_to_link
from cnnviz.web.edits.state import EditsState, apply_edit_action, edits_state_from_json, edits_state_to_json
from cnnviz.web.selection import Panel, selection_from_json, selection_to_json

_EMPTY: dict[str, Any] = {"strokes": []}


@dataclass(frozen=True)
class DrawPageState:
    """The table of `network`; `suffix` is what its names end in.

    own: the visitor's own pictures, where the network was trained on these.
    """

    network: str
    suffix: str = ""
    own: DataChoice | None = None

    @property
    def known(self) -> int:
        """How many known pictures can lie on it."""
        return known_images.count_known_images(self.network, self.own)

    @property
    def pad(self) -> str:
        """The key of its sketch pad; so are the names of the other parts."""
        return f"pad{self.suffix}"

    @property
    def stages(self) -> str:
        """The key of its row of steps."""
        return f"stages{self.suffix}"

    @property
    def explorer(self) -> str:
        """The key of its explorer."""
        return f"explorer{self.suffix}"

    @property
    def pixels(self) -> PixelState:
        """The pixels of its input that are set by hand."""
        return PixelState(f"pixels{self.suffix}", self.state)

    @property
    def shelf(self) -> str:
        """The key of its shelf."""
        return f"shelf{self.suffix}"

    @property
    def state(self) -> dict[str, Any]:
        """What this session keeps of the table, as plain values."""
        kept: dict[str, Any] = st.session_state[self._name]
        return kept

    @property
    def _name(self) -> str:
        return f"workbench{self.suffix}"

    @property
    def recipe(self) -> Recipe:
        """What its network reads and answers."""
        return recipe_of(self.network)

    @property
    def is_open(self) -> bool:
        """Whether something was laid on it in this session."""
        return self._name in st.session_state

    @property
    def switched_off(self) -> frozenset[str]:
        """The steps of the preparation that are switched off."""
        return self._off()

    @property
    def edits_in_force(self) -> Edits:
        """How the network on the screen is edited."""
        return edits_state_from_json(self.state["surgery"], trained_network(self.network).anatomy).in_force

    @property
    def edits_done(self) -> Edits:
        """All edits of the network, whichever side of them is looked at."""
        surgery = edits_state_from_json(self.state["surgery"], trained_network(self.network).anatomy)
        return Edits(surgery.edits.done)

    @property
    def link_others(self) -> dict[str, str]:
        """What its link says beside the view: what is not ours, how a network from outside is read, what it is compared
        with, and what is chosen in the panels below it."""
        ours = (*LINK_NAMES, *READING_NAMES, *COMPARISON_NAMES, *PANEL_LINK_NAMES)
        said = {name: value for name, value in st.query_params.to_dict().items() if name not in ours}
        more = self.state.get("compared", {}) | self.state.get("panel_words", {})
        return said | reading_to_link(self.network) | more

    def say_compared(self, said: Mapping[str, str]) -> None:
        """What its link says from now on of what the table is compared with."""
        self.state["compared"] = dict(said)

    @property
    def panels(self) -> PanelChoices:
        """What is chosen in the panels below the table."""
        return PanelChoices(self.state.setdefault("panels", read_panels({})))

    def say_panels(self, said: Mapping[str, str]) -> None:
        """What its link says from now on of those panels."""
        self.state["panel_words"] = dict(said)

    def open(self, link: Mapping[str, str] | None = None) -> None:
        """At the first run of a session: lay down what the link says (None: the page's address), or a sample."""
        if self._name in st.session_state:
            return
        query = st.query_params.to_dict() if link is None else link
        view = view_from_link(query)
        linked = selection_to_json(view.selection)
        st.session_state[self._name] = {
            "digit": view.digit, "upload": None, "linked": linked, "token": 1, "off": view.off,
            "panels": read_panels(query), **fresh_pixels(view.pixels),
            "surgery": edits_state_to_json(EditsState(view.edits, is_open=Panel.EDIT in view.selection.panels)),
        }  # fmt: skip
        if view.sketch is not None:
            place(self.pad, view.sketch.to_record())
        elif view.digit is None or view.digit >= self.known:
            self._lay_first()

    def _lay_first(self) -> None:
        """What a session starts with: a sample, or a picture where the network reads no drawings."""
        if self.recipe.reads_drawings:
            self.lay_sample(self.recipe.subject.start)
        else:
            self._clear_others(digit=0 if self.known else None)

    def lay_sample(self, key: str) -> None:
        """Put one of our own drawings on the pad."""
        self.lay_strokes(find_sample(key).sketch.to_record()["strokes"])

    def lay_strokes(self, strokes: list[Any]) -> None:
        """Put strokes of another pad on this one."""
        self._lay(strokes)

    def lay_known(self, index: int) -> None:
        """Put known picture number `index` on the table."""
        self._lay([], digit=index)

    def lay_upload(self, data: bytes, fit: Fit = Fit.CENTRE) -> None:
        """Put an uploaded picture on the table, as `shrink_to_store` made it; `fit` says how."""
        self._lay([], upload=data)
        self.state["fit"] = fit.value

    def _lay(self, strokes: list[Any], digit: int | None = None, upload: bytes | None = None) -> None:
        place(self.pad, {"strokes": strokes})
        self._clear_others(digit, upload)
        self.pixels.lay(PixelEdits())

    def lay_array(self, image: np.ndarray) -> None:
        """Put an image on the table that needs no preparation: (channels, rows, cols), as the network takes it."""
        self.lay_upload(array_to_file(image))

    def take_over(self, other: DrawPageState) -> None:
        """Lay down what lies on another table, whose network takes images of the same shape."""
        st.session_state[self._name] = {**other.state, "token": other.state["token"] + 1}
        place(self.pad, drawn(other.pad))

    @property
    def keepsake(self) -> StoredState:
        """What a browser keeps of the table."""
        return StoredState(
            f"table{self.suffix}", lambda: written_table(self), lambda written: restore_table(self, written)
        )

    def _clear_others(self, digit: int | None = None, upload: bytes | None = None) -> None:
        self.state.update(digit=digit, upload=upload)

    def read(self) -> DrawingContents:
        """Mount the pad, where the network reads drawings, and read what lies on the table now."""
        if not self.recipe.reads_drawings:
            return self._read(_EMPTY)
        on_pad = mount_sketchpad(key=self.pad, texts=self.recipe.subject.words.pad)
        return self._read(on_pad).with_pixels(self.pixels.read())

    def left(self) -> DrawingContents | None:
        """What was left on the table, for another page; None where the reader has laid nothing usable on it yet."""
        if self._name not in st.session_state or self.is_untouched:
            return None
        table = self._read(drawn(self.pad)).with_pixels(self.pixels.known)
        return table if table.prepared.has_ink and not table.problem else None

    def lying(self) -> DrawingContents:
        """What lies on the table, for another page: what a session starts with, too."""
        return self._read(drawn(self.pad))

    @property
    def is_untouched(self) -> bool:
        """Whether still that lies there which a session starts with."""
        if not self.recipe.reads_drawings:
            return self.state["upload"] is None and not self.state["digit"]
        return not self.pixels.known and bool(
            drawn(self.pad)["strokes"] == find_sample(self.recipe.subject.start).sketch.to_record()["strokes"]
        )

    def _read(self, record: dict[str, Any]) -> DrawingContents:
        state, off = self.state, self._off()
        has_ink = any(not stroke.get("erases") for stroke in record["strokes"])
        if has_ink or (state["digit"] is None and state["upload"] is None):
            self._clear_others()
            return (
                contents_of_sketch(record["strokes"], off)
                if self.recipe.reads_drawings
                else empty_contents("", self.recipe)
            )
        if state["upload"] is not None:
            return contents_of_upload(state["upload"], off, self.recipe, self.fit)
        return contents_of_known_image(self.network, state["digit"], self.recipe, self.own)

    @property
    def fit(self) -> Fit:
        """How an upload that lies on it is brought to the size of the input."""
        said = self.state.get("fit", Fit.CENTRE)
        return Fit(said) if said in tuple(Fit) else Fit.CENTRE

    def _off(self) -> frozenset[str]:
        """The steps that are switched off: by the reader, else by the link."""
        reported = switched_off(self.stages)
        off: frozenset[str] = self.state["off"] if reported is None else reported
        self.state["off"] = off
        return off

    def look(self, table: DrawingContents, title: str = "") -> ShownView:
        """What the network makes of the table, as the reader looks at it; `title`: what it is called, "": as usual."""
        state, reported = self.state, chosen(self.explorer)
        selection = selection_from_json(reported if isinstance(reported, dict) else state["linked"])
        surgery = self._surgery()
        others = self.link_others
        shown = compute_shown(
            table.prepared, selection, sketch=table.sketch, digit=table.digit, truth=table.truth, off=self._off(),
            network=self.network, others=others, surgery=surgery, pixels=table.pixels,
            token=state["token"], pad=stamp(self.pad), live=self._live(others, table),
            is_sketch=table.sketch is not None, title=title or self.recipe.title, moves=moves_of(reported),
        )  # fmt: skip
        state["linked"] = selection_to_json(shown.selection)  # what a visit to another page comes back to
        return shown

    def _surgery(self) -> EditsState:
        """How this reader has edited the network: what the browser reported last, else what link or session say."""
        anatomy = trained_network(self.network).anatomy
        held, reported = edits_state_from_json(self.state["surgery"], anatomy), reported_surgery(self.explorer)
        told = edits_state_from_json(reported, anatomy)
        if told.version <= held.version:
            return held
        surgery = apply_edit_action(told, reported.get("acts"), anatomy)  # acts only where there is no short way
        self.state["surgery"] = edits_state_to_json(surgery)  # what a visit to another page comes back to
        return surgery

    def _live(self, others: dict[str, str], table: DrawingContents) -> dict[str, Any]:
        """Where the browser asks while the hand draws, and what it says beside the ink."""
        seen = {} if table.sketch else {"seen": keep_image(table.prepared.image)}
        say: dict[str, Any] = {"off": sorted(self._off()), "language": current_language(), "others": others}
        say |= {"pixels": table.pixels.text}
        return (
            live_addresses()
            | seen
            | {"say": say | {"truth": table.truth, "several": table.prepared.is_several, "network": self.network}}
        )


DIGITS = DrawPageState(subjects.DIGITS.network)
LETTERS = DrawPageState(subjects.LETTERS.network, suffix="_xo")


def left_contents() -> DrawingContents | None:
    """What was left on the table of the digits, for another page; None where nothing usable was laid there."""
    return DIGITS.left()
