// Nearest-neighbour upsampling: a row leaves RowTimes times, each pixel of it PixelTimes times.
//
//   s -> [rows again] -> [pixels again] -> skid -> m
//
// A beat a cycle; what will leave again waits in a memory of one row, and in one of one pixel.
module hearth_upsample #(
  parameter int unsigned Width = 8,       // bits per beat
  parameter int unsigned RowBeats = 1,    // of the source
  parameter int unsigned RowTimes = 2,
  parameter int unsigned PixelBeats = 1,
  parameter int unsigned PixelTimes = 2,
  parameter int RowBlockWords = -1,       // as in hw/memory/hearth_ram.sv
  parameter int PixelBlockWords = -1
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [Width-1:0] s_data,
  input  logic             s_valid,
  output logic             s_ready,
  output logic [Width-1:0] m_data,
  output logic             m_valid,
  input  logic             m_ready,
  output logic             busy          // a beat of the result is made in this cycle
);
  logic [Width-1:0] rows_data, pixels_data;
  logic rows_valid, rows_ready, pixels_valid, pixels_ready;

  assign busy = pixels_valid && pixels_ready;

  hearth_repeat #(
    .Width(Width), .Beats(RowBeats), .Times(RowTimes), .BlockWords(RowBlockWords)
  ) u_rows (
    .clk, .rst, .s_data, .s_valid, .s_ready,
    .m_data(rows_data), .m_valid(rows_valid), .m_ready(rows_ready)
  );
  hearth_repeat #(
    .Width(Width), .Beats(PixelBeats), .Times(PixelTimes), .BlockWords(PixelBlockWords)
  ) u_pixels (
    .clk, .rst, .s_data(rows_data), .s_valid(rows_valid), .s_ready(rows_ready),
    .m_data(pixels_data), .m_valid(pixels_valid), .m_ready(pixels_ready)
  );
  hearth_skid #(.Width(Width)) u_result (
    .clk, .rst, .s_data(pixels_data), .s_valid(pixels_valid), .s_ready(pixels_ready),
    .m_data, .m_valid, .m_ready
  );
endmodule
