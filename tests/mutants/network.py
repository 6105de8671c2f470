"""Faults in the kernels and in what joins them; simulation of one network catches them."""

from __future__ import annotations

from collections.abc import Callable

from tests.mutants.kinds import Mutant, RomMutant


def _flip(bit: int) -> Callable[[list[str]], None]:
    def change(words: list[str]) -> None:
        words[0] = f"{int(words[0], 16) ^ (1 << bit):0{len(words[0])}x}"

    return change


def _swap(words: list[str]) -> None:
    words[0], words[1] = words[1], words[0]


MUTANTS: tuple[Mutant | RomMutant, ...] = (
    RomMutant("weight bit", "hearth_layer_expand__weights", _flip(14)),
    RomMutant("weight order", "hearth_layer_conv1__weights", _swap),
    RomMutant("bias bit", "hearth_layer_squeeze__parameters", _flip(10)),
    RomMutant("multiplier bit", "hearth_layer_expand__parameters", _flip(33)),
    RomMutant("table entry", "hearth_layer_table__table0", _flip(2)),
    Mutant(
        "rounding",
        "hw/layers/conv/requantize.x",
        "product + (sN[WIDE]:1 << (SHIFT - u32:1))",
        "product",
    ),
    Mutant(
        "saturation, high end",
        "hw/layers/conv/requantize.x",
        "rounded > (HIGH as sN[WIDE])",
        "rounded > ((HIGH + HIGH) as sN[WIDE])",
    ),
    Mutant(
        "saturation, low end",
        "hw/layers/conv/requantize.x",
        "rounded < (LOW as sN[WIDE])",
        "rounded < (-HIGH as sN[WIDE])",
    ),
    Mutant(
        "activation sign",
        "hw/layers/conv/mac.x",
        "else { a as sN[PRODUCT_BITS] }",
        "else { (a as sN[ACTIVATION_BITS]) as sN[PRODUCT_BITS] }",
    ),
    Mutant("accumulator kept", "hw/layers/conv/mac.x", "if step.first", "if step.last"),
    Mutant(
        "column counter short by one",
        "hw/layers/conv/place.x",
        "let last_column = place.column == (nest::OUT_COLUMNS - u32:1)",
        "let last_column = place.column == (nest::OUT_COLUMNS - u32:2)",
    ),
    Mutant(
        "ROM address over skipped taps",
        "hw/layers/conv/pixel.x",
        "next_row: (skipped + u32:1)",
        "next_row: (u32:1)",
    ),
    Mutant(
        "centre tap beside the centre",
        "hw/layers/conv/pixel.x",
        "(nest::TOP as Tap) - down.outside",
        "(nest::TOP as Tap)",
    ),
    Mutant(
        "row freed before it is read",
        "hw/layers/conv/walk.x",
        "free: if e.run_of_pixel && s.pixel.last_column {",
        "free: if s.row_start {",
    ),
    Mutant(
        "tap rows end a row late",
        "hw/layers/conv/ends.x",
        "last_tap: tap == here.last_tap",
        "last_tap: e.tap == here.last_tap",
    ),
    Mutant(
        "runs of a tile's second tap row as long as the next pixel's",
        "hw/layers/conv/ends.x",
        "left: here.last_step, ..e }, here.one_step)",
        "left: there.last_step, ..e }, there.one_step)",
    ),
    Mutant(
        "one centre tile too many",
        "hw/layers/conv/ends.x",
        "SECOND_CENTRE = nest::CENTRE_TILES > u32:1",
        "SECOND_CENTRE = nest::CENTRE_TILES > u32:0",
    ),
    Mutant(
        "a tile less",
        "hw/layers/conv/ends.x",
        "last_tile: tile + u32:1 == LAST_TILE",
        "last_tile: tile + u32:2 == LAST_TILE",
    ),
    Mutant(
        "row read before it is there",
        "hw/layers/conv/hearth_line_ring.sv",
        "32'(command.claim) <= 32'(unclaimed_q)",
        "32'(command.claim) <= 32'(unclaimed_q) + 32'd1",
    ),
    Mutant(
        "tile begun without room for it",
        "hw/layers/conv/hearth_line_ring.sv",
        "claim_met && (!command.last || room_q != '0)",
        "claim_met",
    ),
    Mutant(
        "short tile drained whole",
        "hw/layers/conv/hearth_drain.sv",
        "LeftBits'(WindowLast)",
        "LeftBits'(FullBeats)",
    ),
    Mutant(
        "parameter address wraps early",
        "hw/layers/conv/hearth_drain.sv",
        "RomBits'(PixelBeats - 1)",
        "RomBits'(PixelBeats - 2)",
    ),
    Mutant(
        "ceil mode",
        "hw/layers/maxpool/maxpool.x",
        "position <= (count - u32:1) * STRIDE",
        "position < (count - u32:1) * STRIDE",
    ),
    Mutant(
        "table of another pixel's channel",
        "hw/layers/table/hearth_lookup.sv",
        "last_word ? '0 : word_q + 1'b1",
        "word_q + 1'b1",
    ),
    Mutant(
        "table looked up while nobody takes it",
        "hw/layers/table/hearth_lookup.sv",
        "assign enable = !read_valid_q || leaves;",
        "assign enable = 1'b1;",
    ),
    Mutant(
        "unused channels of a table's beat",
        "hw/layers/table/hearth_lookup.sv",
        "(lane >= LastLanes && read_last_q) ? '0 : ",
        "",
        "table",
    ),
    Mutant(
        "maximum becomes minimum", "hw/layers/maxpool/windows.x", "else { a > b }", "else { a < b }"
    ),
    Mutant(
        "pad value", "hw/layers/border/border.x", "if in_map { mapped } else { constant }", "mapped"
    ),
    Mutant(
        "global pool misses a pixel",
        "hw/layers/globalpool/globalpool.x",
        "(PIXELS - u32:1) as Pixel",
        "(PIXELS - u32:2) as Pixel",
    ),
    Mutant(
        "ties go to the higher class",
        "hw/layers/topk/topk.x",
        "s.logit > s.logits[r]",
        "s.logit >= s.logits[r]",
    ),
    Mutant(
        "FIFO takes a beat too many",
        "hw/stream/hearth_fifo.sv",
        "s_ready <= count_q != CountBits'(Depth - 1);",
        "s_ready <= 1'b1;",
    ),
    Mutant(
        "FIFO forgets a waiting beat",
        "hw/stream/hearth_fifo.sv",
        "pop || (read_valid_q && !read_ready)",
        "pop",
    ),
)
