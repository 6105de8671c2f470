"""Lints the RTL of a build folder with Verilator, every warning an error:

    python -m sim.lint build/default

Twice: as it is synthesized, and as it is simulated (with the probes of sim/rtl). Generated and
hand-written files are read alike; what is waived, and why, stands in sim/rtl/lint.vlt.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sim import verilator
from sim.build import RTL, bench_sources
from toolchain.errors import HearthError

_FLAGS = (verilator.LANGUAGE, "--lint-only", "-Wall", "--no-timing", "--top-module", "net")


def lint(build_folder: Path) -> list[str]:
    """Verilator's messages, one text per reading that has any."""
    files = [str(path) for path in sorted((build_folder / "rtl").iterdir())]
    if not files:
        raise HearthError(
            f"{build_folder}: no RTL there; run `make build/default/report.json` first"
        )
    waivers = str(RTL / "lint.vlt")
    bench = [name for name in bench_sources() if not name.endswith("harness.vlt")]
    messages = []
    with verilator.environment(verilator.find()):
        for extra in ([], ["-DHEARTH_SIM", *bench]):
            command = ["verilator", *_FLAGS, waivers, *extra, *files]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode:
                messages.append(result.stderr)
    return messages


def main() -> int:
    messages = lint(Path(sys.argv[1]))
    print("\n".join(messages) if messages else f"{sys.argv[1]}: RTL is clean")
    return len(messages)


if __name__ == "__main__":
    sys.exit(main())
