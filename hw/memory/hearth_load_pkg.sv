// The load chain: eleven wires that carry new weights past every ROM (hearth_rom_loader.sv).
package hearth_load_pkg;
  typedef struct packed {
    logic       bank;   // which bank of every ROM is read
    logic       start;  // empties every place in the chain
    logic       valid;  // `value` is the next byte of the update
    logic [7:0] value;
  } load_t;
endpackage
