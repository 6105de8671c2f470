"""What to type next: how this `hearth` was called, and how an optional group of packages is
installed. Every message that names a command asks here, so that it works when it is pasted.
"""

from __future__ import annotations

import importlib.metadata
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

DISTRIBUTION = "hearth-fpga"
"""What the package is called in pyproject.toml; the command and the checkout are called hearth."""
PROGRAM = "hearth"
_ROOT = Path(__file__).resolve().parents[2]


def command(*words: object) -> str:
    """The command line `hearth WORDS`, quoted for the shell, as it can be typed again here."""
    return shlex.join([_program(), *map(str, words)])


def _program() -> str:
    """`hearth` where the shell finds this one by that name, else the path that was called."""
    called = Path(sys.argv[0])
    found = shutil.which(PROGRAM)
    if called.name != PROGRAM or len(called.parts) == 1:
        return PROGRAM
    if found and Path(found).resolve() == called.resolve():
        return PROGRAM
    return sys.argv[0]


def install(group: str) -> str:
    """How to install the optional group `group` of pyproject.toml: by make in a checkout, whose
    locks hold hashes, and by the names of the packages elsewhere."""
    if (_ROOT / "Makefile").is_file() and (_ROOT / "pyproject.toml").is_file():
        where = [] if Path.cwd() == _ROOT else ["-C", str(_ROOT)]
        return f"install it with: {shlex.join(['make', *where, f'setup-{group}'])}"
    return _pip(rf"; extra == .{group}.$")


def package(name: str) -> str:
    """How to install one of the packages that Hearth always needs."""
    return _pip(rf"^{re.escape(name)}==[^;]*$")


def _pip(wanted: str) -> str:
    """The pip call for the requirements that the pattern `wanted` finds, each with its version."""
    requires = importlib.metadata.requires(DISTRIBUTION) or []
    names = [text.partition(";")[0].strip() for text in requires if re.search(wanted, text)]
    return f"install it with: {shlex.join([sys.executable, '-m', 'pip', 'install', *names])}"


def release() -> str:
    """`hearth 0.1.0`."""
    return f"{PROGRAM} {importlib.metadata.version(DISTRIBUTION)}"


def version() -> str:
    """`hearth 0.1.0 (1a2b3c4)`; the commit where this is a git checkout."""
    text = release()
    if (_ROOT / ".git").exists() and shutil.which("git"):
        call = ["git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD"]
        result = subprocess.run(call, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return f"{text} ({result.stdout.strip()})"
    return text
