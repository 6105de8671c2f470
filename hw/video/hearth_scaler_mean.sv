// From the sum over an area to its mean: sum / Area to the nearest integer, a half upwards.
//
//   mean = floor((sum + floor(Area / 2)) / Area),  0 <= sum <= 255 x Area
//
// The division is a multiplication by a reciprocal with as many bits as make it exact on every sum
// (hearth_scaler_pkg.sv); factors of 2 of the area need no multiplier. Two cycles; everything
// stands still while go_i is low.
module hearth_scaler_mean #(
  parameter int unsigned Area = 9,  // units of an area
  parameter int unsigned Bits = 12  // of its sum
) (
  input  logic            clk,
  input  logic            go_i,
  input  logic [Bits-1:0] s_data,
  output logic [7:0]      m_data
);
  localparam int unsigned Twos = hearth_scaler_pkg::twos(Area);
  localparam int unsigned Odd = Area >> Twos;
  localparam longint unsigned Largest = (64'd255 * 64'(Area) + 64'(Area / 2)) >> Twos;
  localparam int unsigned LargestBits = $clog2(Largest + 1);
  localparam int unsigned Shift = hearth_scaler_pkg::shift(Odd, Largest);
  localparam logic [63:0] Reciprocal = hearth_scaler_pkg::reciprocal(Odd, Shift);
  localparam int unsigned FactorBits = $clog2(Reciprocal + 1);
  localparam int unsigned ProductBits = LargestBits + FactorBits;

  if (hearth_scaler_pkg::excess(Odd, Shift) * 128'(Largest) >= (128'd1 << Shift)) begin : gen_check
    $error("%m: no reciprocal of at most 63 bits divides by this area exactly");
  end

  logic [LargestBits-1:0] rounded_q;

  always_ff @(posedge clk) begin
    if (go_i) begin
      rounded_q <= LargestBits'(((Bits + 1)'(s_data) + (Bits + 1)'(Area / 2)) >> Twos);
      m_data <= 8'((ProductBits'(rounded_q) * ProductBits'(Reciprocal)) >> Shift);
    end
  end
endmodule
