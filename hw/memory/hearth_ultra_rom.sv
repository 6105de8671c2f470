// Read-only memory in UltraRAM, with one cycle of latency; `enable` holds the last word.
//
// It holds nothing until the load chain has filled it (hearth_rom_loader.sv), and is filled anew in
// the same way, while nobody reads: it has one bank.
module hearth_ultra_rom #(
  parameter int unsigned Width = 8,  // bits per word
  parameter int unsigned Words = 2,
  localparam int unsigned AddressBits = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                   clk,
  input  logic                   enable,
  input  logic [AddressBits-1:0] address,
  output logic [      Width-1:0] data,
  input  hearth_load_pkg::load_t load_i,
  output hearth_load_pkg::load_t load_o
);
  logic write_enable, unused_bank;
  logic [AddressBits-1:0] write_address;
  logic [Width-1:0] write_data;

  hearth_rom_loader #(
    .Width(Width),
    .Words(Words)
  ) u_loader (
    .clk, .load_i, .load_o, .bank(unused_bank), .write_enable, .write_address, .write_data
  );

  (* ram_style = "ultra", no_rw_check *) logic [Width-1:0] memory[Words];

  always_ff @(posedge clk) if (write_enable) memory[write_address] <= write_data;
  always_ff @(posedge clk) if (enable) data <= memory[address];
endmodule
