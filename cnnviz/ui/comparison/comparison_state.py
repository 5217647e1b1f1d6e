"""What the table of a network is compared with, in a session: nothing, another image, another network, its edits.

Refuses to know: how it looks (`comparison_page`), what is computed (`compared_view`), links (`linked_comparison`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from cnnviz.checks import sides
from cnnviz.core.graph import GraphError
from cnnviz.i18n import _
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.sources import NetworkSource
from cnnviz.models.zoo import is_own_key, network_keys
from cnnviz.ui.app.browser_store import StoredState
from cnnviz.ui.app.caches import recipe_of
from cnnviz.ui.draw.draw_state import DrawPageState
from cnnviz.ui.your_network import opened
from cnnviz.web.selection import selection_from_json, selection_to_json

MOST_KEPT = 8_000_000  # bytes of a file that the browser keeps
LONGEST_TITLE = 120
OPENED = ("layer", "channel", "row", "col", "folds")  # what a comparison shares with the explorer


class ComparedWith(StrEnum):
    """What stands on side B."""

    NOTHING = ""
    IMAGE = "image"
    NETWORK = "network"
    EDITS = "edits"  # the same network as the reader has edited it; as it was before on side A


class NotComparable(ValueError):
    """A network that cannot be shown beside another one; its text is one sentence."""


REFUSALS = (CheckpointError, ImportedNetworkError, GraphError, NotComparable, opened.NotOpened)


@dataclass(frozen=True, eq=False)
class NetworkFile:
    """A network that can stand on side B: its key, its title, and what it is opened from again.

    data: of a file, None for a shipped network. source: how a file from outside is read, None for one of ours.
    """

    key: str
    title: str
    data: bytes | None = None
    source: dict[str, Any] | None = None

    def open(self) -> str:
        """Its key, in memory again where it had been dropped. Raises: NotOpened and what opening a file raises."""
        if not is_own_key(self.key):
            return self.key
        try:
            return opened.find_opened(self.key).recipe.key
        except opened.NotOpened:
            if self.source is not None:
                return opened.put_source(NetworkSource.from_record(self.source, self.data or b""))
            if self.data is not None:
                return opened.put_opened(self.data)
            raise


@dataclass(frozen=True)
class ComparisonState:
    """The comparison that belongs to a table (side A)."""

    table: DrawPageState

    @property
    def state(self) -> dict[str, Any]:
        """Plain values: "with", and of a network "key", "title", "data", "source".

        missing: what a link asked for and is not here, in words; asked: its words, for who brings the file.
        """
        fresh = {"with": "", "missing": "", "asked": {}}
        kept: dict[str, Any] = st.session_state.setdefault(self._name, fresh)
        return kept

    @property
    def _name(self) -> str:
        return f"comparison{self.table.suffix}"

    @property
    def is_open(self) -> bool:
        """Whether this session has asked for it before."""
        return self._name in st.session_state

    @property
    def compared_with(self) -> ComparedWith:
        """What stands on side B now."""
        said = self.state["with"]
        if said == ComparedWith.EDITS and not self.table.edits_done:
            return ComparedWith.NOTHING
        return ComparedWith(said) if said in tuple(ComparedWith) else ComparedWith.NOTHING

    @property
    def view(self) -> str:
        """The key of its component."""
        return f"comparison_view{self.table.suffix}"

    @property
    def other_table(self) -> DrawPageState:
        """The table of side B, where another image lies on it."""
        return DrawPageState(self.table.network, suffix=f"{self.table.suffix}_b", own=self.table.own)

    @property
    def network(self) -> NetworkFile:
        """The network of side B."""
        kept = self.state
        return NetworkFile(kept["key"], kept["title"], kept.get("data"), kept.get("source"))

    def begin_image(self, link: Mapping[str, str] | None = None) -> None:
        """Compare with another image: that of a link, else at first another one of ours."""
        self._begin(ComparedWith.IMAGE)
        table = self.other_table
        is_new = not table.is_open
        table.open(link or {})
        if is_new and not link:
            _lay_another(table, self.table)

    def begin_copy(self) -> None:
        """Compare with the same image, so that one of the two can be changed."""
        self._begin(ComparedWith.IMAGE)
        self.other_table.take_over(self.table)

    def begin_edits(self) -> None:
        """Compare the network with itself as it is edited."""
        self._begin(ComparedWith.EDITS)

    def begin_network(self, network: NetworkFile) -> None:
        """Compare with another network on the image of the table.

        Raises: NotComparable where it takes images of another size or stops half-way, NotOpened; nothing has changed
        then.
        """
        key = network.open()
        shape, wanted = recipe_of(key).input_shape, self.table.recipe.input_shape
        if shape != wanted:
            raise NotComparable(
                _("Both networks must take images of one size, got {one} and {other}: choose another one",
                  one=sides(wanted), other=sides(shape))
            )  # fmt: skip
        if is_own_key(key) and (reason := opened.find_opened(key).stopped):
            raise NotComparable(_("A network that stops half-way cannot be compared: {reason}", reason=reason))
        self._begin(ComparedWith.NETWORK)
        self.state.update(vars(network) | {"title": network.title[:LONGEST_TITLE]})

    def miss(self, asked: Mapping[str, str], problem: str) -> None:
        """A link asked for what is not here: `problem` says so, and the page's link goes on asking."""
        self.state.update(missing=problem, asked=dict(asked))

    def _begin(self, compared_with: ComparedWith) -> None:
        self.state.update({"with": compared_with.value, "missing": "", "asked": {}})

    def end(self) -> None:
        """Compare no longer; the explorer shows what was open."""
        self._begin(ComparedWith.NOTHING)
        self.table.state["token"] += 1

    def keep_opened(self, reported: Any) -> dict[str, Any]:
        """What is open, from what the browser reported; the table shows the same when the comparison ends."""
        linked: dict[str, Any] = self.table.state["linked"]
        if isinstance(reported, dict):
            chosen = selection_to_json(selection_from_json(reported))
            linked = {**linked, **{name: chosen[name] for name in OPENED}}
            self.table.state["linked"] = linked
        return linked

    @property
    def keepsake(self) -> StoredState:
        """What a browser keeps of it."""
        return StoredState(f"comparison{self.table.suffix}", self._write, self._restore)

    def _write(self) -> dict[str, Any] | None:
        kept = self.state
        if self.compared_with is ComparedWith.NOTHING:
            return None
        if self.compared_with is not ComparedWith.NETWORK:
            return {"with": kept["with"]}
        if len(kept["data"] or b"") > MOST_KEPT:
            return None
        data = None if kept["data"] is None else base64.b64encode(kept["data"]).decode()
        return {name: kept[name] for name in ("with", "key", "title", "source")} | {"data": data}

    def _restore(self, written: dict[str, Any]) -> None:
        """Raises: ValueError, KeyError, TypeError for what is not of `_write`; nothing has changed then."""
        if written["with"] == ComparedWith.IMAGE:
            self.begin_image()
            return
        if written["with"] == ComparedWith.EDITS:
            self.begin_edits()
            return
        key, data = str(written["key"]), written["data"] and base64.b64decode(written["data"], validate=True)
        if key not in network_keys() and not is_own_key(key):
            raise ValueError(f"network must be one of ours or of a visitor, got {key!r}")
        self.begin_network(NetworkFile(key, str(written["title"]), data, written["source"]))


def _lay_another(table: DrawPageState, beside: DrawPageState) -> None:
    """Another image of ours than the one that lies beside it."""
    if table.recipe.reads_drawings:
        table.lay_sample(table.recipe.subject.samples[-1].key)
    elif table.known > 1:
        table.lay_known(1 if beside.drawing["digit"] != 1 else 0)
