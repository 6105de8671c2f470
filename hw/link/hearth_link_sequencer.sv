// What is done for each request, one after another:
//
//   Wait    for a request, and a frame's results      Drop  results of a damaged frame
//   Bench   measuring                                 Send  the packet of the answer is being sent
module hearth_link_sequencer (
  input  logic             clk,
  input  logic             rst,
  input  hearth_link_pkg::event_t request,
  input  logic             request_valid,
  output logic             request_ready,  // its answer has been sent
  input  logic             arrived,        // results of the oldest frame are there
  input  logic             result_waits,   // a word of them
  input  logic             result_last,    // their last
  input  logic             result_wanted,  // by the packet that is being sent
  output logic             result_taken,
  output logic             idle,           // no request is being answered
  output logic             bench_start,
  input  logic             bench_done,
  output logic             send,           // begin the packet of the answer
  input  logic             sending,        // until it is out
  output logic             bank,           // which weights are in use
  output logic             clear,          // the counters
  output logic             release_hold    // the next packet may be taken in
);
  typedef enum logic [2:0] {Wait, Drop, Bench, Start, Send} state_e;
  state_e state_q, state_d;
  logic fine, answered, update, unused;

  assign fine = request.status == hearth_link_pkg::Fine;
  assign unused = ^{request.flags[7:1], request.sequence_number};

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Wait: if (request_valid) begin
        if (request.framed && !fine) state_d = Drop;
        else if (!fine) state_d = Start;
        else if (request.kind == hearth_link_pkg::TypeBench) state_d = Bench;
        else if (request.kind != hearth_link_pkg::TypeFrame || arrived) state_d = Start;
      end
      Drop: if (result_waits && result_last) state_d = Start;
      Bench: if (bench_done) state_d = Start;
      Start: state_d = Send;
      default: if (!sending) state_d = Wait;
    endcase
  end

  always_ff @(posedge clk) begin
    state_q <= rst ? Wait : state_d;
    if (rst) bank <= 1'b0;
    else if (update) bank <= !bank;
  end

  assign idle = state_q == Wait;
  assign send = state_q == Start;
  assign bench_start = idle && state_d == Bench;
  // Every earlier frame has been answered and no later one has been taken in: the network is empty.
  assign update = idle && state_d == Start && fine && request.kind == hearth_link_pkg::TypeUpdate;
  assign result_taken = state_q == Drop || state_q == Bench || (state_q == Send && result_wanted);
  assign request_ready = state_q == Send && !sending;
  assign answered = request_ready && request_valid;
  assign clear =
      answered && fine && request.kind == hearth_link_pkg::TypeCounters && request.flags[0];
  assign release_hold = answered && hearth_link_pkg::holds(request.kind, request.status);
endmodule
