// Hands every beat of a stream to several readers: to all of them in one cycle, or to none.
//
// What each reader has in front of it is a FIFO, whose `ready` comes from a register
// (hearth_fifo.sv); so there is no combinational loop, though a reader's `valid` depends on the
// others' `ready`. The data is the stream's own.
module hearth_fork #(
  parameter int unsigned Readers = 2
) (
  input  logic               s_valid,
  output logic               s_ready,
  output logic [Readers-1:0] m_valid,
  input  logic [Readers-1:0] m_ready
);
  assign s_ready = &m_ready;
  assign m_valid = {Readers{s_valid && s_ready}};
endmodule
