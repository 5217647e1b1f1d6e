"""What a browser keeps of a table: written as plain values, and laid down again when its reader comes back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from cnnviz.data.fitted_images import Fit
from cnnviz.data.pixel_edits import PixelEdits, read_pixel_edits
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
    """What the reader laid on the table and did to the network, as JSON; None for what a session starts with.

    Of a table on which the drawing of another one lies: what was done to its network.
    """
    surgery = {name: table.state[name] for name in ("surgery", "linked")}
    if table.first is not None:
        return surgery if surgery["surgery"].get("done") else None
    drawing, strokes = table.drawing, drawn(table.pad)["strokes"]
    has_other = table.recipe.reads_drawings and (drawing["digit"] is not None or drawing["upload"] is not None)
    is_as_drawn = not (drawing["off"] or table.pixels.known)
    if table.is_untouched and is_as_drawn and not (has_other or surgery["surgery"].get("done")):
        return None
    upload = drawing["upload"] and base64.b64encode(drawing["upload"]).decode()
    rest = {"off": sorted(drawing["off"]), "fit": table.fit.value, "pixels": table.pixels.known.text}
    return {"strokes": strokes, "digit": drawing["digit"], "upload": upload} | rest | surgery


def restore_table(table: DrawPageState, written: dict[str, Any]) -> None:
    """Lay it down again. Raises: ValueError, KeyError, TypeError for what is not of `written_table`."""
    drawing = _read_drawing(table, written) if table.first is None else None
    network = _read_network(table, written)
    if drawing is not None:
        sketch, pixels, rest = drawing
        table.lay_found(sketch)
        table.pixels.lay(pixels)
        table.drawing.update(rest)
    table.state.update(network)


def _read_drawing(table: DrawPageState, written: dict[str, Any]) -> tuple[Sketch, PixelEdits, dict[str, Any]]:
    """The strokes, the pixels set by hand, and what else the session keeps of what lies there."""
    sketch = Sketch.from_record({"strokes": written["strokes"]})
    upload = written["upload"] and base64.b64decode(written["upload"], validate=True)
    if upload:
        check_stored(upload, table.recipe)
    rest = {
        "digit": written["digit"] if isinstance(written["digit"], int) else None, "upload": upload or None,
        "off": frozenset(SWITCHES).intersection(written["off"]), "fit": str(written.get("fit", Fit.CENTRE)),
    }  # fmt: skip
    return sketch, read_pixel_edits(written.get("pixels")), rest


def _read_network(table: DrawPageState, written: dict[str, Any]) -> dict[str, Any]:
    """How the network was edited, and what was open."""
    anatomy = trained_network(table.network).anatomy
    surgery = edits_state_to_json(edits_state_from_json(written["surgery"], anatomy))
    linked = table.state["linked"]  # what the address says is open is never older
    surgery["open"] = surgery["open"] or Panel.EDIT in known_panels(linked["panels"])
    opened = linked if linked["layer"] else selection_to_json(selection_from_json(written["linked"]))
    return {"surgery": surgery, "linked": opened, "token": table.state["token"] + 1}
