// Memory with one write and one read port of one cycle latency; `read_enable` holds the last word.
//
// Reading and writing the same address in one cycle returns an undefined word: its users never do
// (proved of the FIFO). Proved for all time: formal/hearth_ram_proof.sv.
//
// The first BlockWords words lie in block RAM, the others in LUT RAM (cells of 16 x 4 bits); a
// board's project says how many (toolchain/targets/ecp5/memory_plan.py). Where nobody says, the
// rule is ours, not the synthesizer's: LUT RAM unless it would take more than 48 cells for every
// block RAM saved. A memory of both kinds has a multiplexer behind it, and BlockWords is a multiple
// of the power of two that the others fit in.
//
// A memory of one word is flip-flops: their clock enable does the writing for nothing, where LUT
// RAM takes a cell for every 4 bits.
module hearth_ram #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  parameter int BlockWords = -1,     // negative: all or none, by the rule
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
  localparam int unsigned Ruled = (Cells > 48 * Blocks) ? Words : 0;
  localparam int unsigned Deep = (BlockWords < 0) ? Ruled : BlockWords;

  // no_rw_check: Yosys then adds no logic for a read and a write that meet.
  if (Deep >= Words) begin : gen_block
    (* ram_style = "block", no_rw_check *) logic [Width-1:0] memory[Words];
    always_ff @(posedge clk) begin
      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end
  if (Deep == 0 && Words == 1) begin : gen_registers
    (* ram_style = "registers", no_rw_check *) logic [Width-1:0] memory[Words];
    always_ff @(posedge clk) begin
      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end
  if (Deep == 0 && Words > 1) begin : gen_distributed
    (* ram_style = "distributed", no_rw_check *) logic [Width-1:0] memory[Words];
    always_ff @(posedge clk) begin
      if (write_enable) memory[write_address] <= write_data;
      if (read_enable) read_data <= memory[read_address];
    end
  end
  if (Deep > 0 && Deep < Words) begin : gen_split
    localparam int unsigned Rest = Words - Deep;
    localparam int unsigned RestBits = (Rest > 1) ? $clog2(Rest) : 1;
    localparam int unsigned DeepBits = (Deep > 1) ? $clog2(Deep) : 1;
    localparam logic [AddressBits-1:0] First = AddressBits'(Deep);
    if (Deep % (1 << RestBits) != 0) $error("%m: BlockWords and the rest do not line up");

    (* ram_style = "block", no_rw_check *) logic [Width-1:0] memory[Deep];
    (* ram_style = "distributed", no_rw_check *) logic [Width-1:0] rest[Rest];
    logic [Width-1:0] memory_data, rest_data;
    logic from_rest_q;
    assign read_data = from_rest_q ? rest_data : memory_data;

    always_ff @(posedge clk) begin
      if (write_enable && write_address < First) memory[write_address[DeepBits-1:0]] <= write_data;
      if (write_enable && write_address >= First) rest[write_address[RestBits-1:0]] <= write_data;
      if (read_enable) begin
        memory_data <= memory[read_address[DeepBits-1:0]];
        rest_data   <= rest[read_address[RestBits-1:0]];
        from_rest_q <= read_address >= First;
      end
    end
  end
endmodule
