"""Simulates networks from memory, any number at once: emitted text and golden values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from hearth.sim import harness, probes
from hearth.sim.build import Build, build
from hearth.sim.execute import Options, Progress, execute, prepare, recorded
from hearth.sim.harness import Net
from hearth.sim.results import SimResult, assemble
from hearth.toolchain.support import private
from hearth.toolchain.support.errors import HearthError


def bench(nets: Sequence[Net]) -> dict[str, str]:
    """What is generated around networks to simulate them, by file name."""
    return {"hearth_harness.sv": harness.emit(nets), "hearth_probes.sv": probes.emit(nets)}


def run(
    built: Build,
    nets: Sequence[Net],
    folder: Path,
    roms: Mapping[str, str],
    options: Options,
    progress: Progress | None,
) -> list[SimResult]:
    """One simulation in a private folder, which then takes the place of `folder`, whether it went
    well or not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with private.folder_beside(folder) as work:
        prepare(nets, work, roms)
        try:
            lines = execute(built, work, len(nets[0].golden[0]), options, progress)
            waves = [recorded(work, net) for net in nets]
        except HearthError as error:
            raise HearthError(str(error).replace(str(work), str(folder))) from None
        finally:
            with private.held(folder.parent):
                private.put(work, folder)
        return [
            assemble(net, lines, built.seconds, wave) for net, wave in zip(nets, waves, strict=True)
        ]


def simulate_nets(
    nets: Sequence[Net],
    files: Mapping[str, str],
    folder: Path,
    runs: Sequence[Options],
    *,
    cache: Path | None = None,
) -> list[list[SimResult]]:
    """One build of all `nets` side by side, then one simulation per entry of `runs`.

    files    emitted text by path: rtl/*.sv, rtl/*.v and rom/*.hex
    folder   where runs go; `cache` (default: folder/build) keeps builds

    Returns, per run, the results in the order of `nets`. All nets have the same number of frames.
    """
    sources = bench(nets)
    roms = {path: text for path, text in files.items() if path.startswith("rom/")}
    sources |= {Path(path).name: files[path] for path in files.keys() - roms.keys()}
    built = build(sources, cache or folder / "build")
    results = []
    for index, options in enumerate(runs):
        results.append(run(built, nets, folder / f"run{index}", roms, options, None))
        built = dataclasses.replace(built, seconds=0.0)
    return results
