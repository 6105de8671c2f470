// Sums down the columns: of every frame of Source lines, each Width sums of pixels
// (hearth_scaler_row.sv), Width x Height sums of areas, each of Step units of lines.
//
// The sums of the target row that is being made wait in a memory of Width words. In the line that
// ends a target row they leave, two cycles behind what came last, and the memory keeps what this
// line has for the next row: nothing in a frame's last line, but after a reset anything may be
// there, so that a first line takes it for zero. One sum a cycle; everything stands still while
// go_i is low.
module hearth_scaler_rows #(
  parameter int unsigned Source = 8,   // lines; these four as in hearth_scaler_axis.sv
  parameter int unsigned Unit = 1,
  parameter int unsigned Step = 2,
  parameter int unsigned Skip = 0,
  parameter int unsigned Width = 4,
  parameter int unsigned Height = 4,
  parameter int unsigned Colours = 3,  // sums that come together
  parameter int unsigned InBits = 9,   // of such a sum
  localparam int unsigned SumBits = InBits + $clog2(Step)
) (
  input  logic                            clk,
  input  logic                            rst,
  input  logic                            go_i,
  input  logic [Colours-1:0][InBits-1:0]  s_data,
  input  logic                            s_valid,
  output logic [Colours-1:0][SumBits-1:0] m_data,
  output logic                            m_valid,
  output logic                            m_first,  // the frame's first
  output logic                            m_last    // the last one of its row
);
  localparam int unsigned UnitBits = $clog2(Unit + 1);
  localparam int unsigned ProductBits = InBits + UnitBits;
  localparam int unsigned ColumnBits = $clog2(Width);

  // With one word, a word would be read in the cycle in which it is written.
  if (Width < 2) $error("%m: a row has at least two pixels");

  logic moves, last_column, ends, counts, first, start, unused_last;
  logic [UnitBits-1:0] part;
  logic [ColumnBits-1:0] column_q;
  // Of the sums in the registers below.
  logic valid_q, ends_q, counts_q, first_q, start_q, last_q;
  logic [ColumnBits-1:0] place_q;
  logic [Colours-1:0][ProductBits-1:0] part_q, whole_q;
  logic [Colours-1:0][SumBits-1:0] held, total, kept;

  assign moves = go_i && s_valid;
  assign last_column = column_q == ColumnBits'(Width - 1);

  hearth_scaler_axis #(
    .Source(Source), .Unit(Unit), .Step(Step), .Skip(Skip), .Count(Height)
  ) u_axis (
    .clk, .rst, .step_i(moves && last_column), .part_o(part), .ends_o(ends), .counts_o(counts),
    .first_o(first), .start_o(start), .last_o(unused_last)
  );

  hearth_ram #(
    .Width(Colours * SumBits),
    .Words(Width)
  ) u_ram (
    .clk,
    .write_enable(go_i && valid_q),
    .write_address(place_q),
    .write_data(kept),
    .read_enable(moves),
    .read_address(column_q),
    .read_data(held)
  );

  for (genvar c = 0; c < int'(Colours); c++) begin : gen_colour
    assign total[c] = (start_q ? '0 : held[c]) + SumBits'(part_q[c]);
    assign kept[c] = ends_q ? SumBits'(whole_q[c] - part_q[c]) : total[c];
    always_ff @(posedge clk) begin
      if (go_i) begin
        part_q[c] <= ProductBits'(s_data[c]) * ProductBits'(part);
        whole_q[c] <= ProductBits'(s_data[c]) * ProductBits'(Unit);
        m_data[c] <= total[c];
      end
    end
  end

  always_ff @(posedge clk) begin
    if (go_i) begin
      {ends_q, counts_q, start_q, last_q, place_q} <= {ends, counts, start, last_column, column_q};
      first_q <= first && column_q == '0;
      {m_first, m_last} <= {first_q, last_q};
    end
    if (rst) {valid_q, m_valid, column_q} <= '0;
    else if (go_i) begin
      {valid_q, m_valid} <= {s_valid, valid_q && ends_q && counts_q};
      if (s_valid) column_q <= last_column ? '0 : column_q + 1'b1;
    end
  end
endmodule
