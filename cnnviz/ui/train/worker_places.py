"""The places of the machine that the workers of this server hold: each while its run goes on, none after its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

from cnnviz.processes import MachinePlaces, Place
from cnnviz.training.worker import Worker


class WorkerPlaces:
    """Who holds which place. places: of the machine; None for as many as are wanted."""

    def __init__(self, places: MachinePlaces | None) -> None:
        self._places = places
        self._held: WeakKeyDictionary[Worker, list[Place]] = WeakKeyDictionary()

    @property
    def has_free(self) -> bool:
        """Whether somebody could take one now."""
        return self._places is None or self._places.taken < self._places.most

    def take(self) -> Place | None:
        """A place that nobody has; None where there is none."""
        return Place(None) if self._places is None else self._places.take()

    def hold(self, worker: Worker, place: Place) -> None:
        """The place is the worker's until `release`, or until its process has ended, which nobody may ask for long."""
        if self._places is None:
            return
        held = self._held.get(worker)
        if held is None:
            held = self._held[worker] = []
            threading.Thread(target=_release_after, args=(worker.wait, held), name="place", daemon=True).start()
        held.append(place)

    def release(self, worker: Worker) -> None:
        """Its run is over."""
        _release(self._held.get(worker, []))


def _release_after(wait: Callable[[], object], held: list[Place]) -> None:
    wait()
    _release(held)


def _release(held: list[Place]) -> None:
    while held:
        held.pop().release()
