"""Downloads the network of a manifest, as `make weights` does: the very file or nothing.

    python -m weights.download weights/imagenet

The manifest names the file, its size and SHA-256, and the addresses where it is public, which are
tried in their order. pooch does the transfer, into a file of another name that takes the right one
once the digest is right (https://www.fatiando.org/pooch); nothing else in Hearth downloads at all.
A file that is there already and right is left alone.
"""

from __future__ import annotations

import logging
import re
import sys
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pooch

from hearth.toolchain.support import progress, reading, script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 4 << 20
SECONDS = 30
"""Of silence before an address is given up."""
CHUNK = 1 << 16


@dataclass(frozen=True)
class Wanted:
    """What a manifest says of the file beside it."""

    file: Path
    sha256: str
    bytes: int
    addresses: tuple[str, ...]


def wanted(folder: Path) -> Wanted:
    """Read a folder's manifest; HearthError when it names no file that could be downloaded."""
    path = folder / MANIFEST
    content = reading.json_value(path, LARGEST_MANIFEST)
    try:
        source = content["source"]
        name, digest, size = content["file"], content["sha256"], source["bytes"]
        addresses = tuple(source["addresses"])
        right = (
            re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.onnx", name)
            and re.fullmatch(r"[0-9a-f]{64}", digest)
            and type(size) is int
            and addresses
            and all(urllib.parse.urlsplit(text).scheme in _DOWNLOADERS for text in addresses)
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        right = None
    if not right:
        raise HearthError(
            f"{path}: 'file', 'sha256' and 'source' with 'bytes' and 'addresses' (https) are"
            " expected; the manifest is damaged"
        )
    return Wanted(folder / name, digest, size, addresses)


def download(folder: Path, report: progress.Report = progress.silent) -> Path:
    """The file of a folder's manifest, downloaded unless it is there. HearthError when no address
    gives the very file; nothing is left of what came instead."""
    found = wanted(folder)
    pooch.get_logger().setLevel(logging.ERROR)
    reasons = []
    for address in found.addresses:
        try:
            return _from(address, found, report)
        except (OSError, ValueError) as error:  # requests' errors are OSErrors
            reasons.append(f"{address}: {_told(error)}")
    raise HearthError(
        f"{found.file}: could not be downloaded ({'; '.join(reasons)}); try again, or put the file"
        f" with SHA-256 {found.sha256} there by hand"
    )


def _from(address: str, found: Wanted, report: progress.Report) -> Path:
    meter = _Meter(found, report)
    make = _DOWNLOADERS[urllib.parse.urlsplit(address).scheme]
    made = pooch.retrieve(
        address,
        known_hash=f"sha256:{found.sha256}",
        fname=found.file.name,
        path=found.file.parent,
        downloader=make(meter),
    )
    return Path(made)


def _told(error: Exception) -> str:
    """The first sentence of an error, without the hints of other programs."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if "hash" in lines[0].lower():
        return "its SHA-256 is another"
    return printable(lines[0][:160])


class _Meter:
    """Counts bytes for a `Report`, and stops what grows beyond the file; as pooch wants it."""

    def __init__(self, found: Wanted, report: progress.Report) -> None:
        self.found, self.report, self.done = found, report, 0
        self.total = found.bytes

    def update(self, count: int) -> None:
        self.done += count
        if self.done > self.found.bytes:
            raise ValueError(f"more than the {self.found.bytes:,} bytes that are expected")
        self.report(f"download: {self.found.file.name}", self.done, self.found.bytes)

    def reset(self) -> None:
        """pooch sets the bar to nothing before its last update, by all bytes."""
        self.done = 0

    def close(self) -> None:
        """Nothing to tidy up."""


def _by_https(meter: _Meter) -> Any:
    return pooch.HTTPDownloader(progressbar=meter, timeout=SECONDS, chunk_size=CHUNK)


def _by_copying(meter: _Meter) -> Any:
    """A file address, for a mirror on a local disk."""

    def copy(address: str, output: str, _: object) -> None:
        source = Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path))
        with source.open("rb") as origin, Path(output).open("wb") as target:
            while part := origin.read(CHUNK):
                target.write(part)
                meter.update(len(part))

    return copy


_DOWNLOADERS = {"https": _by_https, "file": _by_copying}


def main() -> None:
    if len(sys.argv) != 2:
        raise HearthError("usage: python -m weights.download FOLDER")
    with progress.shown() as tell:
        found = download(Path(sys.argv[1]), tell)
    print(f"{found}: {found.stat().st_size:,} bytes, SHA-256 as expected")


if __name__ == "__main__":
    script.run(main)
