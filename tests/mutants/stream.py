"""Faults in what is proved (hw/stream, its memory, the AXI border): the proofs' faulty twins."""

from __future__ import annotations

from tests.mutants.kinds import PROOF, Mutant


def _twin(name: str, source: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"hw/{source}", old, new, PROOF)


_RAM = "memory/hearth_ram.sv"
_BLOCK = """logic [Width-1:0] memory[Words];
    always_ff @(posedge clk) begin
      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end
  if (Deep == 0 && Words == 1)"""
_REGISTERS = """      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end
  if (Deep == 0 && Words > 1)"""
_DISTRIBUTED = """      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end
  if (Deep > 0"""
_SKID = "stream/hearth_skid.sv"
_FIFO = "stream/hearth_fifo.sv"
_EDGE = "stream/hearth_edge_fifo.sv"
_GEARBOX = "stream/hearth_gearbox.sv"
_VIDEO = "axi/hearth_axi_video.sv"
_LITE = "axi/hearth_axi_lite.sv"
_CLOCKS = "video/hearth_async_fifo.sv"

MUTANTS: tuple[Mutant, ...] = (
    _twin(
        "count crosses in binary",
        _CLOCKS,
        "{write_d, write_d ^ (write_d >> 1)}",
        "{write_d, write_d}",
    ),
    _twin("full at half", _CLOCKS, "CountBits'(3) <<", "CountBits'(2) <<"),
    _twin(
        "block RAM does not hold its word",
        _RAM,
        _BLOCK,
        _BLOCK.replace("if (read_enable) read", "read"),
    ),
    _twin(
        "a word of flip-flops is written unasked",
        _RAM,
        _REGISTERS,
        _REGISTERS.replace("if (write_enable) memory", "memory"),
    ),
    _twin(
        "LUT RAM writes where it reads",
        _RAM,
        _DISTRIBUTED,
        _DISTRIBUTED.replace("memory[write_address]", "memory[read_address]"),
    ),
    _twin(
        "rest of a RAM is written with every word",
        _RAM,
        "if (write_enable && write_address >= First) rest",
        "if (write_enable) rest",
    ),
    _twin(
        "RAM of two kinds asks the wrong one for a held word",
        _RAM,
        "        from_rest_q <= read_address >= First;\n      end",
        "      end\n      from_rest_q <= read_address >= First;",
    ),
    _twin("skid overwrites its second beat", _SKID, "if (s_ready) held_q", "held_q"),
    _twin("skid changes a shown beat", _SKID, "if (leaves) m_data", "m_data"),
    _twin("skid forgets its second beat", _SKID, "s_valid || !s_ready;", "s_valid;"),
    _twin(
        "skid without reset",
        _SKID,
        "      s_ready <= 1'b1;\n      m_valid <= 1'b0;\n    end",
        "      s_ready <= 1'b1;\n    end",
    ),
    _twin(
        "deep FIFO's valid without reset",
        _FIFO,
        "      if (rst) m_valid <= 1'b0;\n      else if (read_ready)",
        "      if (read_ready)",
    ),
    _twin("FIFO's count without reset", _FIFO, "      count_q <= '0;\n", ""),
    _twin(
        "FIFO holds a beat less",
        _FIFO,
        "count_q != CountBits'(Depth - 1);",
        "count_q < CountBits'(Depth - 2);",
    ),
    _twin(
        "FIFO holds a beat more",
        _FIFO,
        "count_q != CountBits'(Depth - 1);",
        "count_q != CountBits'(Depth);",
    ),
    _twin("full FIFO stays full", _FIFO, "else if (pop) s_ready <= 1'b1;", ""),
    _twin("FIFO is empty one beat early", _FIFO, "!= CountBits'(1)", "> CountBits'(2)"),
    _twin(
        "empty FIFO shows its memory", _FIFO, "some_q <= count_q != CountBits'(1)", "some_q <= 1'b1"
    ),
    _twin(
        "FIFO writes one word only",
        _FIFO,
        "if (push) write_q <= (write_q == Last)",
        "if (push) write_q <= (1'b1)",
    ),
    _twin("FIFO's read pointer runs on", _FIFO, "(read_q == Last) ? '0 :", ""),
    _twin("FIFO doubles a waiting beat", _FIFO, "(!read_valid_q || read_ready);", "read_ready;"),
    _twin("FIFO shows a beat a cycle late", _FIFO, "pop = some_q &&", "pop = (count_q > 1) &&"),
    _twin("deep FIFO changes a shown beat", _FIFO, "if (read_ready) m_data", "m_data"),
    _twin("edge waits for its reader", _EDGE, "s_valid && open", "s_valid && m_ready"),
    _twin("edge ignores a full FIFO", _EDGE, "assign s_ready = ready &&", "assign s_ready ="),
    _twin("edge forgets the last bit", _EDGE, ".s_data,", ".s_data(s_data >> 1 << 1),"),
    _twin(
        "gearbox keeps old channels",
        _GEARBOX,
        "<= '0;\n        end\n      end",
        "<= m_data[0];\n        end\n      end",
    ),
    _twin(
        "wide beat runs over the pixel",
        _GEARBOX,
        "assign complete = last_of_pixel ||",
        "assign complete =",
    ),
    _twin(
        "wide beat overwritten",
        _GEARBOX,
        "assign s_ready = !m_valid || m_ready;",
        "assign s_ready = 1'b1;",
    ),
    _twin(
        "narrow beat runs over the pixel", _GEARBOX, "last_part = last_of_pixel ||", "last_part ="
    ),
    _twin(
        "narrow part repeated",
        _GEARBOX,
        "else if (give) data_q",
        "else if (give && m_data == '0) data_q",
    ),
    _twin("gearbox withdraws", _GEARBOX, "if (m_ready) m_valid <= 1'b0;", "m_valid <= 1'b0;"),
    _twin(
        "video: line padded with one pixel",
        _VIDEO,
        "(moves && last_column) state_d",
        "(moves) state_d",
    ),
    _twin(
        "video: damage forgotten",
        _VIDEO,
        "damaged_o && !done_o && state_q",
        "damaged_o && !moves && state_q",
    ),
    _twin("video: mark of a frame swallowed", _VIDEO, "m_ready && !marked;", "m_ready;"),
    _twin(
        "video: gives up a cycle early",
        _VIDEO,
        "waited_q >= most_q",
        "waited_q + 32'd1 >= most_q",
    ),
    _twin(
        "video: never gives up a frame",
        _VIDEO,
        "if (restart || late) state_d",
        "if (restart) state_d",
    ),
    _twin(
        "lite: answer withdrawn",
        _LITE,
        "end else if (s_axil_bready) begin\n      s_axil_bvalid",
        "end else begin\n      s_axil_bvalid",
    ),
    _twin(
        "lite: data overwritten while it waits",
        _LITE,
        "if (s_axil_wready) {strobes_q",
        "{strobes_q",
    ),
    _twin(
        "lite: written while an answer is due", _LITE, " && (!s_axil_bvalid || s_axil_bready)", ""
    ),
    _twin("lite: written while writes are held", _LITE, " &&\n                  !hold_i;", ";"),
    _twin("lite: fixed register written", _LITE, "writes && Writable[i] &&", "writes &&"),
)
