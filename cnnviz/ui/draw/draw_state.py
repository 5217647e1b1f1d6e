"""The tables of the Draw pages: what lies on each, and what its reader looks at, kept in the session as plain values.

A table is of one network, and what lies there stays apart from the other tables: the session keeps each under
names of its own. Strokes on the pad, a known picture (an image of the MNIST test set) or an upload can lie there.
Networks for the same subject share one drawing: each has a table of its own for its edits and for what is open.
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
from cnnviz.data.strokes import Sketch
from cnnviz.models import subjects
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app import known_images
from cnnviz.ui.app.browser_store import StoredState
from cnnviz.ui.app.caches import recipe_of, trained_network
from cnnviz.ui.app.links import COMPARISON_NAMES, LINK_NAMES, READING_NAMES, LinkedView, snap_to_grid, view_from_link
from cnnviz.ui.draw.contents import (
    DrawingContents,
    contents_of_known_image,
    contents_of_sketch,
    contents_of_upload,
    empty_contents,
)
from cnnviz.ui.draw.pixel_state import PixelState, fresh_pixels
from cnnviz.ui.draw.table_keepsake import restore_table, written_table
from cnnviz.ui.mount.preprocessing import switched_off
from cnnviz.ui.mount.sketchpad import drawn, mount_sketchpad, place
from cnnviz.ui.why.panel_choices import PANEL_LINK_NAMES, PanelChoices, read_panels
from cnnviz.ui.your_network.linked_reading import reading_to_link
from cnnviz.web.edits.state import EditsState, edits_state_from_json, edits_state_to_json
from cnnviz.web.selection import Panel, selection_to_json

_EMPTY: dict[str, Any] = {"strokes": []}


@dataclass(frozen=True)
class DrawPageState:
    """The table of `network`; `suffix` is what its names end in.

    own: the visitor's own pictures, where the network was trained on these. first: the table whose drawing lies on this
    one too, pad, steps and shelf included; None where it has a drawing of its own.
    """

    network: str
    suffix: str = ""
    own: DataChoice | None = None
    first: DrawPageState | None = None

    @property
    def known(self) -> int:
        """How many known pictures can lie on it."""
        return known_images.count_known_images(self.network, self.own)

    @property
    def pad(self) -> str:
        """The key of its sketch pad; so are the names of the other parts."""
        return f"pad{self._drawn}"

    @property
    def stages(self) -> str:
        """The key of its row of steps."""
        return f"stages{self._drawn}"

    @property
    def explorer(self) -> str:
        """The key of its explorer."""
        return f"explorer{self.suffix}"

    @property
    def pixels(self) -> PixelState:
        """The pixels of its input that are set by hand."""
        return PixelState(f"pixels{self._drawn}", self.drawing)

    @property
    def shelf(self) -> str:
        """The key of its shelf."""
        return f"shelf{self._drawn}"

    @property
    def _drawn(self) -> str:
        """What the names of its drawing end in."""
        return self.suffix if self.first is None else self.first.suffix

    @property
    def state(self) -> dict[str, Any]:
        """What this session keeps of its network: edits, what is open; as plain values."""
        kept: dict[str, Any] = st.session_state[self._name]
        return kept

    @property
    def drawing(self) -> dict[str, Any]:
        """What this session keeps of what lies on it, as plain values."""
        return self.state if self.first is None else self.first.drawing

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
        if self.first is not None:
            self.first.open(link)
        if self._name in st.session_state:
            return
        query = st.query_params.to_dict() if link is None else link
        view = view_from_link(query)
        is_here = view.network not in self._others  # what is open, edited and asked there is not here
        said = view if is_here else LinkedView()
        st.session_state[self._name] = {
            "linked": selection_to_json(said.selection), "token": 1, "panels": read_panels(query if is_here else {}),
            "surgery": edits_state_to_json(EditsState(said.edits, is_open=Panel.EDIT in said.selection.panels)),
        }  # fmt: skip
        if self.first is None:
            self._lay_linked(view)

    @property
    def _others(self) -> set[str]:
        """The other shipped networks for its subject."""
        return set(self.recipe.subject.networks) - {self.network}

    def _lay_linked(self, view: LinkedView) -> None:
        """The drawing of a link, or what a session starts with."""
        self.state.update(digit=view.digit, upload=None, off=view.off, **fresh_pixels(view.pixels))
        if view.sketch is not None:
            self.lay_found(view.sketch)
        elif view.digit is None or view.digit >= self.known:
            self._lay_first()

    def _lay_first(self) -> None:
        """What a session starts with: a sample, or a picture where the network reads no drawings."""
        if self.recipe.reads_drawings:
            self.lay_found(self._start)
        else:
            self._clear_others(digit=0 if self.known else None)

    @property
    def _start(self) -> Sketch:
        return find_sample(self.recipe.subject.start).sketch

    def lay_found(self, sketch: Sketch) -> None:
        """Put on the pad what a reader finds there; the drawing that everyone finds makes room for the reader's own."""
        is_start = snap_to_grid(sketch) == snap_to_grid(self._start)  # a link has it on its grid
        place(self.pad, sketch.to_record(), is_example=is_start)

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
        self.drawing["fit"] = fit.value

    def _lay(self, strokes: list[Any], digit: int | None = None, upload: bytes | None = None) -> None:
        place(self.pad, {"strokes": strokes})
        self._clear_others(digit, upload)
        self.pixels.lay(PixelEdits())

    def lay_array(self, image: np.ndarray) -> None:
        """Put an image on the table that needs no preparation: (channels, rows, cols), as the network takes it."""
        self.lay_upload(array_to_file(image))

    def take_over(self, other: DrawPageState) -> None:
        """Lay down what lies on another table, whose network takes images of the same shape."""
        st.session_state[self._name] = {**other.drawing, **other.state, "token": other.state["token"] + 1}
        place(self.pad, drawn(other.pad), is_example=other.is_untouched)

    @property
    def keepsakes(self) -> tuple[StoredState, ...]:
        """What a browser keeps of the table, and of the one whose drawing lies on it."""
        of_first = () if self.first is None else self.first.keepsakes
        own = StoredState(
            f"table{self.suffix}", lambda: written_table(self), lambda written: restore_table(self, written)
        )
        return (*of_first, own)

    def _clear_others(self, digit: int | None = None, upload: bytes | None = None) -> None:
        self.drawing.update(digit=digit, upload=upload)

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
            return self.drawing["upload"] is None and not self.drawing["digit"]
        return not self.pixels.known and bool(drawn(self.pad)["strokes"] == self._start.to_record()["strokes"])

    def _read(self, record: dict[str, Any]) -> DrawingContents:
        state, off = self.drawing, self._off()
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
        said = self.drawing.get("fit", Fit.CENTRE)
        return Fit(said) if said in tuple(Fit) else Fit.CENTRE

    def _off(self) -> frozenset[str]:
        """The steps that are switched off: by the reader, else by the link."""
        reported = switched_off(self.stages)
        off: frozenset[str] = self.drawing["off"] if reported is None else reported
        self.drawing["off"] = off
        return off


DIGITS = DrawPageState(subjects.DIGITS.network)
LETTERS = DrawPageState(subjects.LETTERS.network, suffix="_xo")


def tables_for(first: DrawPageState) -> tuple[DrawPageState, ...]:
    """`first`, and one for each further shipped network for its subject: on all of them lies the drawing of `first`."""
    further = first.recipe.subject.further
    return (first, *(DrawPageState(key, suffix=f"{first.suffix}_{key}", first=first) for key in further))


def left_contents() -> DrawingContents | None:
    """What was left on the table of the digits, for another page; None where nothing usable was laid there."""
    return DIGITS.left()
