"""What a network is trained on: sets of pictures, and which part of them somebody chose.

`load(DataChoice("digits"))` gives pictures for training, for validation and, where there is one, for the test.
"""

from cnnviz.imagesets.choice import DataChoice, SetKey
from cnnviz.imagesets.loading import load, mean_and_std, whole
from cnnviz.imagesets.records import ImageSet, SetError, Sets
from cnnviz.imagesets.sources import title_of

__all__ = [
    "DataChoice",
    "ImageSet",
    "SetError",
    "SetKey",
    "Sets",
    "load",
    "mean_and_std",
    "title_of",
    "whole",
]
