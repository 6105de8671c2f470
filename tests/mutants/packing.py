"""Faults in lanes that share multipliers or are far from them, in requantizers, and in
the rules for both."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_CONV, _RULE = "hw/layers/conv", "toolchain/ir/packing.py"
RULE, LANES, BOARDS = "packing", "packed", "packed boards"
_SCALING = "toolchain/ir/scaling.py"

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "a bit too few for two smallest weights",
        _RULE,
        "low = block.wide - factors.weight_bits - 1",
        "low = block.wide - factors.weight_bits",
        RULE,
    ),
    Mutant(
        "twice as many products added",
        _RULE,
        "((1 << (low - 1)) - 1) // max",
        "((1 << low) - 1) // max",
        RULE,
    ),
    Mutant(
        "activations wider than the block",
        _RULE,
        "factors.activation_bits > block.narrow",
        "factors.activation_bits > block.wide",
        RULE,
    ),
    Mutant(
        "the upper product without what the lower one took of it",
        f"{_CONV}/mac.x",
        "as Accumulator) + (carry as Accumulator);",
        "as Accumulator);",
        LANES,
    ),
    Mutant(
        "the lower product without its sign",
        f"{_CONV}/mac.x",
        "let low = (pair as sN[LOWER]) as Accumulator;",
        "let low = (pair as uN[LOWER]) as Accumulator;",
        LANES,
    ),
    Mutant(
        "the lower weight without its sign",
        f"{_CONV}/mac.x",
        "+ (low as sN[OPERAND_BITS])",
        "+ ((low as uN[decode::WEIGHT_BITS]) as sN[OPERAND_BITS])",
        LANES,
    ),
    Mutant(
        "pairs of every group see the first",
        f"{_CONV}/mac.x",
        "widened(a[first + i])",
        "widened(a[i])",
        LANES,
    ),
    Mutant(
        "a product that is another behind its wire",
        f"{_CONV}/mac.x",
        "assign {return} = {product}",
        "assign {return} = ~{product}",
        LANES,
    ),
    Mutant(
        "a far product's way without a cycle",
        "toolchain/rtl/xls.py",
        "ffi_fallback_delay_ps=period",
        "ffi_fallback_delay_ps=0",
        BOARDS,
    ),
    Mutant(
        "pairs across groups",
        f"{_CONV}/lanes.py",
        "groups * (fold.pe // groups // 2) * fold.simd",
        "fold.pe // 2 * fold.simd",
        LANES,
    ),
    Mutant(
        "lanes of another version taken",
        "toolchain/targets/lanes.py",
        '_PORT.findall(build.content.get(path, "")) != _PORT.findall(text)',
        "False",
        BOARDS,
    ),
    Mutant(
        "lanes of LUTs packed too",
        "toolchain/targets/ecp5/target.py",
        "multipliers.BLOCK, share.soft_modules)",
        "multipliers.BLOCK)",
        BOARDS,
    ),
    Mutant(
        "a multiplier for every lane counted",
        "toolchain/ir/kernel.py",
        "return self.lanes - (self.pairs if packing(block, self.factors) else 0)",
        "return self.lanes",
        BOARDS,
    ),
    Mutant(
        "sums wider than the block multiplied whole",
        _SCALING,
        "return narrow <= block.narrow and wide <= block.wide",
        "return narrow <= block.narrow",
        RULE,
    ),
    Mutant(
        "a multiplier's sign forgotten",
        _SCALING,
        "sorted((bits, self.factor_bits + 1))",
        "sorted((bits, self.factor_bits))",
        RULE,
    ),
    Mutant(
        "two blocks counted for a whole product",
        _SCALING,
        "(1, self.sum_bits) if self.whole(block) else (2, EVERY.narrow)",
        "(2, EVERY.narrow)",
        RULE,
    ),
    Mutant(
        "the lower part of a sum lost",
        f"{_CONV}/requantize.x",
        "let low = product((sum as uN[LOW_BITS]) as sN[LOW_BITS + u32:1], item.multiplier);",
        "let low = sN[WIDE]:0;",
        LANES,
    ),
)
