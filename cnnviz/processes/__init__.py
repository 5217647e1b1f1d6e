"""Processes of our own beside the server: started (`child`), ended by themselves (`watchdog`), bounded (`registry`).

Trainings and experiments are both such processes. Refuses to know: what a process does, and how it is spoken to.
"""

from cnnviz.processes.child import end_process, module_command, start_process, start_thread, threads_to_use
from cnnviz.processes.places import MachinePlaces, Place
from cnnviz.processes.registry import Registry
from cnnviz.processes.watchdog import UNWATCHED, Watchdog, make_room

__all__ = [
    "UNWATCHED",
    "MachinePlaces",
    "Place",
    "Registry",
    "Watchdog",
    "end_process",
    "make_room",
    "module_command",
    "start_process",
    "start_thread",
    "threads_to_use",
]
