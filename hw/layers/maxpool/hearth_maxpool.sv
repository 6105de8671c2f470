// A max-pool kernel, all but the process that XLS compiles (maxpool.x), which hangs on its ports:
// what it sends to columns_out and rows_out comes back, one position and one row of positions
// later.
module hearth_maxpool #(
  parameter int unsigned Width = 8,         // bits per beat
  parameter int unsigned ColumnWidth = 8,   // bits of the partial maxima of a beat along a row
  parameter int unsigned RowWidth = 8,      // and from row to row
  parameter int unsigned ColumnWords = 1,   // beats of a position
  parameter int unsigned RowWords = 2,      // beats of a row of output positions
  parameter int ColumnBlock = -1,           // BlockWords of hw/memory/hearth_ram.sv, as RowBlock
  parameter int RowBlock = -1
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic [      Width-1:0] s_data,
  input  logic                   s_valid,
  output logic                   s_ready,
  output logic                   busy,           // a beat is taken in this cycle
  output logic [      Width-1:0] values_data,    // to maxpool.x
  output logic                   values_valid,
  input  logic                   values_ready,
  input  logic [ColumnWidth-1:0] columns_out_data,
  input  logic                   columns_out_valid,
  output logic                   columns_out_ready,
  output logic [ColumnWidth-1:0] columns_in_data,
  output logic                   columns_in_valid,
  input  logic                   columns_in_ready,
  input  logic [   RowWidth-1:0] rows_out_data,
  input  logic                   rows_out_valid,
  output logic                   rows_out_ready,
  output logic [   RowWidth-1:0] rows_in_data,
  output logic                   rows_in_valid,
  input  logic                   rows_in_ready
);
  assign busy = values_valid && values_ready;

  // Whether the process takes a beat depends on all its other streams, late in the cycle.
  hearth_skid #(
    .Width(Width)
  ) u_values (
    .clk, .rst, .s_data, .s_valid, .s_ready,
    .m_data(values_data), .m_valid(values_valid), .m_ready(values_ready)
  );

  hearth_delay_line #(
    .Width(ColumnWidth), .Depth(ColumnWords), .BlockWords(ColumnBlock)
  ) u_columns (
    .clk, .rst, .s_data(columns_out_data), .s_valid(columns_out_valid), .s_ready(columns_out_ready),
    .m_data(columns_in_data), .m_valid(columns_in_valid), .m_ready(columns_in_ready)
  );

  hearth_delay_line #(
    .Width(RowWidth), .Depth(RowWords), .BlockWords(RowBlock)
  ) u_rows (
    .clk, .rst, .s_data(rows_out_data), .s_valid(rows_out_valid), .s_ready(rows_out_ready),
    .m_data(rows_in_data), .m_valid(rows_in_valid), .m_ready(rows_in_ready)
  );
endmodule
