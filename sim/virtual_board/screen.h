// The screen of the virtual board: its pixel clock, and a record of what it is sent and of when the
// camera's pixels came, from which it is computed again (shown.py):
//
//   symbols.bin   after every edge of the pixel clock the three symbols, 30 bits of a word of 32
//   taps.bin      of every pixel of the camera at the tap: the cycle, and its picture's number, 64
//                 bits each
//
// Cycles are the board's; the pixel clock rises in every `period`-th of them, from cycle 0 on, while
// the board's clock is low: no two edges of the two come together.

#include <cstdint>
#include <cstdio>

#include "Vhearth_board.h"

class Screen {
 public:
  explicit Screen(long period) : period_(period) {}
  ~Screen() { close(); }

  // Before the board's clock falls.
  void drive(Vhearth_board& board, long cycle) {
    board.pixel_clk = cycle % period_ == 0;
    board.pixel_rst = board.rst;
  }

  // When it is low; the last picture that began at the camera has the number `newest`.
  void watch(Vhearth_board& board, long cycle, long newest) {
    if (!symbols_ || cycle < 0) return;
    if (cycle % period_ == 0) {
      uint32_t word = board.tmds_o;
      fwrite(&word, sizeof word, 1, symbols_);
    }
    if (!board.tap_valid_o) return;
    if (board.tap_first_o) picture_ = newest;
    const int64_t pixel[] = {cycle, picture_};
    fwrite(pixel, sizeof pixel, 1, taps_);
  }

  void close() {
    if (!symbols_) return;
    fclose(symbols_);
    fclose(taps_);
    symbols_ = taps_ = nullptr;
  }

 private:
  long period_;
  int64_t picture_ = -1;
  FILE* symbols_ = fopen("symbols.bin", "wb");
  FILE* taps_ = fopen("taps.bin", "wb");
};
