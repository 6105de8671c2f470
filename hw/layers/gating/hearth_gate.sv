// Gives every beat of a map the gate of its channels: the gate's beats are taken in with the first
// of Pixels pixels, and go around for the others. With one pixel every beat has its own.
//
//   s1 -+-> m          kept: a FIFO of Words beats, a register where that is one
//       ^   |
//       +kept<-
//
// A beat moves when `step` does; m_valid says that it may. No latency.
module hearth_gate #(
  parameter int unsigned Width = 8,   // bits per beat of the gate
  parameter int unsigned Words = 1,   // beats per pixel
  parameter int unsigned Pixels = 1,
  parameter int BlockWords = -1       // as in hw/memory/hearth_ram.sv
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [Width-1:0] s_data,
  input  logic             s_valid,
  output logic             s_ready,
  output logic [Width-1:0] m_data,
  output logic             m_valid,
  input  logic             step
);
  if (Pixels == 1) begin : gen_own
    logic unused;
    assign unused = clk ^ rst;
    assign m_data = s_data;
    assign m_valid = s_valid;
    assign s_ready = step;
  end else begin : gen_kept
    localparam int unsigned WordBits = (Words > 1) ? $clog2(Words) : 1;
    localparam int unsigned PixelBits = $clog2(Pixels);

    logic [WordBits-1:0] word_q;  // that comes next
    logic [PixelBits-1:0] pixel_q;
    logic first, last, kept_valid;
    logic [Width-1:0] kept;

    assign first = pixel_q == '0;
    assign last = pixel_q == PixelBits'(Pixels - 1);
    assign m_data = first ? s_data : kept;
    assign m_valid = first ? s_valid : kept_valid;
    assign s_ready = first && step;

    always_ff @(posedge clk) begin
      if (rst) begin
        word_q <= '0;
        pixel_q <= '0;
      end else if (step) begin
        word_q <= (word_q == WordBits'(Words - 1)) ? '0 : word_q + 1'b1;
        if (word_q == WordBits'(Words - 1)) pixel_q <= last ? '0 : pixel_q + 1'b1;
      end
    end

    if (Words == 1) begin : gen_register
      always_ff @(posedge clk) if (first && step) kept <= s_data;
      assign kept_valid = 1'b1;
    end else begin : gen_fifo
      logic unused_room;  // there is always some: it holds the beats of a pixel at most
      hearth_fifo #(
        .Width(Width), .Depth(Words), .BlockWords(BlockWords)
      ) u_kept (
        .clk, .rst, .s_data(m_data), .s_valid(step && !last), .s_ready(unused_room),
        .m_data(kept), .m_valid(kept_valid), .m_ready(!first && step)
      );
    end
  end
endmodule
