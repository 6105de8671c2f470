"""Which ROMs lie in UltraRAM: few enough that its blocks suffice, enough that block RAM does.

No configuration fills an UltraRAM (UG573), so what lies there comes over the load chain before the
first frame (hw/axi/hearth_axi_load.sv). A network that fits block RAM has nothing there, and needs
no loading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hearth.toolchain.rtl.memories import blocks, is_block
from hearth.toolchain.rtl.network import ULTRA_RAM, Places
from hearth.toolchain.saved import weights_image
from hearth.toolchain.targets.needs import Needs, Stored
from hearth.toolchain.targets.target import Resources

WORDS, BITS = 4_096, 72
"""Of one UltraRAM (URAM288)."""
IMAGE = "hearth.weights"
"""File of a project that holds what its UltraRAMs are filled with."""
_LINE = 32


@dataclass(frozen=True)
class Plan:
    """The ROMs in UltraRAM, in the order of the load chain."""

    roms: tuple[Stored, ...] = ()

    @property
    def uram(self) -> int:
        """UltraRAMs that they take."""
        return sum(map(ultra_rams, self.roms))

    @property
    def places(self) -> Places:
        """As the network's module takes them (rtl/network.py)."""
        found: dict[str, dict[str, int]] = {}
        for rom in self.roms:
            found.setdefault(rom.instance, {})[rom.parameter] = ULTRA_RAM
        return found

    @property
    def load_bytes(self) -> int:
        """Length of `image`."""
        return sum(rom.words * weights_image.word_bytes(rom.bits) for rom in self.roms)

    def image(self, content: Mapping[str, str]) -> bytes:
        """What the load chain takes, of the files of a build by path."""
        return weights_image.of_roms(content, ((rom.rom, rom.bits) for rom in self.roms))


NOTHING = Plan()


def ultra_rams(memory: Stored) -> int:
    """UltraRAMs of one memory."""
    return -(-memory.words // WORDS) * -(-memory.bits // BITS)


def halves(memory: Stored, written: bool = False) -> int:
    """Halves of a RAMB36 that one takes otherwise."""
    return blocks(memory.words, memory.bits, written=written)


def of_memories(needs: Needs) -> int:
    """Halves of a RAMB36 that the data memories take."""
    deep = [memory for memory in needs.memories if is_block(memory.words, memory.bits)]
    return sum(halves(memory, written=True) for memory in deep)


def plan(needs: Needs, limits: Resources) -> Plan:
    """The fewest UltraRAMs with which block RAM suffices; where it never does, those with which it
    falls short least."""
    room = int(2 * limits.bram) - of_memories(needs)
    wanted = sum(map(halves, needs.roms)) - room
    if wanted <= 0:
        return NOTHING
    most = _most_saved(needs.roms, limits.uram)
    enough = [count for count, (saved, _) in enumerate(most) if saved >= wanted]
    best = max(range(len(most)), key=lambda count: (most[count][0], -count))
    chosen = most[enough[0] if enough else best][1]
    return Plan(tuple(rom for rom in needs.roms if rom.rom in chosen))


def _most_saved(roms: Sequence[Stored], limit: int) -> list[tuple[int, frozenset[str]]]:
    """For every number of UltraRAMs the most halves of a RAMB36 that at most so many save, and the
    ROMs that they hold: a knapsack, exactly."""
    most: list[tuple[int, frozenset[str]]] = [(0, frozenset())] * (limit + 1)
    for rom in roms:
        cost, saves = ultra_rams(rom), halves(rom)
        for count in range(limit, cost - 1, -1):
            saved, held = most[count - cost]
            if saved + saves > most[count][0]:
                most[count] = saved + saves, held | {rom.rom}
    return most


def text(image: bytes) -> str:
    """An image as hexadecimal digits, in lines."""
    lines = (image[at : at + _LINE].hex() for at in range(0, len(image), _LINE))
    return "".join(f"{line}\n" for line in lines)
