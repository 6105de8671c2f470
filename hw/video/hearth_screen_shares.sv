// From the words of a frame's result to the best classes and their shares, as softmax has them:
//
//   power(i) = table[min((best - logit i) >> LogitShift, 2^DistanceBits - 1)]
//   share(i) = floor(power(i) * 2^ShareBits / sum of all powers)
//
// A result is Classes logits, signed, and Ranked indices of classes, best first, as the network's
// m_data carries them. The table (toolchain/video/screen.py) falls from 65535, the best one's own.
//
// The words are watched and never held up. A result is worked on in 6 cycles a class and
// ShareBits + 6 a share; one that begins meanwhile is passed over as a whole, and told all the
// same. One that does not count, such as a broken frame's, is passed over and not told. classes_o
// and shares_o change together, when all is done.
module hearth_screen_shares #(
  parameter int unsigned Classes = 10,
  parameter int unsigned Ranked = 5,     // indices of a result
  parameter int unsigned Shown = 5,      // of which the first are worked on
  parameter int unsigned LogitShift = 0,
  parameter int unsigned ShareBits = 7,
  parameter File = "rom/screen_shares.hex",
  localparam int unsigned ClassBits = (Classes > 1) ? $clog2(Classes) : 1
) (
  input  logic                            clk,
  input  logic                            rst,
  input  logic                            valid_i,   // a word moves
  input  logic [31:0]                     word_i,
  input  logic                            counts_i,  // if it is a frame's last: the frame counts
  output logic                            frame_o,   // it is the last of a frame that counts
  output logic [Shown-1:0][ClassBits-1:0] classes_o,
  output logic [Shown-1:0][ShareBits:0]   shares_o   // 2^ShareBits: all
);
  localparam int unsigned DistanceBits = 10;
  localparam int unsigned Words = Classes + Ranked;
  localparam int unsigned WordBits = $clog2(Words + 1);
  localparam int unsigned ShownBits = (Shown > 1) ? $clog2(Shown) : 1;
  localparam int unsigned TotalBits = 16 + $clog2(Classes + 1);
  localparam int unsigned StepBits = $clog2(ShareBits + 6);
  localparam logic [StepBits-1:0] Power = StepBits'(5);             // it is there
  localparam logic [StepBits-1:0] Last = StepBits'(ShareBits + 5);  // of a division

  if (Shown < 1 || Shown > Ranked) $error("%m: Shown is 1 to Ranked");

  // ---- words come
  logic [WordBits-1:0] word_q;         // of its frame
  logic last, taken, takes_q, begins, busy;
  logic [Shown-1:0][ClassBits-1:0] ranking_q;

  assign last = word_q == WordBits'(Words - 1);
  assign frame_o = valid_i && last && counts_i;
  assign taken = (word_q == '0) ? !busy : takes_q;
  assign begins = frame_o && taken;
  always_ff @(posedge clk) begin
    if (rst) {word_q, takes_q} <= '0;
    else if (valid_i) begin
      word_q <= last ? '0 : word_q + 1'b1;
      takes_q <= taken;
      for (int i = 0; i < int'(Shown); i++) begin
        if (taken && word_q == WordBits'(Classes + i)) ranking_q[i] <= ClassBits'(word_i);
      end
    end
  end

  // ---- work: the best logit, all powers, then one share after another
  typedef enum logic [1:0] {Idle, Best, Total, Share} work_e;
  work_e work_q;
  logic [StepBits-1:0] step_q;  // 2 logit, 3 distance, 5 power, and from there on bits of a share
  logic [ClassBits-1:0] class_q;
  logic [ShownBits-1:0] rank_q;
  logic item_over;

  assign busy = work_q != Idle;
  assign item_over = step_q == ((work_q == Share) ? Last : Power);
  always_ff @(posedge clk) begin
    if (rst) work_q <= Idle;
    else begin
      unique case (work_q)
        Idle: if (begins) work_q <= Best;
        Best: if (item_over) work_q <= Total;
        Total: if (item_over && class_q == ClassBits'(Classes - 1)) work_q <= Share;
        Share: if (item_over && rank_q == ShownBits'(Shown - 1)) work_q <= Idle;
      endcase
    end
    step_q <= (!busy || item_over) ? '0 : step_q + 1'b1;
    if (!busy) {class_q, rank_q} <= '0;
    else if (item_over && work_q == Total) class_q <= class_q + 1'b1;
    else if (item_over && work_q == Share) rank_q <= rank_q + 1'b1;
  end

  // ---- a logit, its distance, its power
  logic [31:0] logit;
  logic signed [31:0] logit_q, best_q;
  logic [32:0] distance;
  logic [DistanceBits-1:0] distance_q;
  logic [15:0] power, power_q;

  hearth_ram #(.Width(32), .Words(Classes)) u_logits (
    .clk,
    .write_enable(valid_i && taken && word_q < WordBits'(Classes)),
    .write_address(ClassBits'(word_q)),
    .write_data(word_i),
    .read_enable(busy && step_q == '0),
    .read_address((work_q == Total) ? class_q : ranking_q[rank_q]),
    .read_data(logit)
  );

  assign distance = 33'(best_q) - 33'(logit_q);
  always_ff @(posedge clk) begin
    {logit_q, power_q} <= {logit, power};  // memories answer late in a cycle
    if (work_q == Best && step_q == StepBits'(2)) best_q <= logit_q;
    distance_q <= (distance >> LogitShift >= 33'(1 << DistanceBits)) ? '1
                                           : DistanceBits'(distance >> LogitShift);
  end

  hearth_screen_rom #(.Width(16), .Words(1 << DistanceBits), .File(File)) u_powers (
    .clk,
    .address(distance_q),
    .data(power)
  );

  // ---- the sum, and the division by it, bit by bit
  logic [TotalBits-1:0] total_q;
  logic [TotalBits:0] rest_q, rest;
  logic [ShareBits-1:0] share_q;
  logic [ShareBits:0] share;
  logic fits;

  assign rest = (step_q == Power) ? (TotalBits + 1)'(power_q) : rest_q;
  assign fits = rest >= (TotalBits + 1)'(total_q);
  assign share = {share_q, fits};

  logic [Shown-1:0][ShareBits:0] found_q;
  always_ff @(posedge clk) begin
    if (work_q == Best) total_q <= '0;
    else if (work_q == Total && item_over) total_q <= total_q + TotalBits'(power_q);
    rest_q <= (fits ? rest - (TotalBits + 1)'(total_q) : rest) << 1;
    share_q <= share[ShareBits-1:0];
    if (work_q == Share && item_over) found_q[rank_q] <= share;
    if (rst) {classes_o, shares_o} <= '0;
    else if (work_q == Share && item_over && rank_q == ShownBits'(Shown - 1)) begin
      classes_o <= ranking_q;
      shares_o <= found_q;
      shares_o[Shown-1] <= share;
    end
  end
endmodule
