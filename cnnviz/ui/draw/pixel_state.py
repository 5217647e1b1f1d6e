"""The pixels of a table's input that are set by hand, in a session: as a text, with a token for what lies there.

Refuses to know: what else lies on the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from cnnviz.data.pixel_edits import PixelEdits, pixel_edits_from_json, read_pixel_edits
from cnnviz.ui.draw.contents import DrawingContents
from cnnviz.ui.mount.pixel_editor import mount_pixel_editor, reported_pixels
from cnnviz.web.pixel_editor import pixels_packet

TEXT, TOKEN = "pixels", "pixels_token"


def fresh_pixels(pixels: PixelEdits) -> dict[str, str]:
    """What the session keeps of these pixels; a token that no browser has heard of."""
    return {TEXT: pixels.text, TOKEN: token_hex(4)}


@dataclass(frozen=True, eq=False)
class PixelState:
    """Those of one table: `state` is what the session keeps of it, `key` that of the editor."""

    key: str
    state: dict[str, Any]

    @property
    def known(self) -> PixelEdits:
        """As far as was heard."""
        return read_pixel_edits(self.state.get(TEXT))

    def lay(self, pixels: PixelEdits) -> None:
        """Set these pixels; what a browser still says of those before is overtaken."""
        self.state.update(fresh_pixels(pixels))

    def read(self) -> PixelEdits:
        """By what the browser reported last of what lies here, else as before."""
        if said := reported_pixels(self.key, str(self.state.get(TOKEN))):
            self.state[TEXT] = pixel_edits_from_json(said.get("cells")).text
        return self.known

    def show(self, table: DrawingContents) -> None:
        """The editor of the input's pixels."""
        image = table.prepared.image if table.drawn is None else table.drawn
        mount_pixel_editor(pixels_packet(image[0], table.pixels, str(self.state.get(TOKEN))), key=self.key)
