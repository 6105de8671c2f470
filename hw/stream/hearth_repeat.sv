// Hands on every group of Beats beats Times times, one beat a cycle: first as they come, then from
// a memory in which they go around.
//
//   s -+-> m           kept: a FIFO of Beats beats, a register where that is one
//      ^   |
//      +kept<-
//
// Combinational from s to m and back; no latency.
module hearth_repeat #(
  parameter int unsigned Width = 8,  // bits per beat
  parameter int unsigned Beats = 1,
  parameter int unsigned Times = 2,
  parameter int BlockWords = -1      // as in hw/memory/hearth_ram.sv
) (
  input  logic             clk,
  input  logic             rst,
  input  logic [Width-1:0] s_data,
  input  logic             s_valid,
  output logic             s_ready,
  output logic [Width-1:0] m_data,
  output logic             m_valid,
  input  logic             m_ready
);
  if (Times == 1) begin : gen_once
    logic unused;
    assign unused = clk ^ rst;
    assign m_data = s_data;
    assign m_valid = s_valid;
    assign s_ready = m_ready;
  end else begin : gen_again
    localparam int unsigned BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
    localparam int unsigned TimeBits = $clog2(Times);

    logic [BeatBits-1:0] beat_q;  // that comes next
    logic [TimeBits-1:0] time_q;
    logic first, last, last_beat, moves, kept_valid;
    logic [Width-1:0] kept;

    assign first = time_q == '0;
    assign last = time_q == TimeBits'(Times - 1);
    assign last_beat = beat_q == BeatBits'(Beats - 1);
    assign moves = m_valid && m_ready;
    assign m_data = first ? s_data : kept;
    assign m_valid = first ? s_valid : kept_valid;
    assign s_ready = first && m_ready;

    always_ff @(posedge clk) begin
      if (rst) begin
        beat_q <= '0;
        time_q <= '0;
      end else if (moves) begin
        beat_q <= last_beat ? '0 : beat_q + 1'b1;
        if (last_beat) time_q <= last ? '0 : time_q + 1'b1;
      end
    end

    if (Beats == 1) begin : gen_register
      always_ff @(posedge clk) if (first && moves) kept <= s_data;
      assign kept_valid = 1'b1;
    end else begin : gen_fifo
      logic unused_room;  // there is always some: it holds the beats of a group at most
      hearth_fifo #(
        .Width(Width), .Depth(Beats), .BlockWords(BlockWords)
      ) u_kept (
        .clk, .rst, .s_data(m_data), .s_valid(moves && !last), .s_ready(unused_room),
        .m_data(kept), .m_valid(kept_valid), .m_ready(!first && m_ready)
      );
    end
  end
endmodule
