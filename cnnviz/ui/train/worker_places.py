"""The places of the machine that the workers of this server hold: each while its run goes on, none after its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

from cnnviz.processes import MachinePlaces, Place, start_thread
from cnnviz.training.worker import Worker


class WorkerPlaces:
    """Who holds which place. places: of the machine; None for as many as are wanted."""

    def __init__(self, places: MachinePlaces | None) -> None:
        self._places = places
        self._held: WeakKeyDictionary[Worker, HeldPlaces] = WeakKeyDictionary()

    @property
    def has_free(self) -> bool:
        """Whether somebody could take one now."""
        return self._places is None or self._places.has_free

    def take(self) -> Place | None:
        """A place that nobody has; None where there is none."""
        return Place(None) if self._places is None else self._places.take()

    def hold(self, worker: Worker, place: Place) -> None:
        """The place is the worker's until `release`, or until its process has ended, which nobody may ask for long.

        Raises: OSError where the machine has no room for a thread; the place is then nobody's, and still held.
        """
        if self._places is None:
            return
        held = self._held.get(worker)
        if held is None:
            held = HeldPlaces()
            start_thread(_end_after, worker.wait, held, name="place")
            self._held[worker] = held
        held.add(place)

    def release(self, worker: Worker) -> None:
        """Its run is over."""
        held = self._held.get(worker)
        if held is not None:
            held.release()


class HeldPlaces:
    """The places of one worker. Its run's end and its process's end may be seen by two threads at the same moment."""

    def __init__(self) -> None:
        self._lock, self._places, self._has_ended = threading.Lock(), list[Place](), False

    def add(self, place: Place) -> None:
        """One more; free at once where the process has ended already."""
        with self._lock:
            self._places.append(place)
            is_late = self._has_ended
        if is_late:
            self.release()

    def release(self) -> None:
        """Each is free, once."""
        with self._lock:
            free, self._places = self._places, []
        for place in free:
            place.release()

    def end(self) -> None:
        """The process has ended: whatever it still gets is free at once."""
        with self._lock:
            self._has_ended = True
        self.release()


def _end_after(wait: Callable[[], object], held: HeldPlaces) -> None:
    wait()
    held.end()
