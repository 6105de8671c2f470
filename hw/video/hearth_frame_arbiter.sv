// Two sources of whole frames into one network: a host's link, and a camera. Each result goes back
// to whoever the frame came from.
//
//   link   pixels ----+                                  +---- words   link
//                     +-- one of them, frame by frame -- network --+
//   camera pixels ----+                                  +---- words   camera
//
// The link comes first, for it cannot repeat a byte, and a camera soon sends another frame. A frame
// of the camera enters if, at its first pixel, nothing else enters or waits to; it is left out
// whole otherwise. One that has begun gives way to the link, too: its rest is zeros, as fast as the
// network takes them, and its result does not count. So the link waits for one frame of the
// network's at most, whatever the camera does, even if its clock stops; and what a camera sends is
// always taken, unless the network takes no pixel.
//
// A frame whose first pixel has come is known here until the last word of its result: 2^InsideBits
// of them at most. `camera_counts` goes with the last word of a camera's result: it is low if the
// frame was not the camera's to its end. One cycle between two frames. Proved for all time:
// formal/hearth_frame_arbiter_proof.sv.
module hearth_frame_arbiter #(
  parameter int unsigned Pixels = 1024,   // of a frame
  parameter int unsigned Words = 15,      // of a result
  parameter int unsigned DataWidth = 24,  // bits per pixel
  parameter int unsigned InsideBits = 5
) (
  input  logic                 clk,
  input  logic                 rst,
  input  logic [DataWidth-1:0] link_pixel,    // whole frames
  input  logic                 link_valid,
  output logic                 link_ready,
  input  logic [DataWidth-1:0] camera_pixel,
  input  logic                 camera_valid,
  input  logic                 camera_first,  // pixel of its frame
  output logic                 camera_ready,
  input  logic                 spoilt_i,      // the camera's frame that has begun does not count
  input  logic                 void_i,        // nor does any frame of the camera that is inside
  output logic [DataWidth-1:0] m_data,        // to the network
  output logic                 m_valid,
  input  logic                 m_ready,
  input  logic                 result_valid,  // from the network; the word itself needs no switch
  output logic                 result_ready,
  output logic                 link_word_valid,
  input  logic                 link_word_ready,
  output logic                 camera_word_valid,  // taken in this cycle
  output logic                 camera_word_last,
  output logic                 camera_counts,
  output logic                 left_out_o     // in this cycle one more frame was left out, or cut
);
  localparam int unsigned Frames = 1 << InsideBits;
  localparam int unsigned PixelBits = (Pixels > 1) ? $clog2(Pixels) : 1;
  localparam int unsigned WordBits = (Words > 1) ? $clog2(Words) : 1;

  if (Pixels < 2 || Words < 1 || InsideBits < 1) $error("%m: no frames");

  typedef enum logic [1:0] {Idle, Link, Camera, Pad} state_e;
  state_e state_q, state_d;
  logic [PixelBits-1:0] pixel_q;     // of the frame that enters
  logic [WordBits-1:0] word_q;       // of the result that leaves
  logic [Frames-1:0] camera_q;       // which frames inside are the camera's,
  logic [Frames-1:0] counts_q;       // and count
  logic [InsideBits-1:0] oldest_q, newest_q;
  logic [InsideBits:0] inside_q;
  logic moves, ends, fresh, again, starts, cut, word, leaves, is_camera;

  // ---- in
  assign fresh = camera_valid && camera_first;
  assign again = fresh && pixel_q != '0;  // a frame begins before the last one is over
  assign moves = m_valid && m_ready;
  assign ends = moves && pixel_q == PixelBits'(Pixels - 1);
  assign cut = state_q == Camera && (link_valid || again || spoilt_i || void_i)
      && (moves || !m_valid) && !ends;
  assign starts = state_q == Idle && state_d != Idle;

  always_comb begin
    state_d = state_q;
    m_data = '0;
    m_valid = 1'b0;
    link_ready = 1'b0;
    camera_ready = 1'b1;
    unique case (state_q)
      Idle: if (!inside_q[InsideBits]) begin
        if (link_valid) begin
          state_d = Link;
        end else if (fresh && !spoilt_i && !void_i) begin
          state_d = Camera;
          camera_ready = 1'b0;
        end
      end
      Link: begin
        m_data = link_pixel;
        m_valid = link_valid;
        link_ready = m_ready;
        if (ends) state_d = Idle;
      end
      Camera: begin
        m_data = camera_pixel;
        m_valid = camera_valid && !again;
        camera_ready = m_ready && !again;
        if (ends) state_d = Idle;
        else if (cut) state_d = Pad;
      end
      default: begin
        m_valid = 1'b1;
        if (ends) state_d = Idle;
      end
    endcase
  end
  assign left_out_o = cut || (fresh && camera_ready && state_q != Camera);

  // ---- out
  assign is_camera = camera_q[oldest_q];
  assign word = result_valid && inside_q != '0;
  assign camera_word_valid = word && is_camera;
  assign link_word_valid = word && !is_camera;
  assign result_ready = inside_q != '0 && (is_camera || link_word_ready);
  assign camera_word_last = word_q == WordBits'(Words - 1);
  assign camera_counts = counts_q[oldest_q] && !void_i;
  assign leaves = result_valid && result_ready && camera_word_last;

  always_ff @(posedge clk) begin
    if (rst) begin
      state_q <= Idle;
      pixel_q <= '0;
      word_q <= '0;
      oldest_q <= '0;
      newest_q <= '1;
      inside_q <= '0;
      camera_q <= '0;
      counts_q <= '0;
    end else begin
      state_q <= state_d;
      if (moves) pixel_q <= ends ? '0 : pixel_q + 1'b1;
      if (result_valid && result_ready) word_q <= camera_word_last ? '0 : word_q + 1'b1;
      if (leaves) oldest_q <= oldest_q + 1'b1;
      inside_q <= inside_q + (InsideBits + 1)'(starts) - (InsideBits + 1)'(leaves);
      if (void_i) counts_q <= '0;
      if (cut || (state_q == Camera && spoilt_i)) counts_q[newest_q] <= 1'b0;
      if (starts) begin
        newest_q <= newest_q + 1'b1;
        camera_q[newest_q+1'b1] <= !link_valid;
        counts_q[newest_q+1'b1] <= 1'b1;
      end
    end
  end
endmodule
