// Stands in for a network in tests/hw/test_axi.py: 6 x 4 pixels in, five words out, computed from every
// pixel and its place, so that a lost, doubled or moved pixel shows.
//
//   0  sum of (place + 1) * pixel     1  sum of pixels     2  pixels seen     3  frame number     4  7
//
// It takes frames while it sends its words, as the real network does, but far more of them: Room
// frames' words wait inside. It is ready in about three of four cycles.
module hearth_net #(
  parameter int unsigned Bits = 24
) (
  input  logic        clk,
  input  logic        rst,
  input  logic [Bits-1:0] s_data,
  input  logic        s_valid,
  output logic        s_ready,
  output logic [31:0] m_data,
  output logic        m_valid,
  input  logic        m_ready
);
  localparam int unsigned Pixels = 24;
  localparam int unsigned Words = 5;
  localparam int unsigned Room = 80;

  logic [31:0] weighted_q, sum_q, place_q, frame_q, answered_q;
  logic [31:0] words_q[Room][Words];
  logic [2:0] word_q;
  logic [7:0] lfsr_q;
  logic last, moves;

  assign last = place_q == Pixels - 1;
  assign s_ready = (lfsr_q[1:0] != '0) && !(last && frame_q - answered_q == Room);
  assign moves = s_valid && s_ready;
  assign m_valid = frame_q != answered_q;
  assign m_data = words_q[answered_q%Room][word_q];

  always_ff @(posedge clk) begin
    if (rst) begin
      {weighted_q, sum_q, place_q, frame_q, answered_q} <= '0;
      word_q <= '0;
      lfsr_q <= 8'h5a;
    end else begin
      lfsr_q <= {lfsr_q[6:0], lfsr_q[7] ^ lfsr_q[5] ^ lfsr_q[4] ^ lfsr_q[3]};
      if (m_valid && m_ready) begin
        word_q <= (32'(word_q) == Words - 1) ? '0 : word_q + 1'b1;
        if (32'(word_q) == Words - 1) answered_q <= answered_q + 1'b1;
      end
      if (moves) begin
        weighted_q <= weighted_q + (place_q + 1) * 32'(s_data);
        sum_q <= sum_q + 32'(s_data);
        place_q <= place_q + 1'b1;
        if (last) begin
          words_q[frame_q%Room][0] <= weighted_q + (place_q + 1) * 32'(s_data);
          words_q[frame_q%Room][1] <= sum_q + 32'(s_data);
          words_q[frame_q%Room][2] <= place_q + 1'b1;
          words_q[frame_q%Room][3] <= frame_q;
          words_q[frame_q%Room][4] <= 32'd7;
          frame_q <= frame_q + 1'b1;
          {weighted_q, sum_q, place_q} <= '0;
        end
      end
    end
  end
endmodule
