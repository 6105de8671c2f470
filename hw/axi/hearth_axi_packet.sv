// Packets of a DMA engine as AXI4-Stream video: one packet is one frame, one 32-bit beat one pixel.
//
// Start of frame is the first beat of a packet, end of line every Width beats. Of a beat only the
// low DataWidth bits count (memory holds R, G, B, unused). A packet of another length than a frame
// reaches axi_video as a truncated or over-long frame and is mended there. Combinational; no state
// but counts.
module hearth_axi_packet #(
  parameter int unsigned Width = 224,    // pixels per line
  parameter int unsigned DataWidth = 24  // bits of a pixel, 32 at most
) (
  input  logic        clk,
  input  logic        rst,
  input  logic [31:0] s_axis_tdata,
  input  logic        s_axis_tvalid,
  output logic        s_axis_tready,
  input  logic        s_axis_tlast,
  output logic [DataWidth-1:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  output logic        m_axis_tuser,
  output logic        m_axis_tlast
);
  localparam int unsigned ColumnBits = (Width > 1) ? $clog2(Width) : 1;

  logic [ColumnBits-1:0] column_q;
  logic first_q, last_column, unused;

  assign last_column = column_q == ColumnBits'(Width - 1);
  assign m_axis_tdata = s_axis_tdata[DataWidth-1:0];
  assign m_axis_tvalid = s_axis_tvalid;
  assign s_axis_tready = m_axis_tready;
  assign m_axis_tuser = first_q;
  assign m_axis_tlast = last_column;
  assign unused = ^s_axis_tdata;

  always_ff @(posedge clk) begin
    if (rst) begin
      column_q <= '0;
      first_q <= 1'b1;
    end else if (s_axis_tvalid && s_axis_tready) begin
      first_q <= s_axis_tlast;
      column_q <= (last_column || s_axis_tlast) ? '0 : column_q + 1'b1;
    end
  end
endmodule
