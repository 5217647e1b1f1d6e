"""Loss and accuracy of an epoch from those of its batches: the means over its images, as they were trained on."""

from __future__ import annotations

from collections.abc import Iterable

from cnnviz.training.reports import SetScore, StepReport


class EpochMeans:
    """Adds up steps until the epoch is taken. The last batch of an epoch may be smaller: it counts by its images.

    >>> from cnnviz.training.reports import StepReport
    >>> from cnnviz.training.worker.epoch_means import EpochMeans
    >>> means = EpochMeans(images=3, batch=2)
    >>> means.add([StepReport(1, 0.9, 0.5, 0.1), StepReport(2, 0.3, 1.0, 0.1)])
    >>> score = means.take()
    >>> round(score.loss, 6), round(score.accuracy, 6), score.n
    (0.7, 0.666667, 3)
    """

    def __init__(self, images: int, batch: int) -> None:
        self._images, self._batch = images, batch
        self._steps = max(1, -(-images // batch))
        self._sums = [0.0, 0.0, 0]

    def add(self, reports: Iterable[StepReport]) -> None:
        """Steps that were taken, in order."""
        for report in reports:
            is_last = report.step % self._steps == 0
            n = self._images - (self._steps - 1) * self._batch if is_last else self._batch
            self._sums = [self._sums[0] + n * report.loss, self._sums[1] + n * report.accuracy, self._sums[2] + n]

    def take(self) -> SetScore:
        """The means so far; the next epoch begins."""
        loss, accuracy, n = self._sums
        self._sums = [0.0, 0.0, 0]
        return SetScore(loss / max(n, 1), accuracy / max(n, 1), int(n))
