"""What a path that the user gives is to this folder: a clip, a camera, or neither."""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.data.clips import kinds
from hearth.toolchain.data.clips.camera import Camera, is_camera
from hearth.toolchain.data.clips.clip import open_clip
from hearth.toolchain.data.clips.frames import Frames, chosen
from hearth.toolchain.data.clips.part import Part

Moving = Frames | Camera


def find(path: Path, part: Part) -> Moving | None:
    """The frames asked for; None for a file of another kind. HearthError for a damaged clip."""
    if is_camera(path):
        return Camera(path, part)
    return chosen(open_clip(path), part) if kinds.is_clip(path) else None
