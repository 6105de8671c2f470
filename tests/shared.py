"""Material that some tests need and the project does not hold: models, photographs, odd files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("HEARTH_SHARED", Path(__file__).parents[2] / "shared"))
"""Folder with that material; HEARTH_SHARED names another."""


def needs(folder: str) -> pytest.MarkDecorator:
    """Skips a test where this folder of the material is absent."""
    return pytest.mark.skipif(
        not (SHARED / folder).is_dir(), reason=f"needs {SHARED / folder} (HEARTH_SHARED)"
    )
