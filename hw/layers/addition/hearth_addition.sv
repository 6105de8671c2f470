// A sum of two streams, all but the process that XLS compiles (addition.x): takes a beat of both at
// once, extends the values by their signs and gives them their multipliers, which a ROM of one word
// holds.
//
//   s0, s1 -> items [addition] values -> skid -> m
module hearth_addition #(
  parameter int unsigned Bits0 = 8,     // of a value of each source
  parameter int unsigned Bits1 = 8,
  parameter bit Signed0 = 1'b0,
  parameter bit Signed1 = 1'b0,
  parameter int unsigned OutBits = 8,
  parameter int unsigned Beat = 1,      // channels per beat
  parameter int unsigned MultiplierBits = 16,
  parameter File = "",                  // of the ROM: the multiplier of source 0, then that of 1
  parameter int BlockWords = -1,        // as in hw/memory/hearth_rom.sv
  localparam int unsigned ItemBits = 2 * MultiplierBits + Beat * (Bits0 + Bits1 + 2)
) (
  input  logic                    clk,
  input  logic                    rst,
  input  logic [  Beat*Bits0-1:0] s0_data,
  input  logic                    s0_valid,
  output logic                    s0_ready,
  input  logic [  Beat*Bits1-1:0] s1_data,
  input  logic                    s1_valid,
  output logic                    s1_ready,
  output logic [Beat*OutBits-1:0] m_data,
  output logic                    m_valid,
  input  logic                    m_ready,
  output logic                    busy,          // a beat of both is taken in this cycle
  output logic [    ItemBits-1:0] items_data,    // to addition.x
  output logic                    items_valid,
  input  logic                    items_ready,
  input  logic [Beat*OutBits-1:0] values_data,   // from addition.x
  input  logic                    values_valid,
  output logic                    values_ready,
  input  hearth_load_pkg::load_t  load_i,
  output hearth_load_pkg::load_t  load_o
);
  logic [2*MultiplierBits-1:0] multipliers;
  logic [Beat*(Bits0+1)-1:0] a;
  logic [Beat*(Bits1+1)-1:0] b;

  assign items_valid = s0_valid && s1_valid;
  assign s0_ready = items_ready && s1_valid;
  assign s1_ready = items_ready && s0_valid;
  assign busy = items_valid && items_ready;
  assign items_data = {
    multipliers[MultiplierBits-1:0], multipliers[2*MultiplierBits-1:MultiplierBits], a, b
  };

  for (genvar lane = 0; lane < Beat; lane++) begin : gen_lane
    assign a[lane*(Bits0+1)+:Bits0+1] =
        {Signed0 && s0_data[lane*Bits0+Bits0-1], s0_data[lane*Bits0+:Bits0]};
    assign b[lane*(Bits1+1)+:Bits1+1] =
        {Signed1 && s1_data[lane*Bits1+Bits1-1], s1_data[lane*Bits1+:Bits1]};
  end

  hearth_rom #(
    .Width(2 * MultiplierBits), .Words(1), .File(File), .BlockWords(BlockWords)
  ) u_multipliers (
    .clk, .enable(1'b1), .address(1'b0), .data(multipliers), .load_i, .load_o
  );

  // The stages of the process ask each other whether they may move on.
  hearth_skid #(
    .Width(Beat * OutBits)
  ) u_values (
    .clk, .rst, .s_data(values_data), .s_valid(values_valid), .s_ready(values_ready),
    .m_data, .m_valid, .m_ready
  );
endmodule
