// A product of two streams, all but the process that XLS compiles (gating.x): takes a beat of the
// map at once with its gate's, extends the values by their signs and gives them their multiplier,
// which a ROM of one word holds. The gate comes with the first of Pixels pixels and goes around for
// the others.
//
//   s0, s1 [gate] -> items [gating] values -> skid -> m
module hearth_gating #(
  parameter int unsigned Bits0 = 8,     // of a value of each source
  parameter int unsigned Bits1 = 8,
  parameter bit Signed0 = 1'b0,
  parameter bit Signed1 = 1'b0,
  parameter int unsigned OutBits = 8,
  parameter int unsigned Beat = 1,      // channels per beat
  parameter int unsigned Words = 1,     // beats per pixel
  parameter int unsigned Pixels = 1,    // of the map, for one of the gate
  parameter int unsigned MultiplierBits = 16,
  parameter File = "",                  // of the ROM
  parameter int BlockWords = -1,        // as in hw/memory/hearth_rom.sv
  parameter int KeptBlockWords = -1,    // the same of the gate's memory
  localparam int unsigned ItemBits = MultiplierBits + Beat * (Bits0 + Bits1 + 2)
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
  output logic                    busy,          // a beat of the map is taken in this cycle
  output logic [    ItemBits-1:0] items_data,    // to gating.x
  output logic                    items_valid,
  input  logic                    items_ready,
  input  logic [Beat*OutBits-1:0] values_data,   // from gating.x
  input  logic                    values_valid,
  output logic                    values_ready,
  input  hearth_load_pkg::load_t  load_i,
  output hearth_load_pkg::load_t  load_o
);
  logic [MultiplierBits-1:0] multiplier;
  logic [Beat*Bits1-1:0] gate;
  logic gate_valid;
  logic [Beat*(Bits0+1)-1:0] a;
  logic [Beat*(Bits1+1)-1:0] b;

  assign items_valid = s0_valid && gate_valid;
  assign s0_ready = items_ready && gate_valid;
  assign busy = items_valid && items_ready;
  assign items_data = {multiplier, a, b};

  hearth_repeat #(
    .Width(Beat * Bits1), .Beats(Words), .Times(Pixels), .BlockWords(KeptBlockWords)
  ) u_gate (
    .clk, .rst, .s_data(s1_data), .s_valid(s1_valid), .s_ready(s1_ready),
    .m_data(gate), .m_valid(gate_valid), .m_ready(busy)
  );

  for (genvar lane = 0; lane < Beat; lane++) begin : gen_lane
    assign a[lane*(Bits0+1)+:Bits0+1] =
        {Signed0 && s0_data[lane*Bits0+Bits0-1], s0_data[lane*Bits0+:Bits0]};
    assign b[lane*(Bits1+1)+:Bits1+1] =
        {Signed1 && gate[lane*Bits1+Bits1-1], gate[lane*Bits1+:Bits1]};
  end

  hearth_rom #(
    .Width(MultiplierBits), .Words(1), .File(File), .BlockWords(BlockWords)
  ) u_multiplier (
    .clk, .enable(1'b1), .address(1'b0), .data(multiplier), .load_i, .load_o
  );

  // The stages of the process ask each other whether they may move on.
  hearth_skid #(
    .Width(Beat * OutBits)
  ) u_values (
    .clk, .rst, .s_data(values_data), .s_valid(values_valid), .s_ready(values_ready),
    .m_data, .m_valid, .m_ready
  );
endmodule
