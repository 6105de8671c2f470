// What is promised of a result (hearth_frame_arbiter_proof.sv), for a frame that the prover chooses
// and that is followed from its first pixel to its last word:
//
//   - when all frames before it have left, the words are its own, and go to whoever sent it
//   - a result of the camera's counts only if no pixel of its frame so far was anything but the
//     camera's, and it was never spoilt or void; once all of it has entered, whenever that is so
module hearth_frame_follow (
  input  logic        clk,
  input  logic        rst,
  input  logic        choose,
  input  logic        first,              // pixel of a frame moves
  input  logic        last,
  input  logic        is_camera,          // the frame that enters is the camera's
  input  logic        fails,              // that frame does not count from now on,
  input  logic        fails_all,          // nor does any of the camera's
  input  logic        over,               // a result's last word leaves
  input  logic        result_valid,
  input  logic        camera_word_valid,
  input  logic        camera_counts,
  input  logic [15:0] inside,             // frames that have begun and not left
  output logic        followed_q,
  output logic        mine_q,             // the frame that enters is the one
  output logic [15:0] ahead_q,            // frames that leave before it
  output logic        value_q,            // it is the camera's,
  output logic        failed_q            // and does not count
);
  logic own;  // the words are its own
  assign own = followed_q && ahead_q == '0 && result_valid;

  always_ff @(posedge clk) begin
    if (!followed_q) begin
      value_q <= is_camera;
      failed_q <= fails;
      ahead_q <= inside - 16'(over);
      followed_q <= choose && first;
      mine_q <= choose && first;
    end else begin
      if (over && ahead_q == '0) followed_q <= 1'b0;
      if (over) ahead_q <= ahead_q - 1'b1;
      if (last || (over && ahead_q == '0)) mine_q <= 1'b0;
      if (fails_all || (mine_q && fails)) failed_q <= 1'b1;
    end
    if (rst) {followed_q, mine_q} <= '0;
  end

  always_comb begin
    if (!rst) begin
      assert (!own || camera_word_valid == value_q);
      assert (!(own && value_q && camera_counts) || !(failed_q || fails_all));
      assert (!(own && value_q && !mine_q) || camera_counts || failed_q || fails_all);
    end
  end
endmodule
