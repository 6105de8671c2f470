// Sums along the lines: of every line of Source pixels Width sums, each of Step units of pixels.
//
//   sum[i] = sum over the units of target i of the pixel that the unit lies in
//
// Nothing is carried from one line into the next: a line ends where a target ends.
// One pixel a cycle; a sum leaves two cycles after the last pixel that it has part of. Everything
// stands still while go_i is low.
module hearth_scaler_row #(
  parameter int unsigned Source = 8,   // pixels of a line; these five as in hearth_scaler_axis.sv
  parameter int unsigned Unit = 1,
  parameter int unsigned Step = 2,
  parameter int unsigned Skip = 0,
  parameter int unsigned Width = 4,
  parameter int unsigned Colours = 3,  // bytes of a pixel
  localparam int unsigned SumBits = $clog2(255 * Step + 1)
) (
  input  logic                            clk,
  input  logic                            rst,
  input  logic                            go_i,
  input  logic [Colours-1:0][7:0]         s_data,
  input  logic                            s_valid,
  output logic [Colours-1:0][SumBits-1:0] m_data,
  output logic                            m_valid
);
  localparam int unsigned UnitBits = $clog2(Unit + 1);
  localparam int unsigned ProductBits = 8 + UnitBits;

  logic [UnitBits-1:0] part;
  logic ends, counts, unused_first, unused_start, unused_last;
  logic valid_q, ends_q, counts_q;                       // of the pixel in the registers below
  logic [Colours-1:0][ProductBits-1:0] part_q, whole_q;     // times its part, times all its units
  logic [Colours-1:0][SumBits-1:0] sum_q, total;

  hearth_scaler_axis #(
    .Source(Source), .Unit(Unit), .Step(Step), .Skip(Skip), .Count(Width)
  ) u_axis (
    .clk, .rst, .step_i(go_i && s_valid), .part_o(part), .ends_o(ends), .counts_o(counts),
    .first_o(unused_first), .start_o(unused_start), .last_o(unused_last)
  );

  for (genvar c = 0; c < int'(Colours); c++) begin : gen_colour
    assign total[c] = sum_q[c] + SumBits'(part_q[c]);
    always_ff @(posedge clk) begin
      if (go_i) begin
        part_q[c] <= ProductBits'(s_data[c]) * ProductBits'(part);
        whole_q[c] <= ProductBits'(s_data[c]) * ProductBits'(Unit);
        m_data[c] <= total[c];
      end
      if (rst) sum_q[c] <= '0;
      else if (go_i && valid_q) begin
        sum_q[c] <= ends_q ? SumBits'(whole_q[c] - part_q[c]) : total[c];
      end
    end
  end

  always_ff @(posedge clk) begin
    if (go_i) {ends_q, counts_q} <= {ends, counts};
    if (rst) {valid_q, m_valid} <= '0;
    else if (go_i) {valid_q, m_valid} <= {s_valid, valid_q && ends_q && counts_q};
  end
endmodule
