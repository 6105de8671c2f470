// The pins of a camera with a parallel port (DVP: OV7670, OV5640) as words of two bytes, in the
// camera's clock: m_data is {over, first, last, byte that came first, byte that came second}.
//
// A camera cannot be held. A frame is let in as a whole or left out as a whole: at its first pixel
// whoever takes the words must be idle, which is to say done with the frame before. What is let in
// ends with the word `over`, when vsync comes or, where a word found no room, at once: then the
// rest of the frame is left out. So a broken frame is over before the next one begins.
//
//   vsync   between two frames; href  while pixels of a line come; data  at the clock's rising edge
//
// `last` is known when the line has ended, hence a word waits until the next one comes or href
// falls. A byte without its second is dropped. Pins are taken in flip-flops first.
module hearth_dvp_capture #(
  parameter bit VsyncLow = 1'b0  // vsync is low between frames
) (
  input  logic        clk,
  input  logic        rst,
  input  logic        vsync_i,
  input  logic        href_i,
  input  logic [7:0]  data_i,
  input  logic        idle_i,     // of the reader, brought into this clock
  output logic [18:0] m_data,
  output logic        m_valid,
  input  logic        m_ready,
  output logic        left_out_o  // in this cycle a frame was left out
);
  logic vsync_q, vsync_was_q, href_q, second_q;
  logic [7:0] data_q, high_q;
  logic [15:0] held_q;  // the word that waits for its `last`
  logic held_valid_q, held_first_q;
  logic starts_q;       // the next word is a frame's first
  logic inside_q;       // in a frame that was let in
  logic over_q;         // `over` is to be sent
  logic ends, word, first, enters, sends, lost;

  assign ends = vsync_q && !vsync_was_q;
  assign word = href_q && second_q && !vsync_q;
  assign first = word && starts_q;
  assign enters = first && idle_i && !over_q;
  assign left_out_o = first && !enters;
  assign sends = held_valid_q && inside_q && (word || !href_q);
  assign lost = sends && !m_ready;

  assign m_valid = sends || over_q;
  assign m_data = sends ? {1'b0, held_first_q, !href_q, held_q} : {1'b1, 18'b0};

  always_ff @(posedge clk) begin
    vsync_q <= vsync_i ^ VsyncLow;
    vsync_was_q <= vsync_q;
    href_q <= href_i;
    data_q <= data_i;
    high_q <= data_q;
    if (word) {held_q, held_first_q} <= {high_q, data_q, first};
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      {second_q, held_valid_q, starts_q, inside_q, over_q} <= '0;
    end else begin
      second_q <= href_q && !second_q;
      held_valid_q <= word || (held_valid_q && href_q);
      starts_q <= ends || (starts_q && !first);
      inside_q <= enters || (inside_q && !ends && !lost);
      over_q <= (inside_q && (ends || lost)) || (over_q && !m_ready);
    end
  end
endmodule
