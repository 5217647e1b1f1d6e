"""The two commands of this project, from a bare machine with Python 3.11 or newer.

    python3 start.py         installs what the app needs into .venv and runs the app
    python3 start.py app --share   lets other machines of your network in;  --watch: the page follows changed code
                             --cpu, --cuda: which PyTorch on Linux (else: CUDA where there is an NVIDIA driver)
    python3 start.py test    installs what the tests need, a browser included, and runs them all, on all cores
    python3 start.py check   style and types (ruff, mypy; JavaScript: oxlint, oxfmt);  format: puts the style right
                             --audit: known weaknesses of the packages too (pip-audit asks PyPI for each; not offline)
    python3 start.py bench   the benchmarks, as the README quotes them
    python3 start.py readme  the README's numbers, from what was measured; picture: its pictures
    python3 start.py messages   collects all texts for translators (cnnviz/locale), compiles what they sent

Standard library only. What comes after the word is handed on: `python3 start.py test -k trace`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import venv
from pathlib import Path

import package_audit
import pytorch_builds

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SCRIPTS = "cnnviz/**/*.js"
LONGEST_LINE = 120  # as ruff has it for Python; oxfmt leaves comments and texts as they are
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def run(*command: str | Path, check: bool = True) -> int:
    """Run a command in the project's folder, its output shown; stop here when it fails."""
    code = subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode
    if check and code:
        raise SystemExit(code)
    return code


def install(requirements: str, build: str | None = None) -> None:
    """Bring .venv up to date with a requirements file; done at once when nothing has changed.

    `build` of PyTorch: "cpu" or "cuda" where somebody decided by hand.
    """
    if PYTHON.exists() and pytorch_builds.remove_other(PYTHON, build):
        for old in ENVIRONMENT.glob(".*.installed"):
            old.unlink()
    texts = [(ROOT / name).read_bytes() for name in ("requirements.txt", requirements)]
    stamp, wanted = ENVIRONMENT / f".{requirements}.installed", hashlib.sha256(b"".join(texts)).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    make_environment()
    pytorch_builds.prepare(PYTHON, ROOT / "requirements.txt", build)
    print(f"Installing {requirements} (PyTorch is large: some minutes the first time) …", flush=True)
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements)
    stamp.write_text(wanted)


def make_environment() -> None:
    """Make .venv, or finish one that was broken off half-way; one that can install packages is left as it is."""
    if PYTHON.exists() and answers(PYTHON, "-m", "pip", "--version"):
        return
    print("Making the environment .venv …", flush=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True)
    except subprocess.CalledProcessError:
        raise SystemExit(
            "This Python cannot make environments: install what it lacks "
            "(Debian, Ubuntu: sudo apt-get install python3-venv) and start again."
        ) from None


def answers(*command: str | Path) -> bool:
    """Whether a program runs and ends well; what it says is not shown."""
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def system_chromium() -> str | None:
    """The browser to drive: `CNNVIZ_CHROMIUM`, else the first of the system's that runs; None for Playwright's own.

    Ubuntu's package is only a pointer to a snap, which no container runs: there it is found, and does not run.
    """
    if named := os.environ.get("CNNVIZ_CHROMIUM"):
        return named
    found_here = (found for name in BROWSERS if (found := shutil.which(name)))
    return next((found for found in found_here if answers(found, "--version")), None)


def has_browser() -> bool:
    """Whether there is a Chromium for the tests, the system's or Playwright's own."""
    if system_chromium():
        return True
    find = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    found = subprocess.run([str(PYTHON), "-c", find], capture_output=True, text=True, check=False).stdout.strip()
    return bool(found) and Path(found).exists()


def install_browser() -> None:
    """Debian's Chromium where we may install packages, else Playwright's own download."""
    if has_browser():
        return
    print("Installing Chromium for the browser tests …", flush=True)
    if may_install_packages():
        run("apt-get", "update", "-qq", check=False)
        run("apt-get", "install", "-y", "-qq", "chromium", check=False)
        if has_browser():
            return
    if run(PYTHON, "-m", "playwright", "install", "chromium", check=False):
        raise SystemExit(
            "No Chromium could be installed: install one by hand (Debian: sudo apt-get install chromium) "
            "or set CNNVIZ_CHROMIUM to its path."
        )


def install_firefox() -> None:
    """Debian's Firefox, where we may install packages: the core of the pages is tried in it too; else it is not."""
    if not (shutil.which("firefox-esr") or shutil.which("firefox")) and may_install_packages():
        run("apt-get", "update", "-qq", check=False)
        run("apt-get", "install", "-y", "-qq", "firefox-esr", check=False)


def may_install_packages() -> bool:
    """Whether this is a Debian or Ubuntu whose administrator we are."""
    if not hasattr(os, "geteuid"):
        return False
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def app(*rest: str) -> None:
    """Install and run the app; `--share`, `--watch`, `--cpu` and `--cuda` are ours, everything else is Streamlit's."""
    build, rest = pytorch_builds.take_choice(rest)
    install("requirements.txt", build)
    if "--share" in rest:
        print(about_sharing(), flush=True)
    run(PYTHON, "-m", "streamlit", "run", "app.py", *streamlit_options(*rest))


def streamlit_options(*rest: str) -> list[str]:
    """What Streamlit is told: our two words in its own, the rest as it is.

    With an address to print, it asks no server in the internet for one.
    """
    ours = {
        "--share": ["--server.address=0.0.0.0", "--server.headless=true", f"--browser.serverAddress={own_address()}"],
        "--watch": ["--server.fileWatcherType=auto", f"--server.folderWatchBlacklist={ENVIRONMENT}"],
    }
    return [option for word in rest for option in ours.get(word, [word])]


def about_sharing() -> str:
    """What `--share` means, and the address to pass on."""
    return (
        f"Shared: everyone in this network can use the app at http://{own_address()}:8501 (or the port named below).\n"
        "They use this machine's processor and memory; what each of them draws stays in their own session.\n"
        "There is no password and no encryption: share in a network that you trust, and stop it with Ctrl+C."
    )


def own_address() -> str:
    """This machine's address in its network; its name where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737): the system only picks the way there
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def test(*rest: str) -> None:
    """Install everything the tests need and run them; `--cpu` and `--cuda` are ours, everything else is pytest's."""
    build, rest = pytorch_builds.take_choice(rest)
    install("requirements-dev.txt", build)
    install_browser()
    install_firefox()
    run(PYTHON, "-m", "pytest", *shared_out(*rest))


def shared_out(*rest: str) -> list[str]:
    """What pytest is told: a process for each core, a file of tests never in two; then what came after the word.

    What a file sets up once (a page, a server, a trained network) is so set up once. `-n 0` keeps all in one process.
    """
    return ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder", *rest]


def check(*rest: str) -> None:
    """Style and types: ruff and mypy for Python, oxlint and oxfmt for JavaScript; with `--audit` the packages too."""
    install("requirements-dev.txt")
    is_audit, rest = "--audit" in rest, tuple(word for word in rest if word != "--audit")
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(PYTHON, "-m", "mypy", *rest)
    run(beside(PYTHON, "oxlint"), "--deny-warnings", "cnnviz")
    run(beside(PYTHON, "oxfmt"), "--check", SCRIPTS)
    if found := long_lines(ROOT / "cnnviz"):
        raise SystemExit("\n".join(found))
    if is_audit:
        package_audit.audit(PYTHON, ENVIRONMENT)


def long_lines(folder: Path) -> list[str]:
    """A sentence for each line of JavaScript that is longer than one of Python may be."""
    return [
        f"{path.relative_to(folder.parent)}:{number}: line must have at most {LONGEST_LINE} characters, got {len(line)}"
        for path in sorted(folder.rglob("*.js"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]


def format(*rest: str) -> None:
    """Put the style right, as far as a program can: imports and layout of Python, layout of JavaScript."""
    install("requirements-dev.txt")
    run(PYTHON, "-m", "ruff", "check", "--fix", ".", *rest)
    run(PYTHON, "-m", "ruff", "format", ".")
    run(beside(PYTHON, "oxfmt"), SCRIPTS)


def beside(python: Path, program: str) -> Path:
    """A program that lies in the same environment."""
    return python.with_name(program + python.suffix)


def bench(*rest: str) -> None:
    """All benchmarks, as one table."""
    install("requirements-dev.txt")
    install_browser()
    run(PYTHON, "-m", "benchmarks", *rest)


def readme(*rest: str) -> None:
    """Fill the README's numbers in."""
    install("requirements-dev.txt")
    run(PYTHON, "-m", "benchmarks.readme", *rest)


def picture(*rest: str) -> None:
    """Take the README's pictures anew."""
    install("requirements-dev.txt")
    install_browser()
    run(PYTHON, "-m", "benchmarks.picture", *rest)


def messages(*rest: str) -> None:
    """Collect every message into the template, and compile the catalogues that there are."""
    from cnnviz import __version__

    install("requirements-dev.txt")
    template, catalogues = "cnnviz/locale/cnnviz.pot", ROOT / "cnnviz" / "locale"
    catalogues.mkdir(exist_ok=True)
    babel = (PYTHON, "-m", "babel.messages.frontend")
    names = ("--project=cnnviz", f"--version={__version__}", "--copyright-holder=the cnnviz authors")
    run(
        *babel,
        "extract",
        "-F",
        "babel.cfg",
        "--no-location",
        "--sort-output",
        *names,
        "-o",
        template,
        "app.py",
        "pages",
        "cnnviz",
    )
    if any(catalogues.glob("*/LC_MESSAGES/*.po")):
        run(*babel, "update", "-D", "cnnviz", "-i", template, "-d", catalogues, *rest)
        run(*babel, "compile", "-D", "cnnviz", "-d", catalogues)


def main() -> None:
    """Do what the first word says."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is run by whatever python3 there is)
        raise SystemExit(f"Python must be 3.11 or newer, got {sys.version.split()[0]}: start with a newer python3")
    words = sys.argv[1:]
    if words[:1] in (["-h"], ["--help"]):
        raise SystemExit(__doc__)
    word, rest = (words[0], words[1:]) if words and not words[0].startswith("--") else ("app", words)
    commands = {each.__name__: each for each in (app, test, check, format, bench, readme, picture, messages)}
    if word not in commands:
        raise SystemExit(f"command must be one of {', '.join(commands)}, got {word!r}\n{__doc__}")
    try:
        commands[word](*rest)
    except KeyboardInterrupt:
        print("\nStopped.")


if __name__ == "__main__":
    main()
