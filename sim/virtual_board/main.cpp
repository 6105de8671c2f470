// The virtual board: hearth_board in Verilator, its UART behind a pseudo-terminal. With
// HEARTH_CAMERA_WIDTH it is hearth_video_board, and a camera at its pins (camera.h); with
// HEARTH_SCREEN hearth_screen_board, and a screen (screen.h).
//
//   virtual_board [CAMERA_PERIOD PIXEL_PERIOD AFTER]   cycles of the clocks; cycles that the screen
//                                                      goes on for when the camera is done
//
// Prints the terminal's name and serves until its standard input closes; a line `end` says that the
// camera is done. One byte on the wire takes ten bit times of Divisor cycles, as on the board; the PLL
// and the pins are all that is left out. When nothing moves, simulated time goes on slowly, so that
// timeouts still happen and no processor is busy.

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <deque>

#include "Vhearth_board.h"
#include "verilated.h"

#ifdef HEARTH_CAMERA_WIDTH
#include "camera.h"
#endif
#ifdef HEARTH_SCREEN
#include "screen.h"
#endif

namespace {

constexpr int kDivisor = HEARTH_DIVISOR;
constexpr int kResetCycles = 64;
constexpr int kPollCycles = 4000;   // between two looks at the terminal
constexpr int kAwakeCycles = 400000;  // without a byte, after which the board slows down
constexpr int kIdleMilliseconds = 2;

// Puts bytes on the board's receiving line.
class LineSender {
 public:
  std::deque<uint8_t> pending;

  int next() {
    if (left_ == 0 && !pending.empty()) {
      frame_ = static_cast<unsigned>(pending.front()) << 1 | 0x200;
      pending.pop_front();
      left_ = 10 * kDivisor;
    }
    if (left_ == 0) return 1;
    int bit = frame_ >> ((10 * kDivisor - left_) / kDivisor) & 1;
    --left_;
    return bit;
  }
  bool busy() const { return left_ > 0 || !pending.empty(); }

 private:
  unsigned frame_ = 0;
  int left_ = 0;
};

// Takes bytes off the board's sending line.
class LineReceiver {
 public:
  bool next(int line, uint8_t* byte) {
    if (left_ == 0) {
      if (line) return false;
      left_ = 9 * kDivisor + kDivisor / 2;
      frame_ = 0;
    }
    int elapsed = 9 * kDivisor + kDivisor / 2 - left_--;
    if (elapsed % kDivisor != kDivisor / 2) return false;
    int bit = elapsed / kDivisor;
    if (bit >= 1 && bit <= 8) frame_ |= static_cast<unsigned>(line) << (bit - 1);
    if (bit != 8) return false;
    *byte = static_cast<uint8_t>(frame_);
    return true;
  }
  bool busy() const { return left_ > 0; }

 private:
  unsigned frame_ = 0;
  int left_ = 0;
};

int open_terminal() {
  int host = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (host < 0 || grantpt(host) || unlockpt(host)) return -1;
  // Our own copy of the other end keeps the terminal alive while no program has it open.
  int other = open(ptsname(host), O_RDWR | O_NOCTTY);
  termios settings;
  tcgetattr(other, &settings);
  cfmakeraw(&settings);
  tcsetattr(other, TCSANOW, &settings);
  return host;
}

bool input_closed() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (poll(&input, 1, 0) <= 0) return false;
  char byte;
  return read(STDIN_FILENO, &byte, 1) <= 0;
}

}  // namespace

int main(int argc, char** argv) {
  int host = open_terminal();
  if (host < 0) return 1;
  printf("%s\n", ptsname(host));
  fflush(stdout);

  VerilatedContext context;
  context.commandArgs(argc, argv);
  Vhearth_board board(&context);
  LineSender sender;
  LineReceiver receiver;
#ifdef HEARTH_CAMERA_WIDTH
  Camera camera("camera.bin", atol(argv[1]));
  long after = atol(argv[3]);
#endif
#ifdef HEARTH_SCREEN
  Screen screen(atol(argv[2]));
#endif
  long quiet = 0;
  board.rst = 1;
  board.uart_rx_line = 1;
  for (long cycle = -kResetCycles; !context.gotFinish(); ++cycle) {
#ifdef HEARTH_CAMERA_WIDTH
    camera.drive(board);
#endif
#ifdef HEARTH_SCREEN
    screen.drive(board, cycle);
#endif
    board.clk = 0;
    board.eval();
#ifdef HEARTH_SCREEN
    screen.watch(board, cycle, static_cast<long>(camera.started()) - 1);
#endif
#ifdef HEARTH_CAMERA_WIDTH
    if (cycle >= 0) camera.watch(board, cycle);
    if (after >= 0) quiet = 0;
    if (camera.done() && after >= 0 && after-- == 0) {
#ifdef HEARTH_SCREEN
      screen.close();
#endif
      printf("end\n");
      fflush(stdout);
    }
#endif
    board.rst = cycle < 0;
    board.uart_rx_line = sender.next();
    board.clk = 1;
#ifdef HEARTH_SCREEN
    board.pixel_clk = 0;
#endif
    board.eval();
    uint8_t byte;
    if (receiver.next(board.uart_tx_line, &byte)) {
      while (write(host, &byte, 1) < 0 && !input_closed()) usleep(1000);
    }
    quiet = sender.busy() || receiver.busy() ? 0 : quiet + 1;
    if (cycle < 0 || cycle % kPollCycles) continue;
    uint8_t buffer[4096];
    if (sender.pending.size() < sizeof buffer) {
      ssize_t count = read(host, buffer, sizeof buffer);
      if (count > 0) sender.pending.insert(sender.pending.end(), buffer, buffer + count);
    }
    if (input_closed()) break;
    if (quiet > kAwakeCycles) {
      pollfd terminal{host, POLLIN, 0};
      poll(&terminal, 1, kIdleMilliseconds);
    }
  }
  board.final();
  return 0;
}
