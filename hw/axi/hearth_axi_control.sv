// What the registers hold: control bits, sticky fault flags, counters, facts about the network.
//
// The map itself, with every register's meaning, is toolchain/targets/xilinx/registers.py; it
// arrives here as the generated package hearth_axi_pkg and in docs/design/xilinx.md as a table.
module hearth_axi_control (
  input  logic                       clk,
  input  logic                       rst,
  input  logic [hearth_axi_pkg::RegisterCount-1:0] write_i,
  input  logic [31:0]                write_data_i,
  input  logic [31:0]                write_mask_i,
  output logic [hearth_axi_pkg::RegisterCount-1:0][31:0] values_o,
  output logic                       enable_o,
  output logic                       restart_o,   // holds network and border in reset
  output logic                       load_start_o,  // as in hearth_axi_load.sv
  output logic                       load_write_o,
  input  logic                       loaded_i,
  input  logic [31:0]                load_count_i,
  input  logic [31:0]                load_crc_i,
  output logic [31:0]                timeout_o,
  input  logic                       busy_i,
  input  logic [4:0]                 faults_i,
  input  logic                       taken_i,     // a frame has been handed to the network
  input  logic                       damaged_i,   // with taken_i: it was mended
  input  logic                       answered_i,  // a frame's results have left
  input  logic                       waiting_i,   // a word of results stands at the output
  input  logic [31:0]                top_i
);
  localparam logic [4:0] RestartCycles = '1;

  logic enable_q;
  logic [4:0] restart_q, flags_q;
  logic [31:0] timeout_q, frames_q, results_q, damaged_q, clock_q, period_q;
  logic [31:0] masked, elapsed_q, latency_q;
  logic busy_q, alone_q, starts;

  assign masked = write_data_i & write_mask_i;
  assign enable_o = enable_q && loaded_i;
  assign load_start_o = write_i[hearth_axi_pkg::RegLoaded];
  assign load_write_o = write_i[hearth_axi_pkg::RegLoad] && write_mask_i == '1;
  assign restart_o = restart_q != '0;
  assign timeout_o = timeout_q;
  assign starts = busy_i && !busy_q && !alone_q && frames_q == results_q;

  always_comb begin
    values_o = '0;
    values_o[hearth_axi_pkg::RegId] = hearth_axi_pkg::Id;
    values_o[hearth_axi_pkg::RegVersion] = hearth_axi_pkg::Version;
    values_o[hearth_axi_pkg::RegBuildLow] = hearth_axi_pkg::BuildLow;
    values_o[hearth_axi_pkg::RegBuildHigh] = hearth_axi_pkg::BuildHigh;
    values_o[hearth_axi_pkg::RegClock] = hearth_axi_pkg::ClockKhz;
    values_o[hearth_axi_pkg::RegGeometry] = {
      16'(hearth_axi_pkg::Height), 16'(hearth_axi_pkg::Width)
    };
    values_o[hearth_axi_pkg::RegClasses] = {
      16'(hearth_axi_pkg::Best), 16'(hearth_axi_pkg::Classes)
    };
    values_o[hearth_axi_pkg::RegControl] = {30'b0, restart_o, enable_q};
    values_o[hearth_axi_pkg::RegStatus] = {31'b0, busy_i};
    values_o[hearth_axi_pkg::RegFlags] = {27'b0, flags_q};
    values_o[hearth_axi_pkg::RegTimeout] = timeout_q;
    values_o[hearth_axi_pkg::RegFrames] = frames_q;
    values_o[hearth_axi_pkg::RegResults] = results_q;
    values_o[hearth_axi_pkg::RegDamaged] = damaged_q;
    values_o[hearth_axi_pkg::RegPeriod] = period_q;
    values_o[hearth_axi_pkg::RegLatency] = latency_q;
    values_o[hearth_axi_pkg::RegTop] = top_i;
    values_o[hearth_axi_pkg::RegLoadBytes] = 32'(hearth_axi_pkg::LoadBytes);
    values_o[hearth_axi_pkg::RegLoaded] = load_count_i;
    values_o[hearth_axi_pkg::RegLoadCrc] = load_crc_i;
    values_o[hearth_axi_pkg::RegColours] = 32'(hearth_axi_pkg::InBits / 8);
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      enable_q <= 1'b1;
      restart_q <= '0;
      timeout_q <= '0;
    end else begin
      if (restart_q != '0) restart_q <= restart_q - 1'b1;
      if (write_i[hearth_axi_pkg::RegControl]) begin
        if (write_mask_i[0]) enable_q <= write_data_i[0];
        if (masked[1]) restart_q <= RestartCycles;
      end
      if (load_start_o) restart_q <= RestartCycles;
      if (write_i[hearth_axi_pkg::RegTimeout]) timeout_q <= (timeout_q & ~write_mask_i) | masked;
    end
  end

  always_ff @(posedge clk) begin
    if (rst || restart_o) begin
      flags_q <= '0;
      frames_q <= '0;
      results_q <= '0;
      damaged_q <= '0;
      clock_q <= '0;
      period_q <= '0;
      {busy_q, alone_q} <= '0;
      elapsed_q <= '0;
      latency_q <= '0;
    end else begin
      flags_q <= (write_i[hearth_axi_pkg::RegFlags] ? flags_q & ~masked[4:0] : flags_q) | faults_i;
      frames_q <= frames_q + 32'(taken_i);
      damaged_q <= damaged_q + 32'(taken_i && damaged_i);
      results_q <= results_q + 32'(answered_i);
      clock_q <= answered_i ? 32'd1 : clock_q + 1'b1;
      if (answered_i) period_q <= clock_q;
      busy_q <= busy_i;
      // A frame that entered alone is timed until its result waits, whatever enters behind it.
      elapsed_q <= starts ? 32'd1 : elapsed_q + 1'b1;
      if (starts) alone_q <= 1'b1;
      else if (waiting_i) alone_q <= 1'b0;
      if (waiting_i && alone_q) latency_q <= elapsed_q;
    end
  end
endmodule
