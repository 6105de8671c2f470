"""ROMs that are logic, or whose last words are (hw/memory/hearth_rom.sv): what they hold is part of
the netlist, so it is there from the beginning and stays.

`kept` says how many words of such a ROM are in block RAM, by its name (ecp5/memory_plan.py).
"""

from __future__ import annotations

from collections.abc import Mapping


def in_blocks(images: Mapping[str, str], kept: Mapping[str, int]) -> dict[str, str]:
    """The images of what is in block RAM."""
    return {
        name: "\n".join(text.split()[: kept[name]]) + "\n" if name in kept else text
        for name, text in images.items()
        if kept.get(name) != 0
    }


def in_logic(images: Mapping[str, str], kept: Mapping[str, int]) -> dict[str, str]:
    """What is logic, by the file that the RTL reads it from."""
    return {
        f"rom/{name}.hex{'.rest' if words else ''}": "\n".join(images[name].split()[words:]) + "\n"
        for name, words in kept.items()
    }
