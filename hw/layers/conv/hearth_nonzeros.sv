// Keeps the values of a pixel that are not zero: {end, some, index, value} for each, where `index`
// is the channel. `end` marks the last item of a pixel; an item without `some` is no value and only
// says that the pixel ends. A pixel of zeros gives one value, 0, so that there is something to add
// up.
//
// One item a cycle, and a beat takes a cycle even if nothing of it is kept: a pixel takes as many
// cycles as its beats and the values besides the first of each beat.
module hearth_nonzeros #(
  parameter int unsigned Bits = 8,      // of a value
  parameter int unsigned Channels = 4,  // of a pixel
  parameter int unsigned InBeat = 1,    // channels per beat
  localparam int unsigned IndexBits = (Channels > 1) ? $clog2(Channels) : 1,
  localparam int unsigned ItemBits = 2 + IndexBits + Bits
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic [InBeat*Bits-1:0] s_data,
  input  logic                   s_valid,
  output logic                   s_ready,
  output logic [   ItemBits-1:0] m_data,
  output logic                   m_valid,
  input  logic                   m_ready
);
  localparam int unsigned Beats = (Channels + InBeat - 1) / InBeat;
  localparam int unsigned LastLanes = Channels - (Beats - 1) * InBeat;
  localparam int unsigned BeatBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam logic [InBeat-1:0] LastMask = InBeat'((1 << LastLanes) - 1);

  // ---- a beat, and which of its values are still to be handed on
  logic [InBeat*Bits-1:0] beat_q;
  logic [InBeat-1:0] left_q, left_after, live, fits;
  logic [IndexBits-1:0] base_q, base_next_q;  // first channel of the beat, and of the one after it
  logic [BeatBits-1:0] number_q;              // of the beat that comes next
  logic valid_q, last_q, any_q;               // last beat of the pixel; the pixel had a value
  logic taken, moves, last_next;

  assign last_next = number_q == BeatBits'(Beats - 1);
  assign fits = last_next ? LastMask : '1;
  for (genvar i = 0; i < InBeat; i++) begin : gen_live
    assign live[i] = fits[i] && (s_data[i*Bits+:Bits] != '0);
  end

  assign left_after = left_q & (left_q - 1'b1);  // without the lowest
  assign taken = valid_q && moves && (left_after == '0);
  assign s_ready = !valid_q || taken;

  always_ff @(posedge clk) begin
    if (s_ready) begin
      beat_q <= s_data;
      left_q <= live;
      last_q <= last_next;
      base_q <= base_next_q;
    end else if (moves) begin
      left_q <= left_after;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      valid_q <= 1'b0;
      any_q <= 1'b0;
      number_q <= '0;
      base_next_q <= '0;
    end else begin
      if (s_ready) valid_q <= s_valid;
      if (s_ready && s_valid) begin
        number_q <= last_next ? '0 : number_q + 1'b1;
        base_next_q <= last_next ? '0 : base_next_q + IndexBits'(InBeat);
      end
      if (valid_q && moves) any_q <= !(last_q && left_after == '0) && (any_q || left_q != '0);
    end
  end

  // ---- the item: the lowest value that is left
  logic [IndexBits-1:0] index;
  logic [Bits-1:0] value;
  always_comb begin
    index = base_q;
    value = beat_q[Bits-1:0];
    for (int i = int'(InBeat) - 1; i >= 0; i--) begin
      if (left_q[i]) begin
        index = base_q + IndexBits'(i);
        value = beat_q[i*Bits+:Bits];
      end
    end
  end

  logic some, ends, item_valid, item_ready;
  assign some = (left_q != '0) || !any_q;
  assign ends = last_q && (left_after == '0);
  assign item_valid = valid_q && ((left_q != '0) || last_q);
  assign moves = item_ready || !item_valid;

  hearth_skid #(
    .Width(ItemBits)
  ) u_items (
    .clk, .rst, .s_data({ends, some, index, value}), .s_valid(item_valid), .s_ready(item_ready),
    .m_data, .m_valid, .m_ready
  );
endmodule
