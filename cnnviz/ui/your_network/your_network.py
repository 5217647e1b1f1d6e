"""The page "Your network" in a session: which network of the visitor's own lies open, how it came, how it is kept.

Pages that make a network hand it over with `lay`. Refuses to know: how a network is opened (`opened`), how it is looked
into (`draw_state`).
"""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from cnnviz.core.graph import GraphError
from cnnviz.data.image_sets import DataChoice
from cnnviz.i18n import _
from cnnviz.models.hand_off import TOKEN, HandOff, find_hand_off
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.sources import NetworkSource, with_settings
from cnnviz.models.subjects import PICTURE_SUBJECTS
from cnnviz.models.zoo import is_own_key, own_key
from cnnviz.ui.app.browser_store import StoredState, skip_stored
from cnnviz.ui.app.caches import recipe_of
from cnnviz.ui.app.links import view_from_link
from cnnviz.ui.draw.draw_state import DrawPageState
from cnnviz.ui.your_network import opened
from cnnviz.ui.your_network.linked_reading import LinkedReading, reading_from_link

PAGE = "pages/your_network.py"
SESSION = "your_network"
LONGEST_TITLE = 120
MOST_KEPT = 8_000_000  # bytes of a file that the browser keeps
SHIPPED = tuple(each.network for each in PICTURE_SUBJECTS)  # trained ones that are offered here
MOST_BEFORE, MOST_BYTES_BEFORE = 3, 200_000_000  # networks that lay open before, to compare with, and their files


def state() -> dict[str, Any]:
    """What this session keeps: plain values only. `data` is None where a link named a network that is open here.

    source: of a network from outside, how its file is read (`NetworkSource.to_record`). opened: how many so far.
    token: by which one was taken that a command had handed over. before: key, title, data and source of those that lay
    open before, the latest first.
    """
    fresh: dict[str, Any] = {
        "key": None, "data": None, "source": None, "title": "", "choice": None, "problem": "", "opened": 0, "token": "",
        "before": [],
    }  # fmt: skip
    kept: dict[str, Any] = st.session_state.setdefault(SESSION, fresh)
    return kept


def lay(
    data: bytes,
    title: str,
    own_pictures: DataChoice | None = None,
    strokes: list[Any] | None = None,
    picture: int | None = None,
) -> None:
    """Open a saved network on this page, `strokes` on its pad or else a picture of its data; turn to `PAGE` then.

    own_pictures: the visitor's own, where the network was trained on these.
    Raises: CheckpointError, one sentence, for a file that is none of ours; nothing has changed then.
    """
    key = opened.put_opened(data)
    choice = own_pictures and own_pictures.to_record()
    _keep(key, data, title=title[:LONGEST_TITLE], choice=choice)
    table = bench(key)
    table.open(None if _is_linked(key) else {})
    if strokes and table.recipe.reads_drawings:
        table.lay_strokes(strokes)
    elif picture is not None and picture < table.known:
        table.lay_known(picture)


def lay_shipped(key: str) -> None:
    """Open a trained network that ships with the app: one of `SHIPPED`."""
    _keep(key, None)
    bench(key).open(None if _is_linked(key) else {})


def lay_source(source: NetworkSource) -> None:
    """Open a network from outside; nothing has changed where it raises. The file of a link is read as the link says.

    Raises: ImportedNetworkError or GraphError, one sentence.
    """
    reading = reading_from_link(st.query_params.to_dict())
    if reading is not None and reading.is_of(source.content):  # whoever got a link and opens its file
        source = reading.applied_to(source)
    else:
        reading = None
    key = opened.put_source(source)
    is_linked = reading is not None or _is_linked(key)
    _keep_source(key, source)
    if reading is not None and reading.lacks_names(source):
        state()["problem"] = _names_missing()
    bench(key).open(None if is_linked else {})


def _take_hand_off() -> None:
    """What the command that started this server has handed over, for whoever comes by the address that it printed.

    Raises: ImportedNetworkError or GraphError, which the command has tried before.
    """
    token = st.query_params.get(TOKEN)
    if token is None or token == state()["token"]:
        return
    del st.query_params[TOKEN]  # an address is shared, and this is for its reader alone
    state()["token"] = token
    found = find_hand_off()
    if found is None or not found.is_for(token):
        state()["problem"] = _("What this address leads to is not here any more: start it again with “cnnviz open”")
        return
    skip_stored(KEEPSAKE)
    lay_source(found.source)
    if found.image:
        bench(str(state()["key"])).lay_upload(found.image, found.fit)


def _is_linked(key: str) -> bool:
    """Whether the address is a link to this network."""
    return view_from_link(st.query_params.to_dict()).network == key


def change_source(**changes: Any) -> None:
    """Read the file that lies open in another way; image, place and edits stay. Raises: as `lay_source`."""
    key, source = state()["key"], opened_source()
    if key is None or source is None:
        return
    other = with_settings(source, **changes)
    made = opened.put_source(other)
    if made != key:
        before = bench(key)
        _keep_source(made, other)
        bench(made).take_over(before)


def opened_source() -> NetworkSource | None:
    """How the network that lies open came from outside; None for one of ours, and where none lies open."""
    key = state()["key"]
    return opened.find_opened(key).source if is_own_key(key) else None


def _keep_source(key: str, source: NetworkSource) -> None:
    _keep(key, source.content, source=source.to_record())


def _keep(key: str, data: bytes | None, **rest: Any) -> None:
    fresh = {"source": None, "title": "", "choice": None, "problem": "", "opened": state()["opened"] + 1}
    state()["before"] = _before(key)
    state().update(fresh | {"key": key, "data": data} | rest)


def _before(key: str) -> list[dict[str, Any]]:
    """What lay open before `key` does: a few, of which the session keeps the files."""
    kept, size = state(), 0
    known = [one for one in kept["before"] if one["key"] not in (key, kept["key"])]
    if kept["data"] is not None and kept["key"] != key:
        last = {name: kept[name] for name in ("key", "data", "source")}
        known = [last | {"title": title_of(kept["key"])}, *known]
    found = []
    for one in known[:MOST_BEFORE]:
        size += len(one["data"])
        found += [one] if size <= MOST_BYTES_BEFORE else []
    return found


def title_of(key: str) -> str:
    """What the network that lies open is called."""
    return str(state()["title"]) or recipe_of(key).title


def bench(key: str) -> DrawPageState:
    """The table of the network called `key`: what lies on it stays with this network."""
    choice = state()["choice"] if state()["key"] == key else None
    return DrawPageState(key, suffix=f"_{key}", own=DataChoice.from_record(choice) if choice else None)


def current() -> str | None:
    """The key of the network that lies open, in memory again where it had been dropped; None where there is none."""
    _take_hand_off()
    kept = state()
    if kept["key"] is None:
        _take_link()
    if kept["key"] is None or kept["key"] in SHIPPED:
        return kept["key"]
    try:
        return opened.find_opened(kept["key"]).recipe.key
    except opened.NotOpened as gone:
        if kept["source"] is not None:
            return opened.put_source(NetworkSource.from_record(kept["source"], kept["data"]))
        if kept["data"] is not None:
            return opened.put_opened(kept["data"])
        if (handed := _handed(kept["key"])) is not None:
            return opened.put_source(handed.source)
        kept.update(key=None, problem=str(gone))
        return None


def _take_link() -> None:
    """The network that the page's address names, where it is open on this server."""
    named = view_from_link(st.query_params.to_dict()).network
    if named in SHIPPED:
        lay_shipped(named)
    if not is_own_key(named):
        return
    try:
        if (handed := _handed(named)) is not None:
            opened.put_source(handed.source)
        state().update(key=opened.find_opened(named).recipe.key, data=None, source=None, title="", choice=None)
    except opened.NotOpened as gone:
        reading = reading_from_link(st.query_params.to_dict())
        problem = str(gone) if reading is None else _take_reading(reading, named)
        state()["problem"] = problem


def _take_reading(reading: LinkedReading, named: str) -> str:
    """Open what a link says of a network that is not open here, where that is all; else what is missing, in words."""
    source = reading.random_source()
    if source is None:
        return reading.words
    try:
        key = opened.put_source(source)
    except (ImportedNetworkError, GraphError) as error:
        return str(error)
    _keep_source(key, source)
    bench(key).open()
    return "" if key == named else _names_missing()


def _names_missing() -> str:
    return _("The link was made with other class names: bring their list under “Classes and scaling”")


def _handed(key: str) -> HandOff | None:
    """What was handed to this server, where that is the network called `key`: whoever has the key has the network."""
    found = find_hand_off()
    return found if found is not None and own_key(found.digest) == key else None


def _write() -> dict[str, Any] | None:
    kept = state()
    if kept["key"] in SHIPPED:
        return {"shipped": kept["key"]}
    if kept["data"] is None or len(kept["data"]) > MOST_KEPT:
        return None
    rest = {name: kept[name] for name in ("title", "choice", "source")}
    return {"data": base64.b64encode(kept["data"]).decode(), **rest}


def _restore(written: dict[str, Any]) -> None:
    """Raises: ValueError, KeyError, TypeError for what is not of `_write`; nothing has changed then."""
    if "shipped" in written:
        lay_shipped(SHIPPED[SHIPPED.index(written["shipped"])])
        return
    choice = written["choice"] and DataChoice.from_record(written["choice"])
    data = base64.b64decode(written["data"], validate=True)
    if written.get("source"):
        lay_source(NetworkSource.from_record(written["source"], data))
    else:
        lay(data, str(written["title"]), choice or None)


KEEPSAKE = StoredState(SESSION, _write, _restore)
