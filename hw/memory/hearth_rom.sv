// Read-only memory with one cycle of latency; `enable` holds the last word.
//
// Content comes from the hexadecimal file File, one word a line, read when simulation starts or
// when the circuit is synthesized. File is a path relative to the directory the tool runs in.
//
// With HEARTH_LIVE defined the memory has two banks: one is read, the other is written by what
// passes on the load chain (hearth_rom_loader.sv), and they change places when the chain's bank bit
// changes.
module hearth_rom #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  parameter File = "",
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  logic                   enable,
  input  logic [AddressBits-1:0] address,
  output logic [      Width-1:0] data,
  input  hearth_load_pkg::load_t load_i,
  output hearth_load_pkg::load_t load_o
);
`ifdef HEARTH_LIVE
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
  // In block RAM even when small, so that a finished configuration can be given other contents.
  (* rom_style = "block" *) logic [Width-1:0] memory[Words];
  initial $readmemh(File, memory);

  always_ff @(posedge clk) if (enable) data <= memory[address];
  assign load_o = load_i;
`endif
endmodule
