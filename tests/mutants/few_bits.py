"""Faults between the ROMs and the lanes: how codes become weights, and where memories lie."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_DECODE = "hw/layers/conv/decode.x"
_PLAN = "toolchain/targets/ecp5/memory_plan.py"

MUTANTS: tuple[Mutant, ...] = (
    *(
        Mutant(name, _DECODE, old, new, "decode")
        for name, old, new in (
            (
                "circle turns the other way",
                "(before + u32:1) * group - before) % group",
                "before) % group",
            ),
            ("every circle is the first", "let first = p - p % group;", "let first = u32:0;"),
            (
                "codes of a circle overlap",
                "address | ((code as uN[TABLE_BITS]) << (j * codes::BITS))",
                "address | ((code as uN[TABLE_BITS]) << j)",
            ),
            (
                "1x1 part forgets its neighbours",
                "let code = centre_code(all, neighbour(p, j, CENTRE_GROUP), i);",
                "let code = centre_code(all, p, i);",
            ),
            (
                "1x1 part never reads a ROM of its own",
                "if codes::CENTRE_ROM_BITS > u32:0 { all.centre",
                "if CENTRE_CODED == u32:0 { all.centre",
            ),
            (
                "one table, the other part's address",
                "if centre { centre_address(all, p, i) as u32 }",
                "if !centre { centre_address(all, p, i) as u32 }",
            ),
            (
                "tables of the parts swapped",
                "else if centre { centre_weight",
                "else if !centre { centre_weight",
            ),
            (
                "plain codes without a sign",
                "(window_code(all, p, i) as sN[codes::BITS]) as Weight",
                "window_code(all, p, i) as Weight",
            ),
        )
    ),
    *(
        Mutant(name, _PLAN, old, new, "memory plan")
        for name, old, new in (
            (
                "LUTs not counted",
                "luts[: size - choice.blocks] + choice.luts",
                "luts[: size - choice.blocks]",
            ),
            ("blocks spent twice", "blocks -= every[found[-1]].blocks", "blocks -= 0"),
            ("ROMs are logic too early", "(firm + fair, most)", "(loose + fair, most)"),
            ("most blocks that fit the LUTs", "int(fitting[0])", "int(fitting[-1])"),
            (
                "a block for sixteen words",
                "return (Choice(0, 0, ram_luts(words, bits)),)",
                "return (Choice(words, 1, 0),)",
            ),
            ("a limit passed by a block", "[: max(0, most + 1)]", "[: max(0, most + 2)]"),
        )
    ),
)
