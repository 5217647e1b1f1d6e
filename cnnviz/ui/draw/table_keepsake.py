"""What a browser keeps of a table: written as plain values, and laid down again when its reader comes back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from cnnviz.data.fitted_images import Fit
from cnnviz.data.pixel_edits import read_pixel_edits
from cnnviz.data.strokes import Sketch
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.draw.contents import check_stored
from cnnviz.ui.draw.preprocessing import SWITCHES
from cnnviz.ui.mount.sketchpad import drawn
from cnnviz.web.edits.state import edits_state_from_json, edits_state_to_json
from cnnviz.web.selection import Panel, known_panels, selection_from_json, selection_to_json

if TYPE_CHECKING:
    from cnnviz.ui.draw.draw_state import DrawPageState


def written_table(table: DrawPageState) -> dict[str, Any] | None:
    """What the reader laid on the table and did to the network, as JSON; None for what a session starts with."""
    state, strokes = table.state, drawn(table.pad)["strokes"]
    has_other = table.recipe.reads_drawings and (state["digit"] is not None or state["upload"] is not None)
    is_as_drawn = not (state["off"] or table.pixels.known)
    if table.is_untouched and is_as_drawn and not (has_other or state["surgery"].get("done")):
        return None
    upload = state["upload"] and base64.b64encode(state["upload"]).decode()
    rest = {"off": sorted(state["off"]), "surgery": state["surgery"], "linked": state["linked"]}
    rest |= {"fit": table.fit.value, "pixels": table.pixels.known.text}
    return {"strokes": strokes, "digit": state["digit"], "upload": upload} | rest


def restore_table(table: DrawPageState, written: dict[str, Any]) -> None:
    """Lay it down again. Raises: ValueError, KeyError, TypeError for what is not of `written_table`."""
    sketch = Sketch.from_record({"strokes": written["strokes"]})
    upload = written["upload"] and base64.b64decode(written["upload"], validate=True)
    if upload:
        check_stored(upload, table.recipe)
    anatomy = trained_network(table.network).anatomy
    surgery = edits_state_to_json(edits_state_from_json(written["surgery"], anatomy))
    linked = table.state["linked"]  # what the address says is open is never older
    surgery["open"] = surgery["open"] or Panel.EDIT in known_panels(linked["panels"])
    table.lay_found(sketch)
    table.pixels.lay(read_pixel_edits(written.get("pixels")))
    table.state.update(
        digit=written["digit"] if isinstance(written["digit"], int) else None, upload=upload or None,
        off=frozenset(SWITCHES).intersection(written["off"]), surgery=surgery,
        linked=linked if linked["layer"] else selection_to_json(selection_from_json(written["linked"])),
        token=table.state["token"] + 1, fit=str(written.get("fit", Fit.CENTRE)),
    )  # fmt: skip
