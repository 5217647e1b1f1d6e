"""Surgery on a trained network: edits as values, the network with them, and what they change.

An edit never touches the network that it is about: `apply_edits` gives a twin for one use. Refuses to know: pages,
sessions.
"""

from cnnviz.core.edits.describe import describe_edit
from cnnviz.core.edits.edit import Edit, EditError, EditKind, read_edit
from cnnviz.core.edits.editable import EditableLayer, EditableLayers, editable_layers
from cnnviz.core.edits.edited_model import apply_edits, find_editable
from cnnviz.core.edits.history import Edits, read_edits
from cnnviz.core.edits.to_pytorch import edits_to_pytorch

__all__ = [
    "Edit",
    "EditError",
    "EditKind",
    "EditableLayer",
    "EditableLayers",
    "Edits",
    "apply_edits",
    "describe_edit",
    "editable_layers",
    "edits_to_pytorch",
    "find_editable",
    "read_edit",
    "read_edits",
]
