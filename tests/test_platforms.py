"""No module asks a system for what only another one has: names of POSIX or Windows stand behind a guard."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "msvcrt", "winreg", "_winapi"}
OF_OS = {
    "fork", "forkpty", "killpg", "setsid", "setpgid", "getpgid", "getuid", "geteuid", "getgid", "nice", "uname",
    "chown", "sched_setaffinity", "sched_getaffinity", "mkfifo", "wait4", "startfile", "O_BINARY", "getloadavg",
}  # fmt: skip
OF_SIGNAL = {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "alarm", "pause", "setitimer"}
GUARDS = ("os.name", "sys.platform", "hasattr(os", "hasattr(signal")
FILES = [*sorted((ROOT / "cnnviz").rglob("*.py")), *(ROOT / name for name in ("app.py", "start.py"))]


def unguarded(source: str) -> list[str]:
    """What a module asks of one kind of system without asking which it is on."""
    return [name for name, guards in _asked(ast.parse(source), "") if not any(word in guards for word in GUARDS)]


def _asked(node: ast.AST, guards: str) -> Iterator[tuple[str, str]]:
    if name := _of_one_system(node):
        yield name, guards
    if isinstance(node, ast.If | ast.IfExp | ast.BoolOp):
        guards += ast.unparse(node.values[0] if isinstance(node, ast.BoolOp) else node.test)
    if isinstance(node, ast.FunctionDef | ast.Module):  # `if os.name == "nt": return` guards what follows
        for statement in node.body:
            yield from _asked(statement, guards)
            if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return | ast.Raise):
                guards += ast.unparse(statement.test)
        return
    for child in ast.iter_child_nodes(node):
        yield from _asked(child, guards)


def _of_one_system(node: ast.AST) -> str | None:
    if isinstance(node, ast.Import):
        return next((each.name for each in node.names if each.name in MODULES), None)
    if isinstance(node, ast.ImportFrom):
        return node.module if node.module in MODULES else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        known = {"os": OF_OS, "signal": OF_SIGNAL}.get(node.value.id, set())
        return f"{node.value.id}.{node.attr}" if node.attr in known else None
    return None


def without_encoding(source: str) -> list[int]:
    """The lines that read or write text in the code page of the machine, which on Windows is not UTF-8."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if _is_text(call) and "encoding" not in {word.arg for word in call.keywords}]


def _is_text(call: ast.Call) -> bool:
    """Whether a call reads or writes text: by its name, by its mode, or what a program says by `text=True`."""
    called = ast.unparse(call.func)
    name = called.rsplit(".", 1)[-1]
    named = {word.arg: ast.unparse(word.value) for word in call.keywords}
    if name in ("read_text", "write_text") or named.get("text") == "True":
        return True
    if name not in ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile") or called == "os.open":
        return False
    given = [named["mode"]] if "mode" in named else [ast.unparse(each) for each in call.args]
    modes = [mode for mode in given if re.fullmatch(r"'[rwaxbt+]+'", mode)]
    return not any("b" in mode for mode in modes) if modes else called in ("open", "io.open", "os.fdopen")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_asks_which_system_it_is_on_before_it_uses_one(path: Path):
    assert unguarded(path.read_text(encoding="utf-8")) == []


def test_text_files_of_the_package_are_utf_8_wherever_it_runs():
    found = {path.name: without_encoding(path.read_text(encoding="utf-8")) for path in FILES if path.name != "start.py"}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("line", ["import fcntl", "import os\nos.killpg(1, 9)", "from resource import getrlimit",
                                  "import signal\nx.send_signal(signal.SIGKILL)",
                                  "if os.name == 'nt':\n    a()\nos.fork()"])  # fmt: skip
def test_what_is_not_guarded_is_found(line: str):
    assert unguarded(line)


@pytest.mark.parametrize("line", ["if os.name == 'nt':\n    import msvcrt\nelse:\n    import fcntl",
                                  "def f():\n    if os.name == 'nt':\n        return\n    os.fork()",
                                  "user = os.getuid() if hasattr(os, 'getuid') else 0",
                                  "a = hasattr(os, 'geteuid') and os.geteuid() == 0"])  # fmt: skip
def test_what_is_guarded_is_not(line: str):
    assert unguarded(line) == []


@pytest.mark.parametrize("line", ["path.read_text()", "open(path)", "open(path, 'w')", "path.open('r+')",
                                  "os.fdopen(3, 'w')",
                                  "NamedTemporaryFile(mode='w')", "subprocess.run(words, text=True)"])  # fmt: skip
def test_a_text_without_an_encoding_is_found(line: str):
    assert without_encoding(f"a = 1\n{line}") == [2]


@pytest.mark.parametrize("line", ["path.read_text(encoding='utf-8')", "open(path, 'rb')", "path.open('rb')",
                                  "table.open({})", "path.open('w', encoding='utf-8')",
                                  "NamedTemporaryFile(delete=False)"])  # fmt: skip
def test_bytes_and_texts_with_an_encoding_are_not(line: str):
    assert without_encoding(line) == []
