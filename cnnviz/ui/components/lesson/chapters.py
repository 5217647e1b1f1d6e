"""The chapters of the first lesson: what to do, what is seen, which words of the glossary belong there."""

from __future__ import annotations

from typing import TypedDict

from cnnviz.messages import _


class Chapter(TypedDict):
    """One chapter: its title in the row, what to do first, some short paragraphs, words of the glossary."""

    title: str
    prompt: str
    tells: list[str]
    words: list[str]


def chapters() -> list[Chapter]:
    """All chapters, in their order."""
    return [_picture(), _features(), _match(), _relu(), _pooling(), _stack(), _votes(), _covering()]


def _picture() -> Chapter:
    return {
        "title": _("The picture"),
        "prompt": _("Take “X, small and moved” from the ready-made pictures. Then draw your own."),
        "tells": [
            _("A picture is numbers: 1 where there is ink, −1 where there is paper, 9 × 9 = 81 of them."),
            _(
                "Is it an X or an O? The first idea is to lay it over a perfect X and a perfect O and to count the "
                "cells that agree."
            ),
            _(
                "That fails. The eye sees an X at once, wherever it stands. The count sees 81 cells, and a step to "
                "the side is enough to make it an O."
            ),
            _("So we shall not compare whole pictures. We look for small pieces."),
        ],
        "words": [_("input")],
    }


def _features() -> Chapter:
    return {
        "title": _("Three features"),
        "prompt": _("Point at a feature to see where it fits. Click one of its cells to flip it."),
        "tells": [
            _(
                "A feature is a tiny picture: a piece of what we look for. An X has strokes like \\, strokes like "
                "/, and a crossing."
            ),
            _("Move the X, and its pieces come along. Only the place where they fit is another."),
            _("In a trained network nobody chooses the features: training finds them."),
        ],
        "words": [_("feature"), _("kernel"), _("weight")],
    }


def _match() -> Chapter:
    return {
        "title": _("Match scores"),
        "prompt": _("Predict how large the map will be. Then step on, and watch the window."),
        "tells": [
            _(
                "The feature is laid over nine cells of the picture. Where both are the same, the product is 1; "
                "where they differ, it is −1."
            ),
            _(
                "The mean of the nine products is the match score: 1 is a perfect match, −1 the perfect opposite, 0 "
                "no relation."
            ),
            _("The window visits every place. All the scores together are a map of where the feature is."),
            _("Click a cell of the map to jump there. Tick “Let me guess first” to test yourself."),
        ],
        "words": [_("match score"), _("convolution"), _("feature map"), _("window")],
    }


def _relu() -> Chapter:
    return {
        "title": _("ReLU"),
        "prompt": _("Step on: what happens to a negative number?"),
        "tells": [
            _("Every negative number becomes 0, every other one stays. One colour disappears from the map."),
            _("What is left says where the feature is. How much it is not there no longer counts."),
        ],
        "words": [_("activation")],
    }


def _pooling() -> Chapter:
    return {
        "title": _("Pooling"),
        "prompt": _("Predict how large the map will be. Then step on."),
        "tells": [
            _("A window of 2×2 jumps over the map, two cells at a time, and keeps the largest number."),
            _(
                "The map shrinks, the strong matches stay. Where exactly they were matters less now: that is what "
                "helps against shifts."
            ),
            _("Seven is odd, so the last window hangs over the edge. It keeps the largest of what it covers."),
        ],
        "words": [_("pooling"), _("stride"), _("ceil mode")],
    }


def _stack() -> Chapter:
    return {
        "title": _("Stacking"),
        "prompt": _("Click a map, then one of its cells, to see where the number comes from."),
        "tells": [
            _(
                "The layers repeat: what comes out of one goes into the next. The picture of 9×9 becomes three maps "
                "of 2×2."
            ),
            _(
                "The second and third convolution look for matches of matches: three \\ in a row along \\ are a "
                "long stroke. The middle kernel reads all three maps, for a crossing is a \\ and a / at one place."
            ),
            _("A border of 0 around their input keeps the size of the map. Their patterns are given here."),
        ],
        "words": [_("layer"), _("channel"), _("padding"), _("receptive field")],
    }


def _votes() -> Chapter:
    return {
        "title": _("Votes"),
        "prompt": _("Drag a vote up or down, or type one, and watch the answer."),
        "tells": [
            _(
                "The twelve values are laid in one column. Each votes for X and for O, each time with a weight of "
                "its own: the thicker the line, the more it counts."
            ),
            _("A score is the sum of all values times their weights. The larger one is the answer."),
            _(
                "Where do the votes come from? Training finds them. These were found by a search, so that all ten "
                "ready-made pictures are read right."
            ),
            _("It always answers X or O, even where nothing is drawn: it has no way to say neither."),
        ],
        "words": [_("flatten"), _("fully connected layer, fc"), _("score"), _("softmax")],
    }


def _covering() -> Chapter:
    return {
        "title": _("The same, as a convolution"),
        "prompt": _("Compare the two numbers. Then change the picture."),
        "tells": [
            _(
                "Leave the three maps as they are, and put the twelve votes for X in the same order: they are a "
                "kernel as large as the whole input."
            ),
            _(
                "It has one place to stand, so it gives one number: the same score. A fully connected layer is a "
                "convolution whose kernel covers its whole input."
            ),
        ],
        "words": [_("fully connected layer, fc"), _("convolution")],
    }
