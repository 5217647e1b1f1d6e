"""Is it an X or an O? The first lesson: nine by nine pixels, three features, a verdict; every number is PyTorch's.

`Lesson` is what the reader can change (picture, features, votes), `run` what PyTorch makes of it, layer by layer.
Refuses to know: pages, colours, words that readers see.
"""

from cnnviz.lesson.covering import Covering, covering
from cnnviz.lesson.network import DEEP, FEATURES, SHORT, VOTES, deep_network, short_network
from cnnviz.lesson.pictures import IDEAL_O, IDEAL_X, PRESETS, Agreement, Letter, Preset, agreement, find_preset
from cnnviz.lesson.records import from_link, from_record, to_link, to_record
from cnnviz.lesson.run import Lesson, LessonError, LessonRun, run

__all__ = [
    "DEEP",
    "FEATURES",
    "IDEAL_O",
    "IDEAL_X",
    "PRESETS",
    "SHORT",
    "VOTES",
    "Agreement",
    "Covering",
    "Lesson",
    "LessonError",
    "LessonRun",
    "Letter",
    "Preset",
    "agreement",
    "covering",
    "deep_network",
    "find_preset",
    "from_link",
    "from_record",
    "run",
    "short_network",
    "to_link",
    "to_record",
]
