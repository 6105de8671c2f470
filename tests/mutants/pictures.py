"""Faults in what is made of pictures, arrays, lists and labels."""

from __future__ import annotations

from tests.mutants.kinds import Mutant


def _picture(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"toolchain/data/pictures/{file}.py", old, new, bench="pictures")


def _clip(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"toolchain/data/clips/{file}.py", old, new, bench="pictures")


MUTANTS: tuple[Mutant, ...] = (
    _picture(
        "black behind alpha", "decode", "BACKGROUND = (255, 255, 255)", "BACKGROUND = (0,) * 3"
    ),
    _picture(
        "turned the wrong way",
        "decode",
        "6: Image.Transpose.ROTATE_270",
        "6: Image.Transpose.ROTATE_90",
    ),
    _picture("never turned", "decode", "if turn is not None else colours", "if False else colours"),
    _picture("grey level unscaled", "decode", '{"L;2": 85, "L;4": 17}', "{}"),
    _picture("fax with guesses", "decode", '"Decode" in line', '"decode" in line'),
    _picture("lower 8 bits", "depth", "(found >> (bits - 8))", "found"),
    _picture("sign is a bit of brightness", "depth", "return bits - signed", "return bits"),
    _picture("white stays zero", "depth", "return 255 - grey if", "return grey if"),
    _picture("unsigned as signed", "depth", "return found.view(np.uint32)", "return found"),
    _picture("black unnoticed", "depth", "if 0 < largest < 1 << (bits - 8):", "if False:"),
    _picture("floats cut off", "depth", "np.round(found * np.float32(255))", "found * 254.9"),
    _picture("scans uncounted", "budget", "            count += 1\n", ""),
    _picture("film counted", "budget", "marker[1][0] != _END and", "True and"),
    _picture("header believed", "arrays", "header.bytes > stream.size", "header.bytes > 1 << 62"),
    _picture("every second frame", "arrays", "            at = i + 1\n", "            at = i\n"),
    _picture("objects read", "arrays", "    if dtype.hasobject:\n", "    if False:\n"),
    _picture(
        "labels rounded", "arrays", 'header.dtype.kind not in "iu"', 'header.dtype.kind in "O"'
    ),
    _picture(
        "checksum unread", "arrays", "                stream.finish()\n", "                pass\n"
    ),
    _picture("first of two arrays", "archive", "if len(found) != 1:", "if not found:"),
    _picture("bomb inflated", "archive", "if info.file_size > max(", "if 0 > max("),
    _clip(
        "always limited range",
        "picture",
        "ColorRange.JPEG if full else",
        "ColorRange.MPEG if full else",
    ),
    _clip("never BT.709", "picture", "    1: Colorspace.ITU709,\n", ""),
    _clip("not upright", "picture", "if turned else pixels", "if False else pixels"),
    _clip("mirror unseen", "picture", "if across < 0 else", "if False else"),
    _clip(
        "start a frame late",
        "frames",
        "bisect.bisect_left(clip.stamps, clip",
        "bisect.bisect(clip.stamps, clip",
    ),
    _clip("place lost by a skip", "frames", "self._number = found - 1", "self._number = found"),
    _clip("cut end unseen", "clip", "if stated - end > tolerance:", "if False:"),
    _clip("half a GIF", "clip", 'if not stream.read().rstrip(b"\\0").endswith(b";"):', "if False:"),
    _picture("any digits", "labels", "text.isascii() and ", ""),
    _picture("one class too many", "labels", "if largest >= classes:", "if largest > classes:"),
    _picture("torchvision's trap", "labels", "if found != by_order and len", "if False and len"),
    _picture("entered again", "folder", "            entered.add(folder)\n", ""),
    _picture("hidden files", "folder", 'if not n.startswith(".")', "if n"),
    _picture("only commas", "table", 'for mark in ",;\\t" if', 'for mark in "," if'),
)
