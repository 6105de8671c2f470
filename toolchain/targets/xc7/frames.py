"""A configuration as frames: what the chip itself takes, 101 words of 32 bits at an address.

UG470, "Configuration Frames". Word 50 of a frame holds the clock row's bits and the error code over
the frame, which xc7frames2bit computes; here its bits are 0. Frames that are not mentioned are 0.

    0x00400100 0x00000000,0x00000000,...     a line of xc7frames2bit's file
    .frame 0x00400100                        a section of bitread's, six words a line
    00000000 00000000 ...

Both are read and written a file at once: a line of either has the same length as any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

WORDS = 101
BITS = 32 * WORDS
_LINE = 11 * (WORDS + 1)
_DIGITS = np.frombuffer(b"0123456789ABCDEF", np.uint8)


@dataclass(frozen=True)
class Frames:
    """Addresses, uint32 [n] ascending, and words, uint32 [n, 101]."""

    addresses: Array
    words: Array

    def rows(self, addresses: Array) -> Array:
        """Row of each address; -1 for a frame that is not there."""
        if not self.addresses.size:
            return np.full(addresses.shape, -1)
        rows = np.searchsorted(self.addresses, addresses).clip(max=len(self.addresses) - 1)
        found: Array = np.where(self.addresses[rows] == addresses, rows, -1)
        return found

    def nonzero(self) -> Frames:
        """Without the frames that are all 0."""
        used = self.words.any(axis=1)
        return Frames(self.addresses[used], self.words[used])


def blank(addresses: Array) -> Frames:
    """Frames of 0 at these addresses, in any order and as often as they come."""
    unique = np.unique(addresses).astype(np.uint32)
    return Frames(unique, np.zeros((unique.size, WORDS), np.uint32))


def packed(bits: Array) -> Array:
    """Words, uint32 [n, words], of bits, uint8 [n, 32 * words], each word's lowest first."""
    return np.packbits(bits, axis=1, bitorder="little").view("<u4").astype(np.uint32)


def dumps(frames: Frames) -> str:
    """Text for xc7frames2bit."""
    values = np.concatenate([frames.addresses[:, None], frames.words], axis=1)
    nibbles = (values[:, :, None] >> np.arange(28, -1, -4, dtype=np.uint32)) & 15
    text = np.empty((*values.shape, 11), np.uint8)
    text[:, :, :2] = np.frombuffer(b"0x", np.uint8)
    text[:, :, 2:10] = _DIGITS[nibbles]
    text[:, :, 10] = ord(",")
    text[:, 0, 10], text[:, -1, 10] = ord(" "), ord("\n")
    return text.tobytes().decode()


def loads(text: str, name: str) -> Frames:
    """The inverse of `dumps`. HearthError when the text, which came from `name`, is another."""
    data = np.frombuffer(text.encode(), np.uint8)
    if data.size % _LINE:
        raise HearthError(f"{name}: is not a file of frames; make the bitstream anew")
    cells = data.reshape(-1, WORDS + 1, 11)
    found = _ascending(_words(cells[:, :, 2:10], name), name)
    if dumps(found) != text:
        raise HearthError(f"{name}: is not a file of frames; make the bitstream anew")
    return found


def read_dump(text: str, name: str) -> Frames:
    """Frames of bitread's output. HearthError when it is not one."""
    sections = text.split(".frame ")
    words = [word.removeprefix("0x") for section in sections[1:] for word in section.split()]
    if sections[0].strip() or len(words) != (WORDS + 1) * (len(sections) - 1):
        raise HearthError(f"{name}: is not bitread's list of frames of {WORDS} words")
    if any(len(word) != 8 for word in words):
        raise HearthError(f"{name}: bitread's words are expected to have 8 digits")
    data = np.frombuffer("".join(words).encode(), np.uint8).reshape(-1, WORDS + 1, 8)
    return _ascending(_words(data, name), name)


def _words(digits: Array, name: str) -> Array:
    """Hexadecimal digits, uint8 [..., 8], as uint32."""
    try:
        packed = bytes.fromhex(digits.tobytes().decode("ascii"))
    except ValueError:
        raise HearthError(f"{name}: expected hexadecimal words") from None
    found: Array = np.frombuffer(packed, ">u4").reshape(digits.shape[:-1]).astype(np.uint32)
    return found


def _ascending(values: Array, name: str) -> Frames:
    addresses, words = values[:, 0], values[:, 1:]
    order = np.argsort(addresses, kind="stable")
    addresses = addresses[order]
    if (addresses[1:] == addresses[:-1]).any():
        raise HearthError(f"{name}: has a frame twice")
    return Frames(addresses, words[order])
