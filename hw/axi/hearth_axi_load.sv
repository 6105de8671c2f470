// Fills the ROMs in UltraRAM: bytes of the register `load` go down the load chain, lowest first.
//
// An image is Bytes long; what is written behind its end is dropped. `start_i` begins anew: nothing
// counts as loaded then. CRC and count are those of the bytes that have gone down the chain since.
module hearth_axi_load #(
  parameter int unsigned Bytes = 0
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic                   start_i,
  input  logic                   write_i,  // four bytes; not while hold_o
  input  logic [31:0]            data_i,
  output logic                   hold_o,
  output hearth_load_pkg::load_t load_o,
  output logic [31:0]            count_o,
  output logic [31:0]            crc_o,
  output logic                   done_o    // the image is there, or there is none to wait for
);
  logic [31:0] bytes_q, count_q, crc_q;
  logic [2:0] left_q;  // bytes of bytes_q
  logic moves;

  assign done_o = count_q == 32'(Bytes);
  assign moves = left_q != '0 && !done_o;
  assign hold_o = left_q > 3'd1;
  assign count_o = count_q;
  assign crc_o = ~crc_q;

  always_ff @(posedge clk) begin
    load_o <= {1'b0, start_i || rst, moves, bytes_q[7:0]};
    if (rst || start_i) begin
      left_q <= '0;
      count_q <= '0;
      crc_q <= hearth_crc_pkg::Init;
    end else begin
      if (write_i) begin
        bytes_q <= data_i;
        left_q <= 3'd4;
      end else if (left_q != '0) begin
        bytes_q <= bytes_q >> 8;
        left_q <= left_q - 1'b1;
      end
      if (moves) begin
        count_q <= count_q + 1'b1;
        crc_q <= hearth_crc_pkg::advance(crc_q, bytes_q[7:0]);
      end
    end
  end
endmodule
