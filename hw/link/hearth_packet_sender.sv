// Sends packets: a header, 32-bit words asked for one by one, the CRC; SLIP on the way out.
//
//   END  type flags sequence(2) length(4) words CRC-32(4)  END
//
// `start` begins a packet of `words` words. Each word is requested by its `index` and taken when
// word_valid is high; `busy` falls after the last END. Output is bytes for a UART.
module hearth_packet_sender (
  input  logic        clk,
  input  logic        rst,
  input  logic        start,
  input  logic [ 7:0] kind,
  input  logic [ 7:0] flags,
  input  logic [15:0] sequence_number,
  input  logic [15:0] words,
  output logic        busy,
  output logic [15:0] index,
  output logic        word_ready,
  input  logic [31:0] word,
  input  logic        word_valid,
  output logic [ 7:0] m_data,
  output logic        m_valid,
  input  logic        m_ready
);
  typedef enum logic [2:0] {Idle, Open, Header, Payload, Crc, Close} state_e;
  state_e state_q, state_d;
  logic [31:0] shift_q, crc_q, length;
  logic [2:0] left_q;       // bytes left in shift_q
  logic [15:0] index_q, words_q;
  logic second_q;           // the second word of the header has been loaded
  logic escaped_q;          // DB has been sent, its second byte follows
  logic more_q;             // index_q != words_q: not compared on the way of a word
  logic asks_q;             // for a word; a byte takes far longer than the cycle that this costs
  logic load, byte_done, special, framing;
  logic [31:0] load_data, second_word_q;

  assign busy = state_q != Idle;
  assign index = index_q;
  assign word_ready = asks_q;
  assign length = {14'b0, words, 2'b0};
  assign framing = state_q == Open || state_q == Close;
  assign special = shift_q[7:0] == hearth_link_pkg::End || shift_q[7:0] == hearth_link_pkg::Escape;
  assign m_valid = framing || (left_q != '0);
  assign byte_done = m_valid && m_ready && !framing && (!special || escaped_q);

  always_comb begin
    m_data = shift_q[7:0];
    if (framing) m_data = hearth_link_pkg::End;
    else if (escaped_q) begin
      m_data = hearth_link_pkg::EscapedEscape;
      if (shift_q[7:0] == hearth_link_pkg::End) m_data = hearth_link_pkg::EscapedEnd;
    end else if (special) m_data = hearth_link_pkg::Escape;
  end

  always_comb begin
    state_d = state_q;
    load = 1'b0;
    load_data = word;
    unique case (state_q)
      Idle: if (start) state_d = Open;
      Open: if (m_ready) state_d = Header;
      Header: begin  // its first word was loaded with `start`
        load_data = second_word_q;
        if (left_q == '0) begin
          if (!second_q) load = 1'b1;
          else state_d = more_q ? Payload : Crc;
        end
      end
      Payload: begin
        load = asks_q && word_valid;
        if (left_q == '0 && !more_q) state_d = Crc;
      end
      Crc: begin
        load_data = ~crc_q;
        if (left_q == '0) begin
          if (second_q) load = 1'b1;
          else state_d = Close;
        end
      end
      default: if (m_ready) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk) begin
    if (state_q == Idle && start) begin
      words_q <= words;
      more_q <= words != '0;
      second_word_q <= length;
    end else if (load && state_q == Payload) begin
      more_q <= index_q + 1'b1 != words_q;
    end
    if (state_q == Idle) shift_q <= {sequence_number, flags, kind};
    else if (load) shift_q <= load_data;
    else if (byte_done) shift_q <= shift_q >> 8;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      state_q <= Idle;
      left_q <= '0;
      index_q <= '0;
      second_q <= 1'b0;
      asks_q <= 1'b0;
      escaped_q <= 1'b0;
      crc_q <= hearth_crc_pkg::Init;
    end else begin
      state_q <= state_d;
      asks_q <= state_q == Payload && left_q == '0 && more_q && !load;
      if (state_q == Open && m_ready) left_q <= 3'd4;
      if (load) left_q <= 3'd4;
      else if (byte_done) left_q <= left_q - 1'b1;
      if (m_valid && m_ready && !framing) escaped_q <= special && !escaped_q;
      if (byte_done && state_q != Crc) crc_q <= hearth_crc_pkg::advance(crc_q, shift_q[7:0]);
      if (load && state_q == Header) second_q <= 1'b1;
      if (load && state_q == Crc) second_q <= 1'b0;
      if (load && state_q == Payload) index_q <= index_q + 1'b1;
      if (state_q == Idle) begin
        index_q <= '0;
        second_q <= 1'b0;
        crc_q <= hearth_crc_pkg::Init;
      end
    end
  end
endmodule
