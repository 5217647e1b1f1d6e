"""Is it an X or an O? The first lesson: nine by nine pixels, three features, a verdict; every number is PyTorch's.

`Lesson` is what the reader can change (picture, features, votes), `run_lesson` what PyTorch makes of it, layer by
layer. Refuses to know: pages, colours, words that readers see.
"""

from cnnviz.lesson.covering import DenseAsConvolution, dense_as_convolution
from cnnviz.lesson.network import DEEP, FEATURES, SHORT, VOTES, deep_network, short_network
from cnnviz.lesson.pictures import (
    IDEAL_O,
    IDEAL_X,
    PRESETS,
    Agreement,
    LessonImage,
    Letter,
    cell_agreement,
    find_lesson_image,
)
from cnnviz.lesson.records import lesson_from_json, lesson_from_link, lesson_to_json, lesson_to_link
from cnnviz.lesson.run import Lesson, LessonError, LessonRun, run_lesson

__all__ = [
    "DEEP",
    "FEATURES",
    "IDEAL_O",
    "IDEAL_X",
    "PRESETS",
    "SHORT",
    "VOTES",
    "Agreement",
    "DenseAsConvolution",
    "Lesson",
    "LessonError",
    "LessonImage",
    "LessonRun",
    "Letter",
    "cell_agreement",
    "deep_network",
    "dense_as_convolution",
    "find_lesson_image",
    "lesson_from_json",
    "lesson_from_link",
    "lesson_to_json",
    "lesson_to_link",
    "run_lesson",
    "short_network",
]
