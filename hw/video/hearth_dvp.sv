// A camera with a parallel port as AXI4-Stream video (tuser = start of frame, tlast = end of line),
// 8-bit colours, red in the lowest byte, in the network's clock.
//
//   pins -> dvp_capture -> async_fifo -> rgb565, or pairs and yuv -> hearth_scaler.sv
//           camera's clock  | clk
//
// `over_o` says that no more comes of this frame: whoever mends frames then has to end it
// (hearth_axi_video.sv with a timeout of one cycle while over_o is high), and to be idle, busy_i
// low, before the next frame begins: if it is not, that frame is left out as a whole, and told. A
// frame that finds the FIFO full ends there. clk needs three edges for four of the camera's clock.
module hearth_dvp #(
  parameter bit Yuv = 1'b0,           // YUV 4:2:2 and not RGB565
  parameter bit VsyncLow = 1'b0,      // vsync is low between frames
  parameter int unsigned DepthBits = 5  // the FIFO holds 2^DepthBits words
) (
  input  logic        clk,
  input  logic        rst,
  input  logic        cam_pclk,
  input  logic        cam_vsync,
  input  logic        cam_href,
  input  logic [7:0]  cam_data,
  input  logic        busy_i,         // the reader is inside a frame
  output logic [23:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  output logic        m_axis_tuser,
  output logic        m_axis_tlast,
  output logic        over_o,
  output logic        left_out_o      // in this cycle one more frame was left out
);
  logic asks_q, cam_rst, answers, reset;
  logic idle_q, cam_idle, cam_left_out, cam_toggle_q, toggle, toggle_q;
  logic [18:0] cam_word, word;
  logic cam_valid, cam_ready, valid, ready, over, pixel_ready, empty;

  // The camera's side answers that it is in reset, so that both are at once: its clock may be late.
  assign reset = rst || asks_q || answers;
  always_ff @(posedge clk) asks_q <= rst || (asks_q && !answers);
  hearth_sync u_ask (.clk(cam_pclk), .rst(1'b0), .d_i(asks_q), .q_o(cam_rst));
  hearth_sync u_answer (.clk, .rst(1'b0), .d_i(cam_rst), .q_o(answers));

  always_ff @(posedge clk) idle_q <= !reset && !busy_i && !valid && empty;
  hearth_sync u_idle (.clk(cam_pclk), .rst(cam_rst), .d_i(idle_q), .q_o(cam_idle));

  hearth_dvp_capture #(.VsyncLow(VsyncLow)) u_capture (
    .clk(cam_pclk), .rst(cam_rst), .vsync_i(cam_vsync), .href_i(cam_href), .data_i(cam_data),
    .idle_i(cam_idle), .m_data(cam_word), .m_valid(cam_valid), .m_ready(cam_ready),
    .left_out_o(cam_left_out)
  );

  hearth_async_fifo #(.Width(19), .AddressBits(DepthBits)) u_fifo (
    .s_clk(cam_pclk), .s_rst(cam_rst), .s_data(cam_word), .s_valid(cam_valid), .s_ready(cam_ready),
    .m_clk(clk), .m_rst(reset), .m_data(word), .m_valid(valid), .m_ready(ready)
  );

  assign over = valid && word[18];
  assign over_o = over && empty;
  assign ready = over ? over_o && !busy_i : pixel_ready;

  if (Yuv) begin : gen_yuv
    hearth_dvp_pairs u_pairs (
      .clk, .rst(reset), .drop_i(over), .s_data(word[17:0]), .s_valid(valid && !over),
      .s_ready(pixel_ready), .m_data({m_axis_tuser, m_axis_tlast, m_axis_tdata}),
      .m_valid(m_axis_tvalid), .m_ready(m_axis_tready), .empty_o(empty)
    );
  end else begin : gen_rgb
    assign {m_axis_tuser, m_axis_tlast} = word[17:16];
    assign m_axis_tvalid = valid && !over;
    assign pixel_ready = m_axis_tready;
    assign empty = 1'b1;
    hearth_dvp_rgb565 u_rgb (.word_i(word[15:0]), .rgb_o(m_axis_tdata));
  end

  // A pulse is a change of level on its way between the clocks.
  always_ff @(posedge cam_pclk) cam_toggle_q <= !cam_rst && (cam_toggle_q ^ cam_left_out);
  hearth_sync u_left_out (.clk, .rst(reset), .d_i(cam_toggle_q), .q_o(toggle));
  always_ff @(posedge clk) toggle_q <= !reset && toggle;
  assign left_out_o = toggle ^ toggle_q;
endmodule
