// What the 7-series block RAMs of both sizes have in common (AMD UG473): two ports of 1, 2, 4, 9, 18
// or 36 bits, or a read port (A) and a write port (B) of up to 72; one cycle of latency.
//
// Bytes have a parity bit each, which words of 9 bits and more read and write beside the byte. A
// port that reads and writes gives the old word. Not modelled: output registers, cascades, ECC,
// values after reset, the other write modes.
module block_ram #(
  parameter int unsigned AddressBits = 14,  // of a bit
  parameter int ReadA = 0,                  // bits per word, 0 where the port does not read
  parameter int ReadB = 0,
  parameter int WriteA = 0,
  parameter int WriteB = 0,
  parameter bit OldDataA = 1'b1,            // a port that writes reads what was there before
  parameter bit OldDataB = 1'b1,
  parameter logic [2**(AddressBits-3)-1:0] Parity = '0,
  parameter logic [2**AddressBits-1:0] Data = '0
) (
  input  logic                   clk_a,
  input  logic                   enable_a,
  input  logic                   reset_a,
  input  logic [AddressBits-1:0] address_a,
  input  logic [            7:0] write_a,
  input  logic [           63:0] data_a,
  input  logic [            7:0] data_parity_a,
  output logic [           63:0] read_a,
  output logic [            7:0] parity_a,
  input  logic                   clk_b,
  input  logic                   enable_b,
  input  logic                   reset_b,
  input  logic [AddressBits-1:0] address_b,
  input  logic [            7:0] write_b,
  input  logic [           63:0] data_b,
  input  logic [            7:0] data_parity_b,
  output logic [           63:0] read_b,
  output logic [            7:0] parity_b
);
  localparam int unsigned Bytes = 2 ** (AddressBits - 3);
  logic [7:0] bytes[Bytes];
  logic parities[Bytes];
  initial begin
    for (int i = 0; i < int'(Bytes); i++) begin
      bytes[i] = Data[8*i+:8];
      parities[i] = Parity[i];
    end
  end

  // The word at an address: parity bits, then the bytes.
  function automatic logic [71:0] word(input int width, input logic [AddressBits-1:0] address);
    logic [AddressBits-4:0] first;
    logic [7:0] one;
    word = '0;
    first = address[AddressBits-1:3] & ~(AddressBits - 3)'(width / 9 - 1);  // used from 9 on
    one = bytes[address[AddressBits-1:3]];
    case (width)
      1: word[0] = one[address[2:0]];
      2: word[1:0] = one[{address[2:1], 1'b0}+:2];
      4: word[3:0] = one[{address[2], 2'b0}+:4];
      default: begin
        for (int i = 0; i < width / 9; i++) begin
          word[8*i+:8] = bytes[first+(AddressBits-3)'(i)];
          word[64+i] = parities[first+(AddressBits-3)'(i)];
        end
      end
    endcase
  endfunction

  task automatic write(
    input int width, input logic [AddressBits-1:0] address, input logic [7:0] enable,
    input logic [63:0] data, input logic [7:0] data_parity
  );
    logic [AddressBits-4:0] first;
    first = address[AddressBits-1:3] & ~(AddressBits - 3)'(width / 9 - 1);
    for (int i = 0; i < width / 9; i++) begin
      if (enable[i]) begin
        bytes[first+(AddressBits-3)'(i)] <= data[8*i+:8];
        parities[first+(AddressBits-3)'(i)] <= data_parity[i];
      end
    end
    for (int i = 0; width < 9 && i < width; i++) begin
      if (enable[0]) begin
        bytes[address[AddressBits-1:3]][(address[2:0]&~3'(width-1))+3'(i)] <= data[i];
      end
    end
  endtask

  always @(posedge clk_a) begin
    if (enable_a) begin
      if (ReadA != 0) {parity_a, read_a} <= word(ReadA, address_a);
      write(WriteA, address_a, write_a, data_a, data_parity_a);
      if (reset_a) $error("%m: values after reset are not modelled");
    end
  end

  always @(posedge clk_b) begin
    if (enable_b) begin
      if (ReadB != 0) {parity_b, read_b} <= word(ReadB, address_b);
      write(WriteB, address_b, write_b, data_b, data_parity_b);
      if (reset_b) $error("%m: values after reset are not modelled");
    end
  end

  if ((ReadA != 0 && WriteA != 0 && !OldDataA) || (ReadB != 0 && WriteB != 0 && !OldDataB))
  begin : gen_check
    $error("%m: a port that writes must read the old word");
  end
endmodule
