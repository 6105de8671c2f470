// clocking.py without cocotb: clock, reset, waiting, progress. Used where Python has no shared library
// to embed (a fresh Debian), so that a simulation needs nothing but a compiler. Same harness, same
// results file.
#include <chrono>
#include <fstream>

#include "Vtop.h"
#include "verilated.h"

namespace {

constexpr unsigned kResetCycles = 4;
constexpr unsigned kProgressCycles = 20000;

void Cycle(VerilatedContext& context, Vtop& top) {
  for (int level = 1; level >= 0; level--) {
    top.clk = level;
    top.eval();
    context.timeInc(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  VerilatedContext context;
  context.commandArgs(argc, argv);
  Vtop top(&context);
  top.clk = 0;
  top.rst = 1;
  top.eval();
  for (unsigned i = 0; i < kResetCycles; i++) Cycle(context, top);
  top.rst = 0;
  const auto start = std::chrono::steady_clock::now();
  while (!top.finished && !context.gotFinish()) {
    for (unsigned i = 0; i < kProgressCycles && !top.finished; i++) Cycle(context, top);
    std::ofstream("progress.txt") << top.cycles << ' ' << top.delivered << '\n';
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  top.final();
  std::ofstream("results.txt", std::ios::app) << "seconds " << seconds.count() << '\n';
  return 0;
}
