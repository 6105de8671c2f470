// From the pins of a camera to the network's input: hearth_dvp.sv and hearth_scaler.sv. What a
// camera sends as one frame reaches the network as one frame, mended and flagged if it was broken,
// or does not reach it at all, and is told.
module hearth_camera #(
  parameter bit Yuv = 1'b0,           // these three as in hearth_dvp.sv
  parameter bit VsyncLow = 1'b0,
  parameter int unsigned DepthBits = 5,
  parameter int unsigned SourceWidth = 640,  // these six as in hearth_scaler.sv
  parameter int unsigned SourceHeight = 480,
  parameter int unsigned ScaledWidth = 341,
  parameter int unsigned ScaledHeight = 256,
  parameter int unsigned Width = 224,
  parameter int unsigned Height = 224
) (
  input  logic        clk,
  input  logic        rst,
  input  logic        cam_pclk,
  input  logic        cam_vsync,
  input  logic        cam_href,
  input  logic [7:0]  cam_data,
  output logic [23:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  output logic        m_axis_tuser,
  output logic        m_axis_tlast,
  output logic        tap_valid_o,  // a pixel of the camera's, before the scaler, moves
  output logic        tap_first_o,  // of its frame
  output logic [23:0] tap_pixel_o,
  output logic [4:0]  faults_o,    // of the camera's frame, as in hw/axi/hearth_axi_video.sv
  output logic        done_o,
  output logic        damaged_o,
  output logic        broken_o,    // some fault was in the camera's frame that began last
  output logic        left_out_o   // in this cycle one more frame was left out
);
  logic [23:0] pixel;
  logic pixel_valid, pixel_ready, pixel_first, pixel_last, over, busy, busy_q, fault;

  hearth_dvp #(.Yuv(Yuv), .VsyncLow(VsyncLow), .DepthBits(DepthBits)) u_dvp (
    .clk, .rst, .cam_pclk, .cam_vsync, .cam_href, .cam_data, .busy_i(busy), .m_axis_tdata(pixel),
    .m_axis_tvalid(pixel_valid), .m_axis_tready(pixel_ready), .m_axis_tuser(pixel_first),
    .m_axis_tlast(pixel_last), .over_o(over), .left_out_o
  );

  hearth_scaler #(
    .SourceWidth(SourceWidth), .SourceHeight(SourceHeight), .ScaledWidth(ScaledWidth),
    .ScaledHeight(ScaledHeight), .Width(Width), .Height(Height), .Colours(3)
  ) u_scaler (
    .clk, .rst, .enable_i(1'b1), .timeout_i({31'b0, over}), .s_axis_tdata(pixel),
    .s_axis_tvalid(pixel_valid), .s_axis_tready(pixel_ready), .s_axis_tuser(pixel_first),
    .s_axis_tlast(pixel_last), .m_axis_tdata, .m_axis_tvalid, .m_axis_tready, .m_axis_tuser,
    .m_axis_tlast, .busy_o(busy), .faults_o, .done_o, .damaged_o
  );

  assign tap_valid_o = pixel_valid && pixel_ready;
  assign {tap_first_o, tap_pixel_o} = {pixel_first, pixel};

  // A stray pixel is none of a frame's.
  assign fault = busy && |(faults_o & 5'b10111);
  always_ff @(posedge clk) begin
    busy_q <= !rst && busy;
    broken_o <= !rst && (fault || (broken_o && (busy_q || !busy)));
  end
endmodule
