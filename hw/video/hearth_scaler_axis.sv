// Where along one axis the scaler is: whose part the current sample (a pixel of a line, or a line
// of a frame) is, of the target samples that are averages.
//
// Both are measured in units that divide either: a sample has Unit of them, a target sample Step,
// and Step is not the smaller, so that a sample belongs to two target samples at most:
//
//   samples         | Unit | Unit | Unit | Unit | Unit | Unit | Unit | Unit |
//   targets         |- Skip -|   Step   |   Step   |   Step   |  the rest  |
//   part_o            all  some  all    some ...      units of the sample in the current target
//   ends_o             0    1     0      1     the target ends in this sample; what the sample has
//                                              beyond part_o belongs to the next target
//
// All of an axis is a whole number of steps, Skip too: the last target ends with the last sample.
module hearth_scaler_axis #(
  parameter int unsigned Source = 8,  // samples
  parameter int unsigned Unit = 1,    // units of a sample
  parameter int unsigned Step = 2,    // units of a target sample
  parameter int unsigned Skip = 0,    // units in front of the first target sample
  parameter int unsigned Count = 4,   // target samples
  localparam int unsigned UnitBits = $clog2(Unit + 1)
) (
  input  logic                clk,
  input  logic                rst,
  input  logic                step_i,   // on to the next sample, after the last one to the first
  output logic [UnitBits-1:0] part_o,
  output logic                ends_o,
  output logic                counts_o, // the current target is one of Count
  output logic                first_o,  // it is the first of these
  output logic                start_o,  // the sample is the first one
  output logic                last_o    // the sample is the last one
);
  localparam int unsigned Longest = (Skip > Step) ? Skip : Step;
  localparam int unsigned RestBits = $clog2(Longest + 1);
  localparam int unsigned SampleBits = (Source > 1) ? $clog2(Source) : 1;
  localparam int unsigned TargetBits = $clog2(Count + 1);
  localparam logic [RestBits-1:0] Start = RestBits'((Skip == 0) ? Step : Skip);
  localparam logic [TargetBits-1:0] Past = TargetBits'(Count);

  if (Unit < 1 || Unit > Step) $error("%m: the scaler makes pictures smaller, never larger");
  if (Skip + Count * Step > Source * Unit) $error("%m: the crop does not lie in the picture");
  if (Source * Unit % Step != 0 || Skip % Step != 0) $error("%m: a target is cut in two");

  logic [SampleBits-1:0] sample_q;
  logic [RestBits-1:0] rest_q;      // units until the current target ends, at least one
  logic [TargetBits-1:0] target_q;  // the current target, or the one that follows what is skipped
  logic skipping_q;

  assign ends_o = rest_q <= RestBits'(Unit);
  assign part_o = ends_o ? UnitBits'(rest_q) : UnitBits'(Unit);
  assign counts_o = !skipping_q && target_q != Past;
  assign first_o = !skipping_q && target_q == '0;
  assign start_o = sample_q == '0;
  assign last_o = sample_q == SampleBits'(Source - 1);

  always_ff @(posedge clk) begin
    if (rst || (step_i && last_o)) begin
      sample_q <= '0;
      rest_q <= Start;
      target_q <= '0;
      skipping_q <= Skip != 0;
    end else if (step_i) begin
      sample_q <= sample_q + 1'b1;
      rest_q <= rest_q + (ends_o ? RestBits'(Step - Unit) : -RestBits'(Unit));
      if (ends_o) skipping_q <= 1'b0;
      if (ends_o && counts_o) target_q <= target_q + 1'b1;
    end
  end
endmodule
