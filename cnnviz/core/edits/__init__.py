"""Surgery on a trained network: edits as values, the network with them, and what they change.

An edit never touches the network that it is about: `edited` gives a twin for one use. Refuses to know: pages, sessions.
"""

from cnnviz.core.edits.describe import in_words
from cnnviz.core.edits.edit import Edit, EditError, Op, read_edit
from cnnviz.core.edits.editable import Anatomy, Part, anatomy_of
from cnnviz.core.edits.edited_model import edited
from cnnviz.core.edits.history import Edits, read_edits
from cnnviz.core.edits.to_pytorch import script

__all__ = [
    "Anatomy",
    "Edit",
    "EditError",
    "Edits",
    "Op",
    "Part",
    "anatomy_of",
    "edited",
    "in_words",
    "read_edit",
    "read_edits",
    "script",
]
