"""Text files beside an hls4ml project: how to synthesize it, and what has not been done."""

from __future__ import annotations

from hearth.toolchain.ir import Array

_SYNTHESIZE = """\
#!/bin/sh
# C synthesis and RTL export of the project beside this script, with AMD Vitis HLS 2020.1 or later.
# `sh synthesize.sh cosim` also simulates C++ and RTL on the frames of tb_data and compares them.
set -eu
cd "$(dirname "$0")/project"
cosim=0
[ "${1:-}" = cosim ] && cosim=1
cat >build_opt.tcl <<EOF
array set opt {
    reset 1
    csim $cosim
    synth 1
    cosim $cosim
    validation $cosim
    export 1
    vsynth 0
    fifo_opt 0
}
EOF
if command -v vitis-run >/dev/null; then
  exec vitis-run --mode hls --tcl build_prj.tcl
elif command -v vitis_hls >/dev/null; then
  exec vitis_hls -f build_prj.tcl
fi
echo "synthesize.sh: Vitis HLS is not on PATH; source its settings64.sh first" >&2
exit 2
"""


def synthesize() -> str:
    """Shell script: C synthesis and RTL export with whichever Vitis HLS is on PATH.

    Steps are chosen by build_opt.tcl, which hls4ml's own `build` writes the same way.
    """
    return _SYNTHESIZE


def bench_data(values: Array) -> str:
    """Frames [n, ...] as hls4ml's test bench reads them: a line each."""
    rows = values.reshape(len(values), -1)
    return "".join(" ".join(map(str, row.tolist())) + "\n" for row in rows)


def readme(name: str, part: str, clock: float) -> str:
    """What the folder holds, and what was and was not verified."""
    return f"""\
# {name}: hls4ml project

Made by `hearth export-hls` for {part} at {clock:g} MHz. `project/firmware/{name}.cpp` is the
network, one call per layer, named as in the ONNX model.

Verified: the C simulation (g++) of this project against Hearth's golden model, value by value;
hls.json says how many frames, and which value differed first if one did.

Not verified: C synthesis. It needs AMD Vitis HLS, which was not run; no statement is made about its
resources, clock or schedule. Run it with `sh synthesize.sh`.
"""
