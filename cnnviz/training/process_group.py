"""Who trains together: one process alone, or several that each take a share of every batch.

Refuses to know: how processes are started (`torchrun` does), networks, optimisers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from cnnviz.i18n import _


class ProcessGroupBroken(RuntimeError):
    """Another process of the team is no longer there; its text is one sentence."""


def run_together(act: Callable[..., object], *what: object) -> None:
    """Something that all processes do at the same time. Raises: ProcessGroupBroken where one of them has gone."""
    try:
        act(*what)
    except RuntimeError as error:
        raise ProcessGroupBroken(
            _("another process of the group has ended: start all of them again, the run resumes after its last step.")
        ) from error


@dataclass(frozen=True)
class ProcessGroup:
    """`size` processes, this one has the number `rank` (from 0); a batch is cut into contiguous shares.

    >>> from cnnviz.training import ProcessGroup
    >>> [ProcessGroup(rank, size=2).share(5) for rank in range(2)]
    [slice(0, 2, None), slice(2, 5, None)]
    """

    rank: int = 0
    size: int = 1

    @property
    def is_alone(self) -> bool:
        """Whether there is nobody to wait for."""
        return self.size == 1

    @property
    def leads(self) -> bool:
        """Whether this process is the one that writes and speaks."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """This process's part of `count` things: shares differ by one at most."""
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Each tensor becomes its sum over all processes, in place, in one message."""
        if self.is_alone:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        run_together(dist.all_reduce, flat)
        for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view(tensor.shape))


ALONE = ProcessGroup()
