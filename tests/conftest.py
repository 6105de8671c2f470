"""Shared by all tests."""

from __future__ import annotations

from hypothesis import settings

# No wall-clock limits inside tests: machines differ.
settings.register_profile("hearth", deadline=None, derandomize=True)
settings.load_profile("hearth")
