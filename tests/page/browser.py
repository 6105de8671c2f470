"""A browser for tests: the distribution's Chromium, driven by Playwright (make setup-browser)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or ""


def needed() -> Any:
    """Playwright; skips the test where it or the browser is absent."""
    found = pytest.importorskip(
        "playwright.sync_api", reason="needs Playwright: make setup-browser"
    )
    if not PROGRAM:
        pytest.skip("needs Chromium: sudo apt install chromium")
    return found


@contextmanager
def launched() -> Iterator[Any]:
    """A browser without a window."""
    with needed().sync_playwright() as tools:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses root its sandbox
        found = tools.chromium.launch(executable_path=PROGRAM, args=root)
        try:
            yield found
        finally:
            found.close()
