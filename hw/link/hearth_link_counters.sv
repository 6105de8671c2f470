// What a COUNTERS request reads: packets by status, every kernel's busy, starved, blocked cycles.
//
// The word of `index` is there two cycles later. `error` is high when some packet was wrong since
// the last clear.
module hearth_link_counters #(
  parameter int unsigned Kernels = 19,
  localparam int unsigned Words = hearth_link_pkg::Statuses + 3 * Kernels
) (
  input  logic               clk,
  input  logic               rst,
  input  logic               clear,
  input  logic               counted,  // a packet has come, with this status
  input  logic [        7:0] status,
  input  logic [Kernels-1:0] busy,
  input  logic [Kernels-1:0] starved,
  input  logic [Kernels-1:0] blocked,
  input  logic [       15:0] index,
  output logic [       31:0] word,
  output logic               error
);
  localparam int unsigned Activities = 3 * Kernels;
  localparam int unsigned ActivityBits = $clog2(Activities);

  if (Words > 65535) begin : gen_check
    $error("%m: a packet holds 65535 words at most");
  end

  logic [31:0] statuses_q[hearth_link_pkg::Statuses];
  logic [31:0] status_q, activity;
  logic is_status_q;
  logic [ActivityBits-1:0] address_q;

  assign word = is_status_q ? status_q : activity;

  hearth_activity_counters #(.Count(Activities)) u_activity (
    .clk, .rst, .signals({blocked, starved, busy}), .clear, .address(address_q), .data(activity)
  );

  always_ff @(posedge clk) begin
    address_q <= ActivityBits'(index - 16'(hearth_link_pkg::Statuses));
    is_status_q <= index < 16'(hearth_link_pkg::Statuses);
    status_q <= statuses_q[index[3:0]];
    for (int unsigned i = 0; i < hearth_link_pkg::Statuses; i++) begin
      if (rst || clear) statuses_q[i] <= '0;
      else if (counted && 32'(status) == i) statuses_q[i] <= statuses_q[i] + 1'b1;
    end
    if (rst || clear) error <= 1'b0;
    else if (counted && status != hearth_link_pkg::Fine) error <= 1'b1;
  end
endmodule
