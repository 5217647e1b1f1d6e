"""Which of the shipped networks for a subject a reader looks into, on one drawing; and whether all answers are seen.

Only what is chosen is loaded. Refuses to know: what the networks are (`subjects`, `zoo`), how an answer looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.links import view_from_link
from cnnviz.ui.draw.draw_state import DrawPageState, tables_for


@dataclass(frozen=True)
class NetworkChoice:
    """The choice between the networks for the subject of `first`, whose drawing all of them share."""

    first: DrawPageState

    @property
    def tables(self) -> tuple[DrawPageState, ...]:
        """One for each network, the first one first."""
        return tables_for(self.first)

    @property
    def state(self) -> dict[str, Any]:
        """Plain values: the key of the network, and whether all answers are seen. At first what the link says."""
        name = f"chosen_network{self.first.suffix}"
        if name not in st.session_state:
            view = view_from_link(st.query_params.to_dict())
            st.session_state[name] = {"network": view.network, "both": view.has_all_answers}
        kept: dict[str, Any] = st.session_state[name]
        return kept

    @property
    def table(self) -> DrawPageState:
        """The table of the network that is chosen."""
        chosen = self.state["network"]
        return next((table for table in self.tables if table.network == chosen), self.first)

    def open(self) -> DrawPageState:
        """The table of the network that is chosen, with what lies on it."""
        table = self.table
        table.open()
        return table

    @property
    def beside(self) -> tuple[DrawPageState, ...]:
        """The tables whose answers stand beside that of the chosen one: none, unless the reader asked for them."""
        if not self.state["both"]:
            return ()
        others = tuple(table for table in self.tables if table.network != self.table.network)
        for table in others:
            table.open({})
        return others

    def choose(self) -> None:
        """The networks by their names, and a switch for all answers."""
        network, both = f"network{self.first.suffix}", f"answers{self.first.suffix}"
        st.session_state[network], st.session_state[both] = self.table.network, self.state["both"]
        names = self.first.recipe.subject.words.networks
        st.segmented_control(
            _("Network"), list(names), format_func=names.__getitem__, required=True, label_visibility="collapsed",
            key=network, on_change=self._take, args=("network", network),
        )  # fmt: skip
        st.toggle(_("Both answers"), key=both, on_change=self._take, args=("both", both))

    def _take(self, name: str, widget: str) -> None:
        self.state[name] = st.session_state[widget]


def facts_of(table: DrawPageState) -> str:
    """What is published of the network of a table, beside the first one; "" for the first."""
    if table.first is None:
        return ""
    chosen = trained_network(table.network)
    test, pen = (chosen.manifest.figures[name] for name in ("mnist_test", "pen_held_out"))
    return _(
        "{parameters} parameters. It classifies {test} of {images} MNIST test images and {pen} of {drawings} pen "
        "drawings by writers that training never saw correctly.",
        parameters=f"{chosen.manifest.parameters:,}", test=format_percent(test["accuracy"], 2), images=f"{test['n']:,}",
        pen=format_percent(pen["accuracy"], 2), drawings=f"{pen['n']:,}",
    )  # fmt: skip
