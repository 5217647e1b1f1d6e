"""`python -m cnnviz download mnist` or `birds`: fetch a data set, the one command that needs a network."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cnnviz.data.datasets import MNIST_SPLITS, data_folder, mnist
from cnnviz.data.image_sets import DataChoice, SetKey, fetch_cifar, load_images
from cnnviz.data.image_sets.birds import has_birds
from cnnviz.i18n import _

if TYPE_CHECKING:
    from tqdm import tqdm


def register(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("dataset", choices=list(_DATASETS))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Fetch what is not there yet."""
    return _DATASETS[arguments.dataset]()


def _mnist() -> int:
    """Both parts, as far as they are not there yet."""
    count = sum(len(mnist(split, download=True)) for split in MNIST_SPLITS)
    print(_("{count} images in {folder}", count=count, folder=data_folder()))
    return 0


def _birds() -> int:
    """CIFAR-10, unless birds and airplanes are there."""
    if not has_birds():
        from tqdm import tqdm  # MNIST does without

        with tqdm(unit="B", unit_scale=True, desc="CIFAR-10", disable=None) as bar:
            fetch_cifar(lambda done, total: _move(bar, done, total))
    sets = load_images(DataChoice(SetKey.BIRDS))
    print(_("{count} images in {folder}", count=len(sets.training) + len(sets.validation), folder=data_folder()))
    return 0


def _move(bar: tqdm, done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


_DATASETS = {"mnist": _mnist, "birds": _birds}
