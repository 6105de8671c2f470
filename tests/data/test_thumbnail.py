"""Small pictures of frames: what they show, and no larger than they may be."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.data.pictures import thumbnail


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(8, 8), (224, 224), (50, 400)])
def test_a_frame_small(channels: int, size: tuple[int, int]) -> None:
    frame = np.full((*size, channels), 200, np.uint8)
    frame[:, size[1] // 2 :] = 40
    with Image.open(io.BytesIO(thumbnail.jpeg(frame))) as picture:
        assert picture.mode == ("L" if channels == 1 else "RGB")
        assert max(picture.size) == min(max(size), thumbnail.LARGEST)
        values = np.asarray(picture.convert("L"))
    assert abs(int(values[0, 0]) - 200) < 8
    assert abs(int(values[0, -1]) - 40) < 8


def test_of_many_frames_the_first() -> None:
    frames = np.zeros((thumbnail.MOST + 3, 4, 4, 3), np.uint8)
    found = thumbnail.several(frames)
    assert len(found) == thumbnail.MOST
    assert base64.b64decode(found[0]).startswith(b"\xff\xd8")
