"""What a network is trained on: sets of pictures, and which part of them somebody chose.

`load(DataChoice("digits"))` gives pictures for training, for validation and, where there is one, for the test.
One's own: `take_zip(data)` gives a token, `DataChoice("own", upload=token)` the choice.
"""

from cnnviz.data.image_sets.birds import fetch_cifar
from cnnviz.data.image_sets.choice import DataChoice, SetKey
from cnnviz.data.image_sets.intake import take_folder, take_path, take_zip, zipped
from cnnviz.data.image_sets.loading import load, mean_and_std, whole
from cnnviz.data.image_sets.pools import Pool, Report
from cnnviz.data.image_sets.records import ImageSet, SetError, Sets
from cnnviz.data.image_sets.registry import is_there, title_of

__all__ = [
    "DataChoice",
    "ImageSet",
    "Pool",
    "Report",
    "SetError",
    "SetKey",
    "Sets",
    "fetch_cifar",
    "is_there",
    "load",
    "mean_and_std",
    "take_folder",
    "take_path",
    "take_zip",
    "title_of",
    "whole",
    "zipped",
]
