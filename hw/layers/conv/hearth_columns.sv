// Puts the pixels of a row that a window covers side by side: one word of Taps pixels for each
// column of the output map, the leftmost pixel in the lowest bits. Padding to the left and right of
// the map is pixels of zeros. A convolution over these words has windows one column wide.
//
// A cycle for each pixel, and one for each pixel of padding: a row takes Span cycles, the positions
// of the last window's end included, and pixels behind it if there are some.
module hearth_columns #(
  parameter int unsigned Width = 24,  // bits of a pixel
  parameter int unsigned Taps = 3,    // columns of the window, 2 at least
  parameter int unsigned Stride = 1,
  parameter int unsigned Left = 1,    // padding
  parameter int unsigned Size = 4,    // columns of the input map
  parameter int unsigned Count = 4    // of the output map
) (
  input  logic                  clk,
  input  logic                  rst,
  input  logic [     Width-1:0] s_data,
  input  logic                  s_valid,
  output logic                  s_ready,
  output logic [Taps*Width-1:0] m_data,
  output logic                  m_valid,
  input  logic                  m_ready
);
  localparam int unsigned LastEnd = (Count - 1) * Stride + Taps;
  localparam int unsigned Span = (LastEnd > Left + Size) ? LastEnd : Left + Size;
  localparam int unsigned PlaceBits = $clog2(Span + 1);
  localparam int unsigned CountBits = $clog2(Count + 1);

  logic [PlaceBits-1:0] place_q;  // in the padded row
  logic [PlaceBits-1:0] next_q;   // where the next window ends
  logic [CountBits-1:0] made_q;   // windows of this row that were made
  logic [(Taps-1)*Width-1:0] kept_q;  // the last pixels
  logic [Taps*Width-1:0] window;
  logic on_map, due, moves, word_ready;

  assign on_map = place_q - PlaceBits'(Left) < PlaceBits'(Size);  // before it, the difference wraps
  assign due = place_q == next_q && made_q != CountBits'(Count);
  assign moves = (s_valid || !on_map) && (word_ready || !due);
  assign s_ready = on_map && (word_ready || !due);

  assign window = {on_map ? s_data : '0, kept_q};

  always_ff @(posedge clk) if (moves) kept_q <= window[Taps*Width-1:Width];

  always_ff @(posedge clk) begin
    if (rst) begin
      place_q <= '0;
      next_q <= PlaceBits'(Taps - 1);
      made_q <= '0;
    end else if (moves && place_q == PlaceBits'(Span - 1)) begin
      place_q <= '0;
      next_q <= PlaceBits'(Taps - 1);
      made_q <= '0;
    end else if (moves) begin
      place_q <= place_q + 1'b1;
      if (due) next_q <= next_q + PlaceBits'(Stride);
      if (due) made_q <= made_q + 1'b1;
    end
  end

  hearth_skid #(
    .Width(Taps * Width)
  ) u_words (
    .clk, .rst, .s_data(window), .s_valid(due && (s_valid || !on_map)), .s_ready(word_ready),
    .m_data, .m_valid, .m_ready
  );
endmodule
