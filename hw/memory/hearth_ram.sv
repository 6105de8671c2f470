// Memory with one write and one read port of one cycle latency; `read_enable` holds the last word.
//
// Reading and writing the same address in one cycle returns an undefined word: its users never do
// (proved of the FIFO). Proved for all time: formal/hearth_ram_proof.sv.
// LUT RAM (cells of 16 x 4 bits) unless it would take more than HEARTH_CELLS_PER_BLOCK cells for
// every block RAM saved. The rule is ours, not the synthesizer's, so that resources are known
// beforehand (toolchain/targets/ecp5/estimate.py). Wide LUT RAM crowds the routing: it is for parts
// that run out of block RAM.
`ifndef HEARTH_CELLS_PER_BLOCK
`define HEARTH_CELLS_PER_BLOCK 48
`endif
module hearth_ram #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  logic                   write_enable,
  input  logic [AddressBits-1:0] write_address,
  input  logic [      Width-1:0] write_data,
  input  logic                   read_enable,
  input  logic [AddressBits-1:0] read_address,
  output logic [      Width-1:0] read_data
);
  localparam int unsigned Cells = ((Words + 15) / 16) * ((Width + 3) / 4);
  localparam int unsigned BlocksWide = (Width + 35) / 36;
  localparam int unsigned BlocksDeep = (Words * Width + 16383) / 16384;
  localparam int unsigned Blocks = (BlocksWide > BlocksDeep) ? BlocksWide : BlocksDeep;
  localparam bit Block = Cells > `HEARTH_CELLS_PER_BLOCK * Blocks;

  // no_rw_check: Yosys then adds no logic for a read and a write that meet.
  if (Block) begin : gen_block
    (* ram_style = "block", no_rw_check *) logic [Width-1:0] memory[Words];
    always_ff @(posedge clk) begin
      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end else begin : gen_distributed
    (* ram_style = "distributed", no_rw_check *) logic [Width-1:0] memory[Words];
    always_ff @(posedge clk) begin
      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end
endmodule
