"""Surgery on a trained network: edits as values, the network with them, and what they change.

An edit never touches the network that it is about: `edited` gives a twin for one use. Refuses to know: pages, sessions.
"""

from cnnviz.evaluation.edited_accuracy import Score, advance, in_a_sentence
from cnnviz.surgery.anatomy import Anatomy, Part, anatomy_of
from cnnviz.surgery.edits import Edit, EditError, Op, read_edit
from cnnviz.surgery.history import Edits, read_edits
from cnnviz.surgery.operations import edited
from cnnviz.surgery.script import script
from cnnviz.surgery.words import in_words

__all__ = [
    "Anatomy",
    "Edit",
    "EditError",
    "Edits",
    "Op",
    "Part",
    "Score",
    "advance",
    "anatomy_of",
    "edited",
    "in_a_sentence",
    "in_words",
    "read_edit",
    "read_edits",
    "script",
]
