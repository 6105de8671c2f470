"""Faults in what turns a routed 7-series design into a file, and finds ROMs in configurations."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_XC7 = "toolchain/targets/xc7"
_FAULTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    f"{_XC7}/fasm.py": (
        (
            "FASM values from the highest bit",
            "np.frombuffer(digits.encode(), np.uint8)[::-1]",
            "np.frombuffer(digits.encode(), np.uint8)",
        ),
        ("FASM value longer than it says", "if number >> room:", "if number >> width:"),
    ),
    f"{_XC7}/assemble.py": (
        ("unknown features pass", "    if unknown:", "    if False:"),
        ("contradicting features pass", "    if clash.size:", "    if False:"),
        (
            "ranges of features from 0",
            "np.flatnonzero(value.bits) + value.lowest",
            "np.flatnonzero(value.bits)",
        ),
        ("holes among a feature's bits pass", "if found.min() < 0:", "if False:"),
        ("part's required features forgotten", "fasm.parse(database.required,", 'fasm.parse("",'),
        ("STEPDOWN of one pin alone", "Fasm(_stepdown(database, parts[-1]), [])", "Fasm([], [])"),
        ("STEPDOWN of pins in use", "for row in rows} - used", "for row in rows}"),
        ("bits before the tile pass", "(places < 0) | ", ""),
    ),
    f"{_XC7}/database.py": (
        ("bits to be 0 are 1", "(not found[1], int", "(True, int"),
        ("alias from its first word", ' - int(other["start_offset"])', ""),
        ("alias under its own names", "if _site(name) == theirs", "if _site(name) == ours"),
        ("F[0] is not F", "index.setdefault(name[:-3], index[name])", "pass"),
        ("F is not F[0]", 'index[f"{name}[0]"] = index[name]', "pass"),
    ),
    f"{_XC7}/frames.py": (
        ("bits of a word the other way round", 'bitorder="little").view', 'bitorder="big").view'),
        ("a frame twice passes", "if (addresses[1:] == addresses[:-1]).any():", "if False:"),
    ),
    f"{_XC7}/bitfile.py": (
        ("file not compared with its frames", "_compare(frames.nonzero(), held, name)", "pass"),
        ("file with other frames passes", "if differing.size:", "if len(differing) > 1:"),
    ),
    f"{_XC7}/roms.py": (
        (
            "RAMB36 as two halves in a row",
            "np.moveaxis(halves[:, :, :-1], 0, -1)",
            "halves[:, :, :-1]",
        ),
        ("RAMB36's parity as two halves", "halves[:, :, -1].T.reshape", "halves[:, :, -1].reshape"),
        (
            "RAMB36's parity set as two halves",
            "entries[:, -1].reshape(ENTRIES, 2).T",
            "entries[:, -1].reshape(2, ENTRIES)",
        ),
        (
            "contents into frames that are not there",
            "_covering(frames, windows.values())",
            "frames",
        ),
    ),
    "toolchain/targets/serial/places.py": (
        ("block found twice is taken", "if all(len(names) == 1", "if all(len(names) >= 1"),
        (
            "image of another shape passes",
            "if bits.shape != (place.words, place.bits):",
            "if False:",
        ),
        ("chunks without gaps only", "-(-width_in_bits // width) * width)", "width_in_bits)"),
    ),
}
MUTANTS: tuple[Mutant, ...] = tuple(
    Mutant(name, source, old, new, "bits")
    for source, faults in _FAULTS.items()
    for name, old, new in faults
)
