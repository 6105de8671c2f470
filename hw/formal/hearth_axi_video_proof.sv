// Proof of axi/hearth_axi_video.sv, for a source that holds what it shows until it is taken
// (AXI4-Stream) and is otherwise free to send anything, at any time, and for any timeout:
//
//   - a pixel that is shown to the network stays, unchanged, until it is taken
//   - done_o marks every (Width x Height)th pixel; busy_o is high whenever a frame has begun
//   - a pixel that moves is the one taken from the source in that cycle, or zero; one that is taken
//     and goes nowhere is a stray between frames, and flagged, or behind a line flagged as too long
//   - a pixel of the source stands in the row and column of the frame in which it stood there
//   - with done_o, damaged_o is low exactly if the frame was whole: every pixel came from the
//     source, and tlast stood at the end of each line and nowhere else
//   - a source that is silent while the network waits for it is given up after timeout cycles, not
//     earlier and not with timeout 0; while it is not, and pixels are taken, a beat moves at least
//     every third cycle
//
// Strengthening: counters and state of the block are those of the reference.
module hearth_axi_video_proof #(
  parameter int unsigned Width = 3,
  parameter int unsigned Height = 2,
  parameter int unsigned DataWidth = 2
) (
  input logic                 clk,
  input logic                 reset,
  input logic                 enable,
  input logic [DataWidth-1:0] tdata,
  input logic                 tvalid,
  input logic                 tuser,
  input logic                 tlast,
  input logic                 m_ready
);
  localparam int unsigned ColumnBits = (Width > 1) ? $clog2(Width) : 1;
  localparam int unsigned RowBits = (Height > 1) ? $clog2(Height) : 1;

  (* anyconst *) logic [31:0] timeout;
  logic started_q = 1'b0;
  logic rst, tready, m_valid, busy, done, damaged;
  logic stalled, stray, truncated, long_line, short_line;
  logic [DataWidth-1:0] m_data;

  assign rst = reset || !started_q;

  hearth_axi_video #(.Width(Width), .Height(Height), .DataWidth(DataWidth)) dut (
    .clk, .rst, .enable_i(enable), .timeout_i(timeout),
    .s_axis_tdata(tdata), .s_axis_tvalid(tvalid), .s_axis_tready(tready),
    .s_axis_tuser(tuser), .s_axis_tlast(tlast), .m_data, .m_valid, .m_ready,
    .busy_o(busy), .faults_o({stalled, stray, truncated, long_line, short_line}),
    .done_o(done), .damaged_o(damaged)
  );

  logic take, moves, whole, ends;
  logic s_waits_q, m_waits_q, whole_q, over_q, stuck;
  logic [1:0] stuck_q;           // cycles in a row in which a beat could move and none did
  logic [DataWidth+1:0] s_was_q;
  logic [DataWidth-1:0] m_was_q;
  logic [15:0] column_q, row_q;  // of the pixel that moves next
  logic [15:0] source_column, source_row, source_column_q, source_row_q;  // of the source's pixel
  logic [32:0] silent_q;         // cycles in a row in which the network waited for a silent source

  assign take = tvalid && tready;
  assign moves = m_valid && m_ready;
  assign ends = column_q == 16'(Width - 1);
  assign source_column = tuser ? '0 : source_column_q;
  assign source_row = tuser ? '0 : source_row_q;
  assign stuck = busy && tvalid && m_ready && !take && !moves;
  assign whole = whole_q && (!moves || (take && tlast == ends));

  always_ff @(posedge clk) begin
    started_q <= 1'b1;
    s_was_q <= {tdata, tuser, tlast};
    s_waits_q <= !rst && tvalid && !tready;
    m_was_q <= m_data;
    m_waits_q <= !rst && m_valid && !m_ready;
    stuck_q <= (rst || !stuck) ? '0 : stuck_q + 1'b1;
    if (moves) begin
      column_q <= ends ? '0 : column_q + 1'b1;
      if (ends) row_q <= (row_q == 16'(Height - 1)) ? '0 : row_q + 1'b1;
    end
    if (take) begin
      source_column_q <= tlast ? '0 : source_column + 1'b1;
      source_row_q <= source_row + 16'(tlast);
    end
    whole_q <= done || whole;
    over_q <= long_line || (over_q && busy && !m_valid);
    silent_q <= (busy && !m_valid && !tvalid) ? silent_q + 1'b1 : '0;
    if (rst) {column_q, row_q, silent_q, over_q, whole_q} <= 1;
  end

  always_comb begin
    if (!rst) begin
      assume (!s_waits_q || (tvalid && s_was_q == {tdata, tuser, tlast}));
      assert (!m_waits_q || (m_valid && m_data == m_was_q));
      assert (done == (moves && ends && row_q == 16'(Height - 1)));
      assert (busy || (!m_valid && column_q == '0 && row_q == '0));
      assert (!moves || m_data == (take ? tdata : '0));
      assert (!(moves && take) || (source_column == column_q && source_row == row_q));
      assert (!take || moves || (busy ? over_q : stray));
      assert (!done || damaged == !whole);
      assert (timeout == '0 || silent_q <= 33'(timeout) + 1'b1);
      assert (!stalled || (timeout != '0 && silent_q >= 33'(timeout)));
      assert (!(stuck_q == 2'd2 && stuck));
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (16'(\dut.column_q ) == column_q && column_q < 16'(Width));
      assert (16'(\dut.row_q ) == row_q && row_q < 16'(Height));
      assert (\dut.state_q <= PadFrame);
      assert (\dut.state_q == PadFrame || !\dut.damaged_q || column_q != '0 || row_q != '0);
      assert (\dut.state_q != PadLine || (column_q != '0 && \dut.damaged_q ));
      assert (\dut.state_q != DropLine || (column_q == '0 && over_q));
      assert (\dut.state_q != PadFrame || \dut.damaged_q );
      assert (\dut.state_q == PadFrame || \dut.damaged_q == !whole_q);
      assert (\dut.state_q != Pass || (s_waits_q && s_was_q[1])
              || (source_column_q == column_q && source_row_q == row_q && !\dut.first ));
      assert (\dut.state_q != DropLine || row_q == '0 || source_row_q + 1'b1 == row_q);
      assert (\dut.state_q != PadLine || (source_column_q == '0 && source_row_q == row_q + 1'b1));
      assert (!(\dut.state_q == Pass || \dut.state_q == DropLine)
              || timeout == '0 || 33'(\dut.waited_q ) == silent_q);
      assert (\dut.most_q == timeout - 1'b1 && \dut.timed_q == (timeout != '0));
      assert (\dut.due_q == (timeout != '0 && \dut.waited_q >= timeout));
`endif
    end
  end

  // The block's own state.
  localparam logic [2:0] Hunt = 0, Pass = 1, DropLine = 2, PadLine = 3, PadFrame = 4;
  (* hierconn *) logic [ColumnBits-1:0] \dut.column_q ;
  (* hierconn *) logic [RowBits-1:0] \dut.row_q ;
  (* hierconn *) logic [2:0] \dut.state_q ;
  (* hierconn *) logic [31:0] \dut.waited_q , \dut.most_q ;
  (* hierconn *) logic \dut.damaged_q , \dut.first , \dut.timed_q , \dut.due_q ;
endmodule
