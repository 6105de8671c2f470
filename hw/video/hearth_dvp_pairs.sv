// Words of YUV 4:2:2 (Y U, Y V, Y U, ...: two pixels share U and V) as pixels of 8-bit colours.
//
// Words are {first, last, Y, U or V}. A word that ends a line without its partner becomes a pixel
// with V = 128. `drop_i` forgets a word that waits for its partner. Two words in three cycles.
module hearth_dvp_pairs (
  input  logic        clk,
  input  logic        rst,
  input  logic        drop_i,
  input  logic [17:0] s_data,
  input  logic        s_valid,
  output logic        s_ready,
  output logic [25:0] m_data,   // {first, last, blue, green, red}
  output logic        m_valid,
  input  logic        m_ready,
  output logic        empty_o   // nothing waits here
);
  logic go, first, last, makes;
  logic [7:0] luma, chroma;
  logic waits_q, shown_q;       // a word waits for its partner; it has become a pixel already
  logic [7:0] luma_q, u_q;      // that word
  logic first_q;
  logic [1:0] valid_q, first_pixel_q, last_pixel_q;  // of the pixels in the conversion

  assign {first, last, luma, chroma} = s_data;
  assign go = !m_valid || m_ready;
  assign makes = s_valid && (waits_q || last);
  assign s_ready = go && (!waits_q || shown_q);
  assign empty_o = !waits_q && valid_q == '0;
  assign m_valid = valid_q[1];
  assign m_data[25:24] = {first_pixel_q[1], last_pixel_q[1]};

  hearth_dvp_yuv u_yuv (
    .clk,
    .go_i(go),
    .y_i((waits_q && !shown_q) ? luma_q : luma),
    .u_i(waits_q ? u_q : chroma),
    .v_i(waits_q ? chroma : 8'd128),
    .rgb_o(m_data[23:0])
  );

  always_ff @(posedge clk) begin
    if (s_valid && s_ready && !waits_q) {first_q, luma_q, u_q} <= {first, luma, chroma};
    if (go) begin
      first_pixel_q <= {first_pixel_q[0], waits_q ? first_q && !shown_q : first};
      last_pixel_q <= {last_pixel_q[0], last && (!waits_q || shown_q)};
    end
    if (rst || drop_i) {waits_q, shown_q} <= '0;
    else if (s_valid && go) begin
      waits_q <= waits_q ? !shown_q : !last;
      shown_q <= waits_q && !shown_q;
    end
    if (rst) valid_q <= '0;
    else if (go) valid_q <= {valid_q[0], makes};
  end
endmodule
