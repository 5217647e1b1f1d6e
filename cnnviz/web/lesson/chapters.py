"""The chapters of the first lesson: what to do, what is seen, which words of the glossary belong there."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from cnnviz.i18n import _


class Chapter(TypedDict):
    """One chapter: title in the row, what to do first (and for a finger), paragraphs (some wait for the answer)."""

    title: str
    prompt: str
    prompt_touch: NotRequired[str]
    tells: list[str]
    after: list[str]
    words: list[str]


def chapters() -> list[Chapter]:
    """All chapters, in their order."""
    return [_picture(), _features(), _match(), _relu(), _pooling(), _stack(), _votes(), _covering()]


def _picture() -> Chapter:
    return {
        "title": _("The picture"),
        "prompt": _(
            "Answer the question first. Then draw your own picture, or take a ready-made one, and watch the count."
        ),
        "tells": [
            _("A picture is numbers: 1 where there is ink, −1 where there is paper, 9 × 9 = 81 of them."),
            _(
                "Is it an X or an O? The first idea is to lay it over a perfect X and a perfect O and to count the "
                "cells that agree."
            ),
        ],
        "after": [
            _("So counting cells fails for letters that have moved, and the table shows more examples."),
            _("Therefore we shall not compare whole pictures. We look for small pieces."),
        ],
        "words": [_("input")],
    }


def _features() -> Chapter:
    return {
        "title": _("Three features"),
        "prompt": _("Answer first. Then point at a feature to see where it fits; click one of its cells to flip it."),
        "prompt_touch": _(
            "Answer first. Then tap a cell of a feature: it is flipped, and you see where the feature fits."
        ),
        "tells": [
            _(
                "A feature is a tiny picture: a piece of what we look for. An X has strokes like \\, strokes like "
                "/, and a crossing."
            ),
            _(
                "Its numbers are weights. They have two colours of their own on every page, for a weight is not ink: "
                "1 looks for ink, −1 looks for paper."
            ),
        ],
        "after": [
            _("Move the X, and its pieces come along. Only the place where they fit changes."),
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
        ],
        "after": [
            _("The window visits every place. All the scores together are a map of where the feature is."),
            _("Press a cell of the map to jump there. Tick “Let me guess first” to test yourself."),
        ],
        "words": [_("match score"), _("convolution"), _("feature map"), _("window")],
    }


def _relu() -> Chapter:
    return {
        "title": _("ReLU"),
        "prompt": _("Predict what becomes of a negative number. Then step on."),
        "tells": [
            _(
                "In the map of match scores a number above 0 means that the window is more like the feature, one below "
                "0 that it is more like its opposite."
            ),
        ],
        "after": [
            _("Every negative number becomes 0, every other one stays. One colour disappears from the map."),
            _("What is left says where the feature is. How much it is not there no longer counts."),
            _(
                "ReLU is short for rectified linear unit. Without it, two convolutions in a row would do no more "
                "than one."
            ),
        ],
        "words": [_("activation")],
    }


def _pooling() -> Chapter:
    return {
        "title": _("Pooling"),
        "prompt": _("Predict how large the map will be. Then step on."),
        "tells": [
            _("A window of 2×2 jumps over the map, two cells at a time, and keeps the largest number."),
            _("Seven is odd, so the last window hangs over the edge. It keeps the largest of what it covers."),
        ],
        "after": [
            _(
                "The map shrinks, the strong matches stay. Where exactly they were matters less now: that is what "
                "helps against shifts."
            ),
            _(
                "The mean of each window is the other usual way: average pooling. It keeps a bit of every number, so "
                "one strong match among zeros is weakened to a quarter. Try it: the chapters after this one keep the "
                "largest."
            ),
        ],
        "words": [_("pooling"), _("stride"), _("ceil mode")],
    }


def _stack() -> Chapter:
    return {
        "title": _("Stacking"),
        "prompt": _("Answer first. Then press a map and one of its cells, to see where the number comes from."),
        "tells": [
            _("The layers repeat: what comes out of one goes into the next."),
            _(
                "The second and third convolution look for matches of matches: three \\ in a row along \\ are a "
                "long stroke. The middle kernel reads all three maps, for a crossing is a \\ and a / at one place."
            ),
        ],
        "after": [
            _(
                "The picture of 9×9 has become three maps of 2×2. A border of 0 around the input of a convolution "
                "keeps its size."
            ),
            _(
                "The kernels of the second and third convolution were set by hand for this lesson, and stay as they "
                "are. In a trained network training finds these too: “Teach it yourself” shows how."
            ),
        ],
        "words": [_("layer"), _("channel"), _("padding"), _("receptive field")],
    }


def _votes() -> Chapter:
    return {
        "title": _("Votes"),
        "prompt": _(
            "Answer first. Then drag a vote up or down, or type one: can you make this picture the other letter?"
        ),
        "tells": [
            _(
                "The twelve values are laid in one column. Each votes for X and for O, each time with a weight of "
                "its own: the thicker the line, the more it counts; a dashed line counts against."
            ),
            _("A score is the sum of all values times their weights. The larger one is the answer."),
        ],
        "after": [
            _(
                "Where do the votes come from? Training finds them. These were found by a search, so that all ten "
                "ready-made pictures are classified correctly."
            ),
            _("A network of two scores always answers X or O. It cannot say “neither”, not even for empty paper."),
        ],
        "words": [_("flatten"), _("fully connected layer, fc"), _("score"), _("softmax")],
    }


def _covering() -> Chapter:
    return {
        "title": _("The same, as a convolution"),
        "prompt": _("Answer first, and compare the two numbers. Then change the picture."),
        "tells": [
            _(
                "Leave the three maps as they are, and put the twelve votes for X in the same order: they are a "
                "kernel as large as the whole input."
            ),
        ],
        "after": [
            _(
                "It has one place to stand, so it gives one number: the same score. A fully connected layer is a "
                "convolution whose kernel covers its whole input."
            ),
        ],
        "words": [_("fully connected layer, fc"), _("convolution")],
    }
