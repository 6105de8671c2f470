"""Where things lie: the sources of hardware, in a checkout and in an installed package alike, and
what is kept for this user."""

from __future__ import annotations

import os
from pathlib import Path

HARDWARE = Path(__file__).resolve().parents[2] / "hw"


def cache() -> Path:
    """Where this user's files outlive a build."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hearth"
