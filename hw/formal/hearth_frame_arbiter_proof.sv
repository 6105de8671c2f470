// Proof of video/hearth_frame_arbiter.sv, for a link and a camera that hold what they show until it
// is taken and are otherwise free, and a network that stalls as it likes and gives no more words
// than it owes for frames that have begun:
//
//   - a pixel that is shown to the network stays, unchanged, until it is taken
//   - every Pixels pixels are one frame: all of them the link's, each taken from it in that cycle;
//     or the first the camera's first of a frame, the others the camera's or, from some pixel on,
//     zeros, and no pixel of the camera was let fall between the first and the last that entered
//   - a word goes to whoever its frame came from, and never to both; the camera's are always taken
//   - which of the camera's results count: hearth_frame_follow.sv
//   - left_out_o tells once of every frame of the camera that did not enter whole, and of no other
//   - while the network takes a pixel whenever one is shown, and owes less than 2^InsideBits
//     results, the link waits no longer than a frame and one cycle, the camera no longer than one
module hearth_frame_arbiter_proof #(
  parameter int unsigned Pixels = 3,
  parameter int unsigned Words = 2,
  parameter int unsigned DataWidth = 2,
  parameter int unsigned InsideBits = 1
) (
  input logic clk, reset, choose,
  input logic [DataWidth-1:0] link_pixel, camera_pixel,
  input logic link_valid, camera_valid, camera_first, spoilt, void_all,
  input logic m_ready, result_valid, link_word_ready
);
  localparam int unsigned PixelBits = $clog2(Pixels), WordBits = (Words > 1) ? $clog2(Words) : 1;
  logic started_q = 1'b0;
  logic rst, link_ready, camera_ready, m_valid, result_ready, link_word_valid, left_out;
  logic camera_word_valid, camera_word_last, camera_counts;
  logic [DataWidth-1:0] m_data;
  assign rst = reset || !started_q;
  hearth_frame_arbiter #(
    .Pixels(Pixels), .Words(Words), .DataWidth(DataWidth), .InsideBits(InsideBits)
  ) dut (
    .clk, .rst, .link_pixel, .link_valid, .link_ready, .camera_pixel, .camera_valid,
    .camera_first, .camera_ready, .spoilt_i(spoilt), .void_i(void_all), .m_data, .m_valid, .m_ready,
    .result_valid, .result_ready, .link_word_valid, .link_word_ready,
    .camera_word_valid, .camera_word_last, .camera_counts, .left_out_o(left_out)
  );

  logic moves, link_takes, camera_takes, enters, first, last, over, word, refused;
  logic link_stuck, camera_stuck, link_waits_q, camera_waits_q, m_waits_q;
  logic [DataWidth-1:0] link_was_q, m_was_q;
  logic [DataWidth:0] camera_was_q;
  logic [15:0] pixel_q, word_q, inside_q, ahead_q, link_stuck_q, camera_stuck_q;
  logic owner_q, owner;          // of the frame that enters: the camera
  logic fails, early_q;          // it does not count; nor did it before its first pixel moved
  logic zeros_q;                 // what is left of it is zeros
  logic told_q;                  // that the frame that enters is cut was told
  logic followed_q, mine_q;      // a frame is followed; it is the one that enters
  logic value_q, failed_q;       // it is the camera's; it does not count
  logic [InsideBits-1:0] slot;   // where the followed frame is known
  logic begun, cut;              // a frame enters of which no pixel has moved; the followed is cut

  assign moves = m_valid && m_ready;
  assign link_takes = link_valid && link_ready;
  assign camera_takes = camera_valid && camera_ready;
  assign enters = camera_takes && \dut.state_q == Camera;
  assign first = moves && pixel_q == '0;
  assign last = moves && pixel_q == 16'(Pixels - 1);
  assign owner = first ? !link_takes : owner_q;
  assign fails = spoilt || void_all || (moves && !enters) || (first && early_q);
  assign refused = camera_takes && camera_first && !enters;
  assign word = result_valid && result_ready;
  assign over = word && word_q == 16'(Words - 1);
  assign link_stuck = link_valid && !link_ready && m_ready && inside_q < 16'(1 << InsideBits);
  assign camera_stuck = camera_valid && !camera_ready && m_ready;

  hearth_frame_follow follow (
    .clk, .rst, .choose, .first, .last, .is_camera(owner), .fails, .fails_all(void_all), .over,
    .result_valid, .camera_word_valid, .camera_counts, .inside(inside_q),
    .followed_q, .mine_q, .ahead_q, .value_q, .failed_q
  );

  always_ff @(posedge clk) begin
    started_q <= 1'b1;
    {link_was_q, camera_was_q, m_was_q} <= {link_pixel, camera_pixel, camera_first, m_data};
    link_waits_q <= !rst && link_valid && !link_ready;
    camera_waits_q <= !rst && camera_valid && !camera_ready;
    m_waits_q <= !rst && m_valid && !m_ready;
    link_stuck_q <= link_stuck ? link_stuck_q + 1'b1 : '0;
    camera_stuck_q <= camera_stuck ? camera_stuck_q + 1'b1 : '0;
    if (moves) pixel_q <= last ? '0 : pixel_q + 1'b1;
    if (moves) owner_q <= owner;
    early_q <= !rst && begun && !moves && (early_q || spoilt || void_all);
    told_q <= (told_q && !first) || (left_out && !refused);
    if (moves) zeros_q <= !last && !link_takes && !enters;
    if (word) word_q <= over ? '0 : word_q + 1'b1;
    inside_q <= inside_q + 16'(first) - 16'(over);
    if (rst) {pixel_q, word_q, inside_q, link_stuck_q, camera_stuck_q} <= '0;
  end

  always_comb begin
    if (!rst) begin
      assume (!link_waits_q || (link_valid && link_pixel == link_was_q));
      assume (!camera_waits_q || (camera_valid && {camera_pixel, camera_first} == camera_was_q));
      assume (!result_valid || inside_q != '0);
      assert (!m_waits_q || (m_valid && m_data == m_was_q));
      assert (!link_takes || (moves && m_data == link_pixel && !enters));
      assert (!enters || (moves && m_data == camera_pixel && (first || !zeros_q)));
      assert (!moves || link_takes || enters || m_data == '0);
      assert (!first || link_takes || (enters && camera_first));
      assert (first || !enters || !camera_first);
      assert (first || !moves || link_takes == !owner_q);
      assert (!refused || left_out);
      assert (!left_out || refused || (owner && (first || (pixel_q != '0 && !told_q))));
      assert (!moves || !owner || enters || told_q);
      assert (!(last && enters) || first || !told_q);
      assert ({1'b0, result_valid} == link_word_valid + camera_word_valid);
      assert (!camera_word_valid || result_ready);
      assert (!link_word_valid || result_ready == link_word_ready);
      assert (!result_valid || camera_word_last == (word_q == 16'(Words - 1)));
      assert (link_stuck_q <= 16'(Pixels + 1) && camera_stuck_q <= 16'd1);
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (16'(\dut.pixel_q ) == pixel_q && pixel_q < 16'(Pixels));
      assert (16'(\dut.word_q ) == word_q && word_q < 16'(Words));
      assert (inside_q + 16'(begun) <= 16'(1 << InsideBits) && inside_q < 16'hFFFF);
      assert (16'(\dut.inside_q ) == inside_q + 16'(begun));
      assert (\dut.newest_q == InsideBits'(\dut.oldest_q + \dut.inside_q - 1'b1));
      assert (\dut.state_q != Idle || (pixel_q == '0 && link_stuck_q <= 16'(Pixels)));
      assert (\dut.state_q != Link || pixel_q == '0 || !owner_q);
      assert (\dut.state_q != Camera || link_stuck_q == '0);
      assert (\dut.state_q != Camera || (pixel_q == '0 ? camera_waits_q && camera_was_q[0]
                                         : owner_q && !zeros_q && !told_q));
      assert (\dut.state_q != Pad || (pixel_q != '0 && link_stuck_q <= pixel_q && owner_q
                                      && told_q && !\dut.counts_q [\dut.newest_q ]));
      assert (camera_stuck_q == '0 || \dut.state_q == (begun ? Camera : Pad));
      assert (!begun || \dut.camera_q [\dut.newest_q ] == (\dut.state_q == Camera));
      assert (!begun || \dut.state_q == Link || \dut.counts_q [\dut.newest_q ] == !early_q);
      assert (!followed_q || ahead_q < inside_q);
      assert (!followed_q || \dut.camera_q [slot] == value_q);
      assert (!(followed_q && value_q) || \dut.counts_q [slot] == !(failed_q || cut));
      assert (mine_q == (followed_q && ahead_q == inside_q - 1'b1 && pixel_q != '0));
      assert (!mine_q || value_q == owner_q);
`endif
    end
  end

  // The block's own state.
  localparam logic [1:0] Idle = 0, Link = 1, Camera = 2, Pad = 3;
  (* hierconn *) logic [1:0] \dut.state_q ;
  (* hierconn *) logic [PixelBits-1:0] \dut.pixel_q ;
  (* hierconn *) logic [WordBits-1:0] \dut.word_q ;
  (* hierconn *) logic [InsideBits-1:0] \dut.oldest_q , \dut.newest_q ;
  (* hierconn *) logic [InsideBits:0] \dut.inside_q ;
  (* hierconn *) logic [(1<<InsideBits)-1:0] \dut.camera_q , \dut.counts_q ;
  assign slot = InsideBits'(\dut.oldest_q + ahead_q);
  assign cut = mine_q && \dut.state_q == Pad;
  assign begun = pixel_q == '0 && \dut.state_q != Idle;
endmodule
