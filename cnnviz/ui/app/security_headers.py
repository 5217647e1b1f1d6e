"""What every answer tells the browser: whose code, images and connections a page of ours may use, and who may frame it.

The browser enforces it, whatever a page has been talked into: a picture from elsewhere is not fetched, a script that
stands in a text is not run, another site cannot put the app into a frame and have people click in it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from streamlit import config, file_util

Headers = list[tuple[bytes, bytes]]

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_POLICY = {
    "default-src": "'none'",
    # blob: Streamlit makes a module of each component's JavaScript; its protocol buffers are read by WebAssembly
    "script-src": "'self' blob: 'wasm-unsafe-eval' {inline}",
    "style-src": "'self' 'unsafe-inline'",  # Streamlit writes style sheets into the page
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' blob:",  # the camera
    "connect-src": "'self' ws://{host} wss://{host}",  # some browsers take 'self' for http alone
    "worker-src": "'self' blob:",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self' {framing}",
}


def security_headers(host: str) -> Headers:
    """The headers of every answer of a server that was asked as `host`, a name of its own."""
    framing = allowed_origins()
    policy = content_policy(host, framing)
    plain = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",  # an address holds a drawing, and may hold a token
        "cross-origin-resource-policy": "same-origin",
    }
    if not framing:
        plain["x-frame-options"] = "SAMEORIGIN"  # for browsers that do not know frame-ancestors
    return [(name.encode(), value.encode("latin-1")) for name, value in plain.items()]


def allowed_origins() -> tuple[str, ...]:
    """The other sites that may use and frame the app: `server.corsAllowedOrigins`, empty unless somebody sets it."""
    return tuple(origin.strip().rstrip("/").lower() for origin in config.get_option("server.corsAllowedOrigins"))


def content_policy(host: str, framing: Iterable[str] = ()) -> str:
    """The policy as a header says it."""
    words = {"host": host, "framing": " ".join(framing), "inline": " ".join(inline_scripts())}
    return "; ".join(f"{name} {rule.format(**words).strip()}" for name, rule in _POLICY.items())


@lru_cache(maxsize=1)
def inline_scripts() -> tuple[str, ...]:
    """The marks of the scripts that stand in Streamlit's own page: these run, and no other that stands in a text."""
    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    return tuple(f"'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(page))


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
