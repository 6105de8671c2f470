"""`hearth live`: what the page is told, the command from its address to Ctrl-C, and mistakes."""

from __future__ import annotations

import base64
import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.cli import live
from hearth.toolchain.data import images
from hearth.toolchain.host.labeller import Golden
from hearth.toolchain.ir import golden
from tests.cli.test_cli import Folder, hearth
from tests.live.test_server import asked
from tests.nets import tiny
from tests.page import browser, pages

__all__ = ["hearth"]
NAME = '"><script>document.title="taken over"</script>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build with hostile names and an array of frames."""
    pages.made(tmp_path / "build", pages.named(tiny.design(), NAME))
    frames = np.random.default_rng(6).integers(0, 256, (4, 8, 8, 3)).astype(np.uint8)
    np.save(tmp_path / "frames.npy", frames)
    return tmp_path


def test_what_is_told_of_each_frame(folder: Path) -> None:
    design = tiny.design()
    chosen = images.open_set(folder / "frames.npy")
    found = list(live.events(design.qgraph, chosen, Golden(design), 1000.0))
    frames = np.load(folder / "frames.npy")
    best = golden.top(design.qgraph, golden.outputs(design.qgraph, frames))
    assert [event["count"] for event in found] == [1, 2, 3, 4, 4]
    assert [event["ended"] for event in found] == [False] * 4 + [True]
    for event, classes in zip(found, best, strict=False):
        assert [entry["label"] for entry in event["top"]] == [f"class {i}" for i in classes]
        shares = [entry["probability"] for entry in event["top"]]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1.000001
        assert event["figures"].startswith(f"{design.cycles:,} cycles a frame (model); ")
        with Image.open(io.BytesIO(base64.b64decode(event["picture"]))) as picture:
            assert picture.size == (8, 8)
    assert found[2]["file"].endswith("frames.npy[2]")


class Running:
    """The command in a process of its own, and its address."""

    def __init__(self, folder: Path, *options: str) -> None:
        # Processes that share tests ignore SIGINT, and so would theirs.
        heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        program = [
            *(sys.executable, "-c"),
            f"{heeds}\nfrom hearth.toolchain.cli.entry import main\nmain()",
        ]
        call = [*program, "live", "build", "frames.npy", "--fps", "100", *options]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(call, cwd=folder, stdout=pipe, stderr=pipe, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.address = "".join(re.findall(r"http://\S+/", line))

    def ended(self) -> tuple[int, str]:
        """Exit status and messages after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


def test_an_interrupt_just_before_the_wait_is_seen() -> None:
    """As where the signal reaches a process whose main thread is about to wait, and no call of it
    ends early: here another thread is given the signal."""
    late = threading.Event()
    main = threading.get_ident()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def send() -> None:
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGALRM)
        if not seen.wait(20):
            late.set()
            signal.pthread_kill(main, signal.SIGALRM)

    seen = threading.Event()
    before = signal.signal(signal.SIGALRM, interrupt)
    sender = threading.Thread(target=send)
    try:
        sender.start()
        with pytest.raises(KeyboardInterrupt):
            live.until_interrupted()
        seen.set()
        sender.join()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not late.is_set()


def _last_event(answer: http.client.HTTPResponse) -> dict[str, Any]:
    for line in iter(answer.readline, b""):
        if line.startswith(b"data: "):
            found: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
            if found["ended"]:
                return found
    raise AssertionError("the events ended before the frames did")


def test_the_command(folder: Path) -> None:
    running = Running(folder)
    try:
        path = urlsplit(running.address).path
        text = asked(running.address, path).read().decode()
        assert [a for _, a in pages.read(text).elements if "src" in a or "onerror" in a] == []
        assert _last_event(asked(running.address, f"{path}events"))["count"] == 4
    finally:
        status, errors = running.ended()
    assert status == 0, errors
    assert "live ended; next: " in errors
    assert "Traceback" not in errors


def test_in_a_browser(folder: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with browser.launched() as opened:
        running = Running(folder)
        try:
            page = opened.new_page(bypass_csp=True)
            page.goto(running.address)
            page.wait_for_function("document.getElementById('state').textContent.includes('ended')")
            assert NAME in page.title()
            assert NAME in page.locator("#answer").inner_text()
            assert page.locator("#top tr").count() == 2
            assert page.locator("#picture").evaluate("image => image.naturalWidth") == 8
            found = axe.run(page)
            assert found.violations_count == 0, found.generate_report()
            page.close()
        finally:
            assert running.ended()[0] == 0


def test_mistakes(folder: Path, hearth: Folder) -> None:
    build, frames = str(folder / "build"), str(folder / "frames.npy")
    said = hearth.refused("live", build, frames, "--port", "/dev/none")
    assert "--port /dev/none: cannot be opened" in said
    assert "no such file" in hearth.refused("live", build, str(folder / "none"))
    if not os.path.exists(live.CAMERA):
        assert "there is no camera; give a clip" in hearth.refused("live", build)
