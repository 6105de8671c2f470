"""More faults in the kernels and their memories (hw/layers, hw/memory): second of each kind, where
network.py has a first."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_LAYERS = "hw/layers"

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "row overwritten before it is freed",
        f"{_LAYERS}/conv/hearth_line_ring.sv",
        "assign s_ready = held_q != RowBits'(Slots);",
        "assign s_ready = 1'b1;",
    ),
    Mutant(
        "free places counted twice",
        f"{_LAYERS}/conv/hearth_line_ring.sv",
        "RoomBits'(tile_left_q)",
        "RoomBits'(tile_left_q || tile_left)",
    ),
    Mutant(
        "last centre tile drained whole",
        f"{_LAYERS}/conv/hearth_drain.sv",
        "LeftBits'(CentreLast)",
        "LeftBits'(FullBeats)",
    ),
    Mutant(
        "values on their way without room for them",
        f"{_LAYERS}/conv/hearth_tiles.sv",
        "rst || under_way != UnderWayBits'(Room)",
        "1'b1",
    ),
    Mutant(
        "values that left are under way",
        f"{_LAYERS}/conv/hearth_tiles.sv",
        "assign taken = m_valid && m_ready;",
        "assign taken = m_valid && m_ready && room_q;",
    ),
    Mutant(
        "beat taken of a tile without one",
        f"{_LAYERS}/conv/hearth_drain.sv",
        "some_q <= !last_q;",
        "some_q <= 1'b1;",
    ),
    Mutant(
        "tile of one beat is not its last",
        f"{_LAYERS}/conv/hearth_drain.sv",
        "last_q <= tile_beats == LeftBits'(1);",
        "last_q <= 1'b0;",
    ),
    Mutant(
        "ROM does not hold its word",
        "hw/memory/hearth_rom.sv",
        "if (enable) data <= memory[address];",
        "data <= memory[address];",
    ),
    Mutant(
        "taps above the map not skipped in the ROM",
        f"{_LAYERS}/conv/pixel.x",
        "start: (left + above) as RomAddress",
        "start: left as RomAddress",
    ),
    Mutant(
        "rows claimed twice",
        f"{_LAYERS}/conv/place.x",
        "clamp(place.row_at + BEHIND - NEXT_ROW, nest::ROWS)",
        "clamp(place.row_at + BEHIND - NEXT_ROW - NEXT_ROW, nest::ROWS)",
    ),
    Mutant(
        "window of the next row begins where the last ended",
        f"{_LAYERS}/maxpool/maxpool.x",
        "column_phase: if last_column { ColumnPhase:0 }\n      else if last_word",
        "column_phase: if last_word",
    ),
    Mutant(
        "bias a bit short with its sum",
        f"{_LAYERS}/conv/requantize.x",
        "(item.bias as sN[SUM_BITS])",
        "((item.bias as sN[BIAS_BITS - u32:1]) as sN[SUM_BITS])",
    ),
    Mutant(
        "sums of a pool widened without their sign",
        f"{_LAYERS}/globalpool/globalpool.x",
        "sums[i] as sN[OUT_BITS]",
        "(sums[i] as uN[SUM_BITS]) as sN[OUT_BITS]",
    ),
    *(
        Mutant(name, f"{_LAYERS}/conv/sums.py", old, new, bench="sums")
        for name, old, new in (
            ("smallest sum of positive weights alone", " + negative * high, pos", ", pos"),
            ("a bit too many", "bit_length()) + 1", "bit_length()) + 2"),
            ("no room for other weights", "ROOM = 4", "ROOM = 1 << 40"),
            ("wider weights taken", "here.bits > there.bits or", ""),
            ("biases taken that are too large", " or here.biased > there.biased", ""),
            ("unknown weights need nothing", "len(m), not m.any()", "len(m), False"),
        )
    ),
    Mutant(
        "places of the ranking not filled first",
        f"{_LAYERS}/topk/topk.x",
        "s.logit > s.logits[r] || (s.class as u32) <= r",
        "s.logit > s.logits[r]",
    ),
    Mutant(
        "border takes a pixel of the next frame",
        f"{_LAYERS}/border/border.x",
        "(in_map && !in_last)",
        "in_map",
    ),
    Mutant(
        "sums go around once too often",
        f"{_LAYERS}/globalpool/globalpool.x",
        "send_if(order, sums_out, !last_pixel, grown)",
        "send_if(order, sums_out, u1:1, grown)",
    ),
    Mutant(
        "new weights written over those in use",
        "hw/memory/hearth_rom.sv",
        "memory[{!bank, write_address}]",
        "memory[{bank, write_address}]",
        bench="board",
    ),
    *(
        Mutant(name, f"{_LAYERS}/{source}", old, new, bench="forms")
        for name, source, old, new in (
            (
                "signed activations without their sign",
                "conv/mac.x",
                "(a as sN[ACTIVATION_BITS]) as sN[PRODUCT_BITS]",
                "a as sN[PRODUCT_BITS]",
            ),
            (
                "every group sees the first",
                "conv/mac.x",
                "extended(a[first + i])",
                "extended(a[i])",
            ),
            (
                "groups never move on",
                "conv/group.x",
                "g.ahead + (nest::TAP_WORDS as Offset)",
                "g.ahead",
            ),
            (
                "second tap row of another group",
                "conv/walk.x",
                "s.pixel.below + aside",
                "s.pixel.below",
            ),
            (
                "third tap row of another group",
                "conv/group.x",
                "line: offset + g.ahead",
                "line: offset",
            ),
            ("taps beside each other", "conv/group.x", "nest::GAP as RingAddress", "RingAddress:1"),
            (
                "tap rows beneath each other",
                "conv/counting.x",
                "wrap(slot, nest::DILATION_ROWS as Claim)",
                "wrap(slot, Claim:1)",
            ),
            (
                "rows above the first tap not skipped",
                "conv/pixel.x",
                "counting::wrap(at.base, skipped as Claim)",
                "at.base",
            ),
            (
                "strides of the axes swapped",
                "conv/place.x",
                "const NEXT_ROW = nest::STRIDE_ROWS",
                "const NEXT_ROW = nest::STRIDE_COLUMNS",
            ),
            (
                "zero wins against negative values",
                "maxpool/windows.x",
                "uN[BITS]:1 << (BITS - u32:1)",
                "uN[BITS]:0",
            ),
            (
                "signed values compared as unsigned",
                "maxpool/windows.x",
                "(a as sN[BITS]) > (b as sN[BITS])",
                "a > b",
            ),
        )
    ),
)
