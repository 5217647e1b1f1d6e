"""What a run of a page has made reaches the browser, however soon the next run begins.

When a run of a fragment begins, Streamlit (1.67.0) drops what waits to be sent for that fragment. Where the run of the
whole page before it has ended meanwhile, its end is sent all the same: the browser then takes off the page what it
never got, such as the explorer, together with its cursor, focus and running animation, and puts a new one there soon
after. On a busy machine this happened to one visitor in two. So once a run has ended, nothing of it is dropped.
"""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_clear = ForwardMsgQueue.clear


def keep_unsent() -> None:
    """From now on the messages of a finished run are sent whole, in every session of this process."""
    setattr(ForwardMsgQueue, "clear", _clear_unfinished)  # noqa: B010 - a method of theirs


def _clear_unfinished(
    queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
) -> None:
    waiting = list(queue._queue)
    _clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
    if retain_lifecycle_msgs and fragment_ids_this_run:
        end = max((at + 1 for at, message in enumerate(waiting) if _ends_a_whole_page(message)), default=0)
        kept = {id(message) for message in queue._queue}
        queue._queue = [*waiting[:end], *(message for message in waiting[end:] if id(message) in kept)]


def _ends_a_whole_page(message: ForwardMsg) -> bool:
    return (
        message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
    )
