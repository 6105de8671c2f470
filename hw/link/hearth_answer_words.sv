// The words of each answer (docs/design/link.md), one by one.
//
// Words are chosen in one cycle and sent in the next, as they come from all over the chip: an index
// stands for three cycles before its word is asked for. Results come from the network when it has
// them; logits that are not wanted are taken and thrown away, but only while a word is asked for:
// behind the last one are those of the next frame.
module hearth_answer_words #(
  parameter int unsigned Width = 32,
  parameter int unsigned Height = 32,
  parameter int unsigned Colours = 3,
  parameter int unsigned Classes = 10,
  parameter int unsigned Top = 5,
  parameter int unsigned Kernels = 19,
  parameter int unsigned Divisor = 25,
  parameter int unsigned ClockKhz = 75000,
  parameter int unsigned ImageBytes = 0
) (
  input  logic             clk,
  input  logic [      7:0] kind,           // of the request
  input  logic             fine,           // or else it is refused
  input  logic             with_logits,    // flag of a FRAME request
  input  logic [     15:0] index,
  output logic [     15:0] count,          // of words, one cycle after the request
  output logic [     31:0] word,
  output logic             valid,
  input  logic             ready,
  input  logic [     31:0] result,
  input  logic             result_valid,
  input  logic             result_is_logit,
  output logic             result_taken,   // unless nothing is being sent
  input  logic [     31:0] latency,
  input  logic [     31:0] now,
  input  logic [     31:0] counter,        // word of this index, two cycles later
  input  logic [     31:0] build_id,       // half of build_id_high, one cycle later
  output logic             build_id_high,
  input  logic [     63:0] hardware_id,
  input  logic [3:0][31:0] bench           // the four words of its answer
);
  localparam int unsigned InfoWords = 12;

  logic is_result_q, wanted, ready_q;
  logic [31:0] info, build_id_q, chosen, chosen_q;

  assign wanted = with_logits || !result_is_logit;
  assign result_taken = is_result_q && ready;
  assign build_id_high = (kind == hearth_link_pkg::TypeUpdate) ? index[0] : index[1];
  assign valid = is_result_q ? result_valid && wanted : ready_q;
  assign word = is_result_q ? result : chosen_q;

  always_ff @(posedge clk) begin
    is_result_q <= fine && kind == hearth_link_pkg::TypeFrame && index >= 16'd2;
    build_id_q <= build_id;  // of block RAM, which is slow to answer
    chosen_q <= chosen;
    ready_q <= ready && !ready_q;
  end

  // A register: the sender compares it with its index, late in the cycle. A request stands for a
  // cycle before its answer begins.
  always_ff @(posedge clk) begin
    unique case (kind)
      hearth_link_pkg::TypeFrame: count <= 16'(2 + Top) + (with_logits ? 16'(Classes) : 16'd0);
      hearth_link_pkg::TypeInfo: count <= 16'(InfoWords);
      hearth_link_pkg::TypeCounters: count <= 16'(hearth_link_pkg::Statuses + 3 * Kernels);
      hearth_link_pkg::TypeUpdate: count <= 16'd2;
      default: count <= 16'd4;  // BENCH
    endcase
    if (!fine) count <= 16'd1;
  end

  always_comb begin
    unique case (index)
      16'd0: info = {24'b0, hearth_link_pkg::Version};
      16'd1, 16'd2: info = build_id_q;
      16'd3: info = {16'(Height), 16'(Width)};
      16'd4: info = {16'(Top), 16'(Classes)};
      16'd5: info = 32'(Kernels);
      16'd6: info = 32'(ClockKhz);
      16'd7: info = 32'(Divisor);
      16'd8: info = 32'(ImageBytes);
      16'd9: info = hardware_id[31:0];
      16'd10: info = hardware_id[63:32];
      default: info = 32'(Colours);
    endcase
  end

  always_comb begin
    unique case (kind)
      hearth_link_pkg::TypeFrame: chosen = index[0] ? now : latency;
      hearth_link_pkg::TypeInfo: chosen = info;
      hearth_link_pkg::TypeUpdate: chosen = build_id_q;
      hearth_link_pkg::TypeCounters: chosen = counter;
      default: chosen = bench[index[1:0]];
    endcase
    if (!fine) chosen = 32'(kind);
  end
endmodule
