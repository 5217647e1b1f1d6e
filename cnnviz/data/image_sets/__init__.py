"""What a network is trained on: sets of pictures, and which part of them somebody chose.

`load_images(DataChoice("digits"))` gives pictures for training, for validation and, where there is one, for the test.
One's own: `take_zip(data)` gives a token, `DataChoice("own", upload=token)` the choice.
"""

from cnnviz.data.image_sets.birds import fetch_cifar
from cnnviz.data.image_sets.choice import DataChoice, SetKey
from cnnviz.data.image_sets.intake import take_folder, take_path, take_zip, zip_files
from cnnviz.data.image_sets.loading import load_images, load_pool, mean_and_std
from cnnviz.data.image_sets.pools import DecodingReport, ImagePool
from cnnviz.data.image_sets.records import ImageSet, ImageSetError, ImageSplits
from cnnviz.data.image_sets.registry import is_available, set_title

__all__ = [
    "DataChoice",
    "DecodingReport",
    "ImagePool",
    "ImageSet",
    "ImageSetError",
    "ImageSplits",
    "SetKey",
    "fetch_cifar",
    "is_available",
    "load_images",
    "load_pool",
    "mean_and_std",
    "set_title",
    "take_folder",
    "take_path",
    "take_zip",
    "zip_files",
]
