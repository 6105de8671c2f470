// AXI4-Stream video (tuser = start of frame, tlast = end of line) into whole frames for the
// network.
//
// The network counts pixels and must receive exactly Width x Height of them, so every fault of the
// source is mended here, flagged, and ends with the frame it happened in:
//
//   fault                                   what the network gets               flag
//   line shorter than Width                 zeros up to the end of the line     short_line
//   line longer than Width                  the first Width pixels              long_line
//   start of frame before Height lines      zeros up to the end of the frame    truncated
//   pixels after Height lines               nothing, until a start of frame     stray
//   no pixel for timeout_i cycles           zeros up to the end of the frame    stalled (0: never)
//
// `ready` follows tuser, but not valid: whoever needs it from a flip-flop puts a skid in front. One
// pixel a cycle while the source keeps to the format; one idle cycle before each frame.
module hearth_axi_video #(
  parameter int unsigned Width = 224,    // pixels per line
  parameter int unsigned Height = 224,   // lines per frame
  parameter int unsigned DataWidth = 24  // bits per pixel
) (
  input  logic                 clk,
  input  logic                 rst,
  input  logic                 enable_i,     // frames may start; a started one is always finished
  input  logic [31:0]          timeout_i,    // cycles
  input  logic [DataWidth-1:0] s_axis_tdata,
  input  logic                 s_axis_tvalid,
  output logic                 s_axis_tready,
  input  logic                 s_axis_tuser,
  input  logic                 s_axis_tlast,
  output logic [DataWidth-1:0] m_data,
  output logic                 m_valid,
  input  logic                 m_ready,
  output logic                 busy_o,       // inside a frame
  output logic [4:0]           faults_o,     // stalled, stray, truncated, long_line, short_line
  output logic                 done_o,       // the last pixel of a frame moves in this cycle
  output logic                 damaged_o     // with done_o: some fault happened in that frame
);
  localparam int unsigned ColumnBits = (Width > 1) ? $clog2(Width) : 1;
  localparam int unsigned RowBits = (Height > 1) ? $clog2(Height) : 1;

  if (Width < 1 || Height < 1) begin : gen_check
    $error("%m: a frame has at least one pixel");
  end

  typedef enum logic [2:0] {
    Hunt,      // wait for a start of frame, drop what comes before it
    Pass,      // pixels go through
    DropLine,  // rest of an over-long line
    PadLine,   // rest of a short line
    PadFrame   // rest of a frame that will not come
  } state_e;

  state_e state_q, state_d;
  logic [ColumnBits-1:0] column_q;
  logic [RowBits-1:0] row_q;
  logic [31:0] waited_q, most_q;  // cycles without a pixel; timeout_i - 1
  logic timed_q, due_q, damaged_q;
  logic first, last_column, last_row, moves, marked, restart, late, stalled;
  logic short_line, long_line, truncated, stray;

  assign first = column_q == '0 && row_q == '0;
  assign last_column = column_q == ColumnBits'(Width - 1);
  assign last_row = row_q == RowBits'(Height - 1);
  assign moves = m_valid && m_ready;
  assign marked = s_axis_tuser && !(state_q == Pass && first);
  assign restart = s_axis_tvalid && marked;
  assign late = due_q && !s_axis_tvalid;
  assign stalled = late && (state_q == Pass || (state_q == DropLine && !first));

  assign m_data = (state_q == Pass) ? s_axis_tdata : '0;
  assign busy_o = state_q != Hunt;
  assign done_o = moves && last_column && last_row;
  assign damaged_o = damaged_q || short_line || long_line || truncated || stalled;
  assign faults_o = {stalled, stray, truncated, long_line, short_line};

  always_comb begin
    state_d = state_q;
    m_valid = 1'b0;
    s_axis_tready = 1'b0;
    {short_line, long_line, truncated, stray} = '0;
    unique case (state_q)
      Hunt: begin
        s_axis_tready = !s_axis_tuser;
        stray = s_axis_tvalid && !s_axis_tuser;
        if (restart && enable_i) state_d = Pass;
      end
      Pass: begin
        m_valid = s_axis_tvalid && !restart;
        s_axis_tready = m_ready && !marked;
        truncated = restart;
        short_line = moves && s_axis_tlast && !last_column;
        long_line = moves && !s_axis_tlast && last_column;
        if (restart || late) state_d = PadFrame;
        else if (short_line) state_d = PadLine;
        else if (long_line) state_d = DropLine;
        else if (done_o) state_d = Hunt;
      end
      DropLine: begin
        s_axis_tready = !s_axis_tuser;
        if (late) state_d = first ? Hunt : PadFrame;
        else if (restart || (s_axis_tvalid && s_axis_tlast)) state_d = first ? Hunt : Pass;
      end
      PadLine: begin
        m_valid = 1'b1;
        if (done_o) state_d = Hunt;
        else if (moves && last_column) state_d = Pass;
      end
      default: begin  // PadFrame
        m_valid = 1'b1;
        if (done_o) state_d = Hunt;
      end
    endcase
  end

  // 32 bits are compared a cycle ahead, not in the way of every pixel.
  always_ff @(posedge clk) begin
    most_q <= timeout_i - 1'b1;
    timed_q <= timeout_i != '0;
    due_q <= timed_q && waited_q >= most_q;
    if (!due_q) waited_q <= waited_q + 1'b1;
    if (rst || s_axis_tvalid || state_d != state_q) begin
      due_q <= 1'b0;
      waited_q <= '0;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      state_q <= Hunt;
      column_q <= '0;
      row_q <= '0;
      damaged_q <= 1'b0;
    end else begin
      state_q <= state_d;
      if (moves) begin
        column_q <= last_column ? '0 : column_q + 1'b1;
        if (last_column) row_q <= last_row ? '0 : row_q + 1'b1;
      end
      damaged_q <= damaged_o && !done_o && state_q != Hunt;
    end
  end
endmodule
