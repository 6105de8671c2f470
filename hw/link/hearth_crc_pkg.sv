// CRC-32 as zlib computes it, a byte at a time: start with Init, end with the complement.
package hearth_crc_pkg;
  localparam logic [31:0] Init = 32'hFFFF_FFFF;

  function automatic logic [31:0] advance(input logic [31:0] crc, input logic [7:0] data);
    advance = crc ^ {24'b0, data};
    for (int unsigned i = 0; i < 8; i++) begin
      advance = (advance >> 1) ^ (advance[0] ? 32'hEDB8_8320 : 32'h0);
    end
  endfunction
endpackage
