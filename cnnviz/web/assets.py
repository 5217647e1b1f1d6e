"""A component's small ES modules, as the one string that Streamlit's inline components take.

A component is written as real ES modules (`index.js`, `geometry.js`, `../shared/dom.js`) that node
and a browser load as they are. `join_modules` lays them end to end in dependency order, without the
relative imports and without the `export` keywords of all but the entry. There is no build step.
Refuses to know JavaScript: it reads one plain style and raises on everything else, for a bundle that
is silently wrong is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

COMPONENTS = Path(__file__).parent
_FORCED = COMPONENTS / "shared" / "forced.css"
_NAME = r"[A-Za-z_$][\w$]*"
_OPAQUE = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r"|`(?:\\.|[^`\\])*`"
    r"|(?:(?<=[=(,:;\[!&|?{}])|(?<=return)|(?<==>))\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*",
    re.DOTALL,
)
_BRACKET = re.compile(r"[()\[\]{}]")
_IMPORT = re.compile(
    rf"^import\s*\{{(?P<names>\s*{_NAME}(?:\s*,\s*{_NAME})*\s*,?\s*)\}}\s*from\s*"
    rf"(?P<quote>[\"'])(?P<path>\.[^\"'\n]*)(?P=quote);?[ \t]*\n?",
    re.MULTILINE,
)
_EXPORT = re.compile(
    rf"^export\s+(?=(?:const|let)\s+{_NAME}\s*=|(?:async\s+)?function\b\s*\*?\s*{_NAME}|class\s+{_NAME})", re.MULTILINE
)
_DECLARATION = re.compile(
    rf"^(?:export\s+(?:default\s+)?)?"
    rf"(?:(?P<many>(?:const|let|var)\b[^;]*?(?=;|\n\S|\Z))|(?:async\s+)?(?:function\b\s*\*?|class\b)\s*(?P<one>{_NAME}))",
    re.MULTILINE,
)
_OTHER_FORM = re.compile(r"^(?:import|export)\b|\bimport\s*\(|^(?:const|let|var)\s*[{\[]", re.MULTILINE)
_EXPORTED_NAME = re.compile(rf"(?:const|let|class|(?:async\s+)?function\s*\*?)\s*({_NAME})")
_DECLARATOR = re.compile(rf"(?:^(?:const|let|var)\s+|,\s*)({_NAME})\s*(?:=|,|$)")


class AssetError(ValueError):
    """A component's modules cannot be joined; the message names the file and the way out."""


@dataclass(frozen=True)
class _Module:
    """One source file, read: what it imports (path → names), declares, exports, and its text without imports.

    `code` is `body` as `_outer` leaves it.
    """

    path: Path
    imports: tuple[tuple[Path, tuple[str, ...]], ...]
    declared: tuple[str, ...]
    exported: frozenset[str]
    body: str
    code: str


def join_modules(folder: Path, *names: str) -> str:
    """The modules that the entry needs, as one ES module with the entry's exports.

    The first of `names` (`index.js` when there is none) is the entry; its imports are followed through
    any depth, `../shared/` included. Further names are joined even when nothing imports them.

    Raises: `AssetError` for a missing file, a cycle, a name that is declared at the top level of two modules
    or not exported where it is imported from, and for any form of import or export but
    `import {a, b} from "./x.js"`, `export const`, `export let`, `export function`, `export class`,
    and the entry's `export default function`.
    `join_modules(Path("sketchpad"))` starts from `sketchpad/index.js`.
    """
    wanted = [(folder / name).resolve() for name in names or ("index.js",)]
    modules: dict[Path, _Module] = {}
    for path in wanted:
        _collect(path, modules, ())
    _refuse_unknown_names(modules)
    _refuse_clashes(modules)
    entry = modules.pop(wanted[0])
    joined = "\n".join([*(_without_exports(module) for module in modules.values()), entry.body])
    return _without_comments(joined)


def read_css(folder: Path) -> str:
    """The text of the component's `style.css`, and after it what all have in common: how contrast themes are met."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (folder / "style.css", _FORCED))


def _collect(path: Path, modules: dict[Path, _Module], chain: tuple[Path, ...]) -> None:
    """Read `path` and, before it, what it imports, into `modules` (which keeps that order)."""
    if path in chain:
        raise AssetError(f"modules import each other in a circle: {_names((*chain, path))}: move what they share out")
    if path in modules:
        return
    if not path.is_file():
        importer = f" (imported by {_short(chain[-1])})" if chain else ""
        raise AssetError(f"no such module: {_short(path)}{importer}: check the path in the import")
    module = _read(path, path.read_text(encoding="utf-8"), is_entry=not chain)
    for needed, _ in module.imports:
        _collect(needed, modules, (*chain, path))
    modules[path] = module


@lru_cache(maxsize=128)  # most modules are shared by several components
def _read(path: Path, source: str, *, is_entry: bool) -> _Module:
    statements = list(_IMPORT.finditer(source))
    body = _IMPORT.sub("", source)
    code = _outer(body)
    _refuse_other_forms(path, body, code, is_entry=is_entry)
    imports = tuple(
        ((path.parent / found["path"]).resolve(), tuple(re.findall(_NAME, found["names"]))) for found in statements
    )
    return _Module(path, imports, tuple(_declared(code)), frozenset(_exported(code)), body, code)


def _refuse_other_forms(path: Path, body: str, code: str, *, is_entry: bool) -> None:
    """Raise on the imports and exports that are left after the supported ones are taken out."""
    supported = rf"^export\s+default\s+(?:async\s+)?function\s+{_NAME}" if is_entry else r"\Z"
    rest = re.sub(supported, lambda found: _blank(found[0]), code, count=1, flags=re.MULTILINE)
    rest = _EXPORT.sub(lambda found: _blank(found[0]), rest)
    found = _OTHER_FORM.search(rest)
    if found:
        line = body.count("\n", 0, found.start())
        raise AssetError(
            f"unsupported form in {_short(path)}: `{body.splitlines()[line].strip()}`: "
            'write `import {a, b} from "./x.js"`, put `export` before a const, let, function or class, '
            "declare names one by one; only an entry has a default export, a named function"
        )


def _refuse_unknown_names(modules: dict[Path, _Module]) -> None:
    for module in modules.values():
        for needed, names in module.imports:
            missing = [name for name in names if name not in modules[needed].exported]
            if missing:
                raise AssetError(
                    f"{_short(module.path)} imports {', '.join(missing)} from {_short(needed)}, "
                    "which does not export it: put `export` before the declaration or correct the name"
                )


def _refuse_clashes(modules: dict[Path, _Module]) -> None:
    owner: dict[str, Path] = {}
    for module in modules.values():
        for name in module.declared:
            other = owner.setdefault(name, module.path)
            if other != module.path:
                raise AssetError(
                    f"`{name}` is declared in both {_short(other)} and {_short(module.path)}: rename one of them"
                )


def _declared(code: str) -> Iterator[str]:
    """The names that the top level of `code` (see `_outer`) declares."""
    for found in _DECLARATION.finditer(code):
        if found["one"]:
            yield found["one"]
        else:
            yield from _DECLARATOR.findall(found["many"])


def _exported(code: str) -> Iterator[str]:
    """The names that the top level of `code` exports by name."""
    return (found[1] for start in _EXPORT.finditer(code) if (found := _EXPORTED_NAME.match(code, start.end())))


def _without_exports(module: _Module) -> str:
    """Its body without the `export` keywords of its top level."""
    body = module.body
    for found in reversed(list(_EXPORT.finditer(module.code))):
        body = body[: found.start()] + body[found.end() :]
    return body


def _without_comments(source: str) -> str:
    """`source` without comments and empty lines: it travels with every update of a component."""
    code = _OPAQUE.sub(lambda found: "" if found[0].startswith(("//", "/*")) else found[0], source)
    return re.sub(r"\n(?:[ \t]*\n)+", "\n", code)


def _outer(source: str) -> str:
    """`source` with comments, strings and the insides of brackets as blanks, so that places stay the same."""
    plain = _OPAQUE.sub(lambda found: _blank(found[0]), source)
    depth, kept, start = 0, [], 0
    for found in _BRACKET.finditer(
        plain
    ):  # from bracket to bracket: character by character is felt when the app starts
        opens = found[0] in "([{"
        end = found.end() if opens else found.start()
        kept.append(plain[start:end] if depth == 0 else _blank(plain[start:end]))
        depth, start = depth + (1 if opens else -1), end
    kept.append(plain[start:] if depth == 0 else _blank(plain[start:]))
    return "".join(kept)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _names(paths: tuple[Path, ...]) -> str:
    return " → ".join(map(_short, paths))
