// Proof of stream/hearth_gearbox.sv, both directions, on one channel of the pixels that the prover
// chooses.
//
// A pixel's channel `lane` enters with beat lane / InBeat and leaves with beat lane / OutBeat, at
// the place of its rest. For every lane that leaves, and so for every bit of every beat:
//
//   - a value that has entered leaves before the next pixel's enters, once, in its pixel's place;
//     lanes that never enter (the rest of a short last beat) leave as zero
//   - m_valid is high exactly while every channel of the beat that leaves next has entered, one
//     cycle earlier at least; a beat that is shown stays, unchanged, until it is taken
//   - a beat is accepted whenever none is shown, and whenever the one shown is taken and the next
//     one is not complete: the narrower side moves a beat a cycle
//
// With InBeat equal to OutBeat it is wires.
//
// Strengthening: the block's counters are those of the reference; the value lies in its register
// where the counters say.
module hearth_gearbox_proof #(
  parameter int unsigned Bits = 2,
  parameter int unsigned Channels = 8,
  parameter int unsigned InBeat = 1,
  parameter int unsigned OutBeat = 1
) (
  input logic                   clk,
  input logic                   reset,
  input logic [InBeat*Bits-1:0] s_data,
  input logic                   s_valid,
  input logic                   m_ready
);
  localparam int unsigned InBeats = (Channels + InBeat - 1) / InBeat;
  localparam int unsigned OutBeats = (Channels + OutBeat - 1) / OutBeat;
  localparam int unsigned InLanes = InBeats * InBeat;
  localparam int unsigned OutLanes = OutBeats * OutBeat;
  localparam int unsigned B = $clog2(InLanes + OutLanes + 1);  // bits of a lane or beat number

  logic started_q = 1'b0;
  logic rst, s_ready, m_valid, take, give;
  logic [OutBeat*Bits-1:0] m_data, shown_q;
  logic waited_q;

  assign rst = reset || !started_q;
  assign take = s_valid && s_ready;
  assign give = m_valid && m_ready;

  hearth_gearbox #(.Bits(Bits), .Channels(Channels), .InBeat(InBeat), .OutBeat(OutBeat)) dut (
    .clk, .rst, .s_data, .s_valid, .s_ready, .m_data, .m_valid, .m_ready
  );

  // Reference: beats of a pixel that have come and gone, and the value of one lane.
  (* anyconst *) logic [B-1:0] lane;
  logic [B-1:0] lane_in, lane_out;           // beats with which the lane enters and leaves
  logic [B-1:0] in_q, out_q, have, need, next_need;
  logic lead_q, enters, enters_now, leaves_now, pending_q;
  logic [Bits-1:0] value_q, leaving;

  // The input beat without which output beat `beat` is not complete.
  function automatic logic [B-1:0] needs(logic [B-1:0] beat);
    logic [B-1:0] last;
    last = B'(OutBeat) * beat + B'(OutBeat - 1);
    needs = last < B'(InLanes) ? last / B'(InBeat) : B'(InBeats - 1);
  endfunction

  assign lane_in = lane / B'(InBeat);
  assign lane_out = lane / B'(OutBeat);
  assign enters = lane < B'(InLanes);
  assign enters_now = take && enters && in_q == lane_in;
  assign leaves_now = give && out_q == lane_out;
  assign leaving = m_data[32'(lane % B'(OutBeat))*Bits+:Bits];
  assign have = lead_q ? B'(InBeats) : in_q;  // beats that have come of the pixel that leaves
  assign need = needs(out_q);
  assign next_need = needs(out_q + 1'b1);

  always_ff @(posedge clk) begin
    started_q <= 1'b1;
    shown_q <= m_data;
    waited_q <= !rst && m_valid && !m_ready;
    if (take) in_q <= (in_q == B'(InBeats - 1)) ? '0 : in_q + 1'b1;
    if (give) out_q <= (out_q == B'(OutBeats - 1)) ? '0 : out_q + 1'b1;
    if (give && out_q == B'(OutBeats - 1)) lead_q <= 1'b0;
    if (take && in_q == B'(InBeats - 1)) lead_q <= 1'b1;
    if (enters_now) value_q <= s_data[32'(lane % B'(InBeat))*Bits+:Bits];
    pending_q <= enters_now || (pending_q && !leaves_now);
    if (rst) {in_q, out_q, lead_q, pending_q} <= '0;
  end

  always_comb begin
    assume (lane < B'(OutLanes));
    if (!rst && InBeat != OutBeat) begin
      assert (!enters_now || !pending_q || leaves_now);
      assert (!(m_valid && out_q == lane_out) || pending_q == enters);
      assert (!(m_valid && out_q == lane_out) || leaving == (enters ? value_q : '0));
      assert (!waited_q || (m_valid && m_data == shown_q));
      assert (m_valid == (have > need));
      assert (m_valid || s_ready);
      assert (!(m_ready && (out_q == B'(OutBeats - 1) || have <= next_need)) || s_ready);
      assert (!(lead_q && take) || (give && out_q == B'(OutBeats - 1)));
`ifndef HEARTH_PROPERTIES_ONLY
      // Strengthening.
      assert (in_q < B'(InBeats) && out_q < B'(OutBeats) && !(lead_q && in_q != '0));
      assert (pending_q == (enters && have > lane_in && out_q <= lane_out));
`endif
    end
  end

  // The block's own state, of the direction that it has.
  localparam bit Widen = OutBeat > InBeat;
  localparam int unsigned Parts = Widen ? OutBeat / InBeat : InBeat / OutBeat;
  localparam int unsigned PartBits = (Parts > 1) ? $clog2(Parts) : 1;
  localparam int unsigned BeatBits = $clog2((Widen ? InBeats : OutBeats) + 1);
  (* hierconn *) logic [PartBits-1:0] \dut.genblk1.gen_widen.part_q ;
  (* hierconn *) logic [BeatBits-1:0] \dut.genblk1.gen_widen.beat_q ;
  (* hierconn *) logic [PartBits-1:0] \dut.genblk1.genblk1.gen_narrow.part_q ;
  (* hierconn *) logic [BeatBits-1:0] \dut.genblk1.genblk1.gen_narrow.beat_q ;
  (* hierconn *) logic [InBeat*Bits-1:0] \dut.genblk1.genblk1.gen_narrow.data_q ;

  logic [B-1:0] place;
  assign place = lane - B'(OutBeat) * out_q;  // the lane's place in data_q, while it has not left

  if (InBeat == OutBeat) begin : gen_wire
    always_comb assert (m_data == s_data && m_valid == s_valid && s_ready == m_ready);
  end
`ifndef HEARTH_PROPERTIES_ONLY
  if (Widen) begin : gen_widen
    always_comb begin
      if (!rst) begin
        assert (B'(\dut.genblk1.gen_widen.beat_q ) == in_q);
        assert (B'(\dut.genblk1.gen_widen.part_q ) == in_q % B'(Parts));
        assert (!pending_q || leaving == value_q);
        assert (enters || out_q != lane_out || have <= lane_out * B'(Parts) || leaving == '0);
        assert (have >= out_q * B'(Parts) && have <= need + 1'b1);
      end
    end
  end else if (InBeat != OutBeat) begin : gen_narrow
    always_comb begin
      if (!rst) begin
        assert (B'(\dut.genblk1.genblk1.gen_narrow.beat_q ) == out_q);
        assert (B'(\dut.genblk1.genblk1.gen_narrow.part_q ) == out_q % B'(Parts));
        assert (have == out_q / B'(Parts) + B'(m_valid));
        assert (m_valid || out_q % B'(Parts) == '0);
        assert (!pending_q
                || \dut.genblk1.genblk1.gen_narrow.data_q [32'(place)*Bits+:Bits] == value_q);
      end
    end
  end
`endif
endmodule
