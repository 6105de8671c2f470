"""Report pages of small builds, and how tests read them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

from hearth.sim import record as simulations
from hearth.sim.results import KernelResult, SimResult
from hearth.toolchain.cli import chips, report_page
from hearth.toolchain.data.pictures import thumbnail
from hearth.toolchain.evaluate import record as evaluations
from hearth.toolchain.evaluate.fidelity import Accuracy
from hearth.toolchain.ir import Design, Layer
from hearth.toolchain.mapping.figures import design_figures
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.serial.placed import FIGURES
from hearth.toolchain.targets.target import folder_of

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


PLACED = {
    "board": "ulx3s-85f",
    "device": "LFE5U-85F",
    "network": "tiny",
    "lanes": 4,
    "lanes_in_luts": 0,
    "cycles_per_frame": 290,
    "clock_mhz": 60.0,
    "fmax_mhz": 71.5,
    "met": True,
    "frames_per_second": 206896.5,
    "video": "a camera (ov5640), 640x480 to 8x8",
    "clocks": {"u_camera.clk": [71.5, 60.0], "cam_pclk_pin": [190.25, 50.0]},
    "resources": {"LUT4": [7_000, 83_640], "block RAM": [9, 208]},
    "error": "",
    "tools": [],
}


def made(folder: Path, design: Design) -> Build:
    """A build folder of a design."""
    figures = design_figures(design, 10_000)
    source = {"calibration_source": design.qgraph.name}
    figures["notes"] = {"calibration_images": 8, "activation_range": "max", **source} | dict(
        design.qgraph.notes
    )
    build_folder.write(folder, design, b"", emit(design), figures)
    return build_folder.load(folder)


def placed(build: Build, **changes: Any) -> Path:
    """Figures of a board with a camera, as if it had been placed; returns their file."""
    file = folder_of(build, registry.find("ulx3s-85f")[1]) / FIGURES
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(PLACED | {"build_id": f"{build_id(build):016x}"} | changes))
    return file


def named(design: Design, name: str) -> Design:
    """The design with every name of a model replaced: network, layers and classes."""
    layer: Layer
    stages = []
    for index, stage in enumerate(design.stages):
        layer = replace(stage.layer, name=f"{name}{index}")  # type: ignore[type-var]
        stages.append(replace(stage, layer=layer))
    labels = tuple(f"{name}{index}" for index in range(4))
    notes = {"snr_db": {f"{name}0": 31.5}, "onnx_nodes": {f"{name}0": [name]}}
    layers = tuple(stage.layer for stage in stages)
    qgraph = replace(design.qgraph, name=name, layers=layers, labels=labels, notes=notes)
    return Design(qgraph, tuple(stages))


def simulated(build: Build, images: str = "video") -> None:
    """As if three frames had been simulated: two right."""
    kernels = tuple(
        KernelResult(stage.layer.name, stage.lanes, stage.cycles, 0.625, 0.25, 0.125)
        for stage in build.design.stages
    )
    result = SimResult(3, 0, None, 0, "", 4321, 4300, 9, (), 2, 99, 4, 0.9, 0.1, 0, (), kernels)
    frames = np.random.default_rng(5).integers(0, 256, (3, 8, 8, 3)).astype(np.uint8)
    names = [f"{images}/{index}.png" for index in range(3)]
    small = thumbnail.several(frames)
    simulations.keep(build, result, images, [0, 1, 2], [0, 1, 3], 20, names, small)


def evaluated(build: Build, images: str = "photographs") -> None:
    """As if ten photographs had been evaluated: three of class 0 taken for class 1."""
    confusion = ((0, 0, 4), (0, 1, 3), (2, 2, 3))
    measured = Accuracy(70.0, 100.0, 80.0, 100.0, 90.0, 10, divergence=0.125, confusion=confusion)
    evaluations.keep(build, images, measured)


def written(build: Build, file: Path, board: str | None = None) -> str:
    """The page of a build, and what the file holds."""
    report_page.write(file, build, chips.choose(None, build.figures), board)
    return file.read_text()


@dataclass
class Read(HTMLParser):
    """What a page holds: elements in order with their attributes, and the text of each."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1], " ".join(data.split())))

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every element of a kind."""
        return [attributes for found, attributes in self.elements if found == tag]

    @property
    def text(self) -> str:
        """What a reader sees."""
        hidden = ("style", "script", "title")
        return " ".join(text for tag, text in self.texts if tag not in hidden)


def read(page: str) -> Read:
    """A page, every element of which must be closed in its turn."""
    reader = Read()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader
