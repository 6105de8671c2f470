// A rescale kernel, all but the requantizer that XLS compiles (hw/layers/conv/requantize.x): gives
// each value of a beat the layer's one multiplier and no bias (one bit of it).
//
//   s -> items [requantize] values -> skid -> m          an item is {multiplier, bias, value}
module hearth_rescale #(
  parameter int unsigned Bits = 8,     // of an input value
  parameter bit Signed = 1'b0,
  parameter int unsigned OutBits = 8,  // of an output value
  parameter int unsigned Beat = 1,     // channels per beat
  parameter int unsigned MultiplierBits = 16,
  parameter logic [MultiplierBits-1:0] Multiplier = 1,
  localparam int unsigned SumBits = Bits + 32'(!Signed),
  localparam int unsigned ItemBits = MultiplierBits + 1 + SumBits
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic [    Beat*Bits-1:0] s_data,
  input  logic                     s_valid,
  output logic                     s_ready,
  output logic [ Beat*OutBits-1:0] m_data,
  output logic                     m_valid,
  input  logic                     m_ready,
  output logic                     busy,          // a beat is taken in this cycle
  output logic [Beat*ItemBits-1:0] items_data,    // to requantize.x
  output logic                     items_valid,
  input  logic                     items_ready,
  input  logic [ Beat*OutBits-1:0] values_data,   // from requantize.x
  input  logic                     values_valid,
  output logic                     values_ready
);
  assign items_valid = s_valid;
  assign s_ready = items_ready;
  assign busy = s_valid && s_ready;

  for (genvar lane = 0; lane < Beat; lane++) begin : gen_item
    logic [Bits-1:0] value;
    logic [SumBits-1:0] extended;
    assign value = s_data[lane*Bits+:Bits];
    assign extended = SumBits'(value);
    assign items_data[lane*ItemBits+:ItemBits] = {Multiplier, 1'b0, extended};
  end

  // Seven stages of the requantizer ask each other whether they may move on.
  hearth_skid #(
    .Width(Beat * OutBits)
  ) u_values (
    .clk, .rst, .s_data(values_data), .s_valid(values_valid), .s_ready(values_ready),
    .m_data, .m_valid, .m_ready
  );
endmodule
