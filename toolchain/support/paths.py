"""Where the sources of hardware lie: in a checkout and in an installed package alike."""

from __future__ import annotations

from pathlib import Path

HARDWARE = Path(__file__).resolve().parents[2] / "hw"
