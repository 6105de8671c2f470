// Read-only memory with one cycle of latency; `enable` holds the last word.
//
// Content comes from the hexadecimal file File, one word a line, read when simulation starts or
// when the circuit is synthesized. File is a path relative to the directory the tool runs in.
//
// The first BlockWords words lie in block RAM, all unless a board's project says otherwise, so that
// a finished configuration can be given other contents; the others are logic. Where there are both,
// File holds the first words and File.rest the others, and BlockWords is a multiple of the power of
// two that the others fit in.
//
// BlockWords -2 is UltraRAM, which no configuration fills: the content comes over the load chain
// (hearth_ultra_rom.sv), and File is not read.
//
// With HEARTH_LIVE defined the memory has two banks: one is read, the other is written by what
// passes on the load chain (hearth_rom_loader.sv), and they change places when the chain's bank bit
// changes. Then all of it lies in block RAM.
module hearth_rom #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  parameter File = "",
  parameter int BlockWords = -1,     // -1: all
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  logic                   enable,
  input  logic [AddressBits-1:0] address,
  output logic [      Width-1:0] data,
  input  hearth_load_pkg::load_t load_i,
  output hearth_load_pkg::load_t load_o
);
  localparam bit Ultra = BlockWords == -2;
  localparam int unsigned Deep = (BlockWords < 0) ? Words : BlockWords;

`ifdef HEARTH_LIVE
  if (Deep < Words || Ultra) $error("%m: only block RAM has two banks");

  logic bank, write_enable;
  logic [AddressBits-1:0] write_address;
  logic [Width-1:0] write_data;

  hearth_rom_loader #(
    .Width(Width),
    .Words(Words)
  ) u_loader (
    .clk, .load_i, .load_o, .bank, .write_enable, .write_address, .write_data
  );

  // Reads and writes never meet: they go to different banks.
  (* ram_style = "block", no_rw_check *) logic [Width-1:0] memory[2 << AddressBits];
  initial $readmemh(File, memory);

  always_ff @(posedge clk) if (write_enable) memory[{!bank, write_address}] <= write_data;
  always_ff @(posedge clk) if (enable) data <= memory[{bank, address}];
`else
  localparam bit Split = Deep > 0 && Deep < Words;
  if (Ultra) begin : gen_ultra
    hearth_ultra_rom #(.Width(Width), .Words(Words)) u_rom (
      .clk, .enable, .address, .data, .load_i, .load_o
    );
  end else begin : gen_held
    assign load_o = load_i;

    localparam int unsigned Held = Split ? Deep : Words;
    (* rom_style = (Deep == 0) ? "logic" : "block" *) logic [Width-1:0] memory[Held];
    initial $readmemh(File, memory);

    if (Split) begin : gen_split
      localparam int unsigned Rest = Words - Deep;
      localparam int unsigned RestBits = (Rest > 1) ? $clog2(Rest) : 1;
      localparam int unsigned DeepBits = (Deep > 1) ? $clog2(Deep) : 1;
      if (Deep % (1 << RestBits) != 0) $error("%m: BlockWords and the rest do not line up");

      (* rom_style = "logic" *) logic [Width-1:0] rest[Rest];
      initial $readmemh({File, ".rest"}, rest);
      logic [Width-1:0] memory_data, rest_data;
      logic from_rest_q;
      assign data = from_rest_q ? rest_data : memory_data;
      always_ff @(posedge clk) begin
        if (enable) begin
          memory_data <= memory[address[DeepBits-1:0]];
          rest_data   <= rest[address[RestBits-1:0]];
          from_rest_q <= address >= AddressBits'(Deep);
        end
      end
    end else begin : gen_whole
      always_ff @(posedge clk) if (enable) data <= memory[address];
    end
  end
`endif
endmodule
