// The camera of the virtual board: plays the pictures of a file at the pins, once, and prints what
// came of each, in their order:
//
//   result NUMBER FIRST LAST WORD ...   the words of its result, and the cycles in which the first
//                                       and the last of them came
//   out NUMBER                          it was left out, or cut short
//
// A picture is HEARTH_CAMERA_HEIGHT lines of HEARTH_CAMERA_WIDTH words of two bytes; a line lasts
// HEARTH_CAMERA_LINE periods of the camera's clock, and HEARTH_CAMERA_BEFORE lines are between two
// pictures. It begins when its registers are written.

#include <cstdint>
#include <cstdio>
#include <deque>
#include <vector>

#include "Vhearth_board.h"

class Camera {
 public:
  // The clock's period is in cycles of the board's.
  Camera(const char* path, long period) : period_(period) {
    FILE* file = fopen(path, "rb");
    if (!file) return;
    for (std::vector<uint8_t> picture(kBytes); fread(picture.data(), 1, kBytes, file) == kBytes;)
      pictures_.push_back(picture);
    fclose(file);
    out_.resize(pictures_.size());
  }

  // Before each cycle of the board; pins change when the camera's clock falls.
  void drive(Vhearth_board& board) {
    phase_ = (phase_ + 1) % period_;
    board.cam_pclk = phase_ >= period_ / 2;
    if (phase_ || !board.written_o || next_ == pictures_.size()) return;
    long line = place_ / kLine - kBefore, column = place_ % kLine;
    bool href = line >= 0 && column < 2 * HEARTH_CAMERA_WIDTH;
    if (href && !line && !column) started_ = next_ + 1;
    board.cam_vsync = line < -kBefore / 2;
    board.cam_href = href;
    board.cam_data = href ? pictures_[next_][2 * HEARTH_CAMERA_WIDTH * line + column] : 0;
    if (++place_ < kLine * (kBefore + HEARTH_CAMERA_HEIGHT)) return;
    place_ = 0;
    ++next_;
  }

  // Before each rising edge of the board's clock: what the board is about to say.
  void watch(Vhearth_board& board, long cycle) {
    if (done()) return;
    if (board.left_out_o && started_) out_[started_ - 1] = true;
    if (board.camera_word_valid_o) {
      if (coming_.words.empty()) coming_.first = cycle;
      coming_.words.push_back(board.camera_word_o);
      if (board.camera_word_last_o) {
        coming_.last = cycle;
        if (board.camera_counts_o) results_.push_back(coming_);
        coming_.words.clear();
      }
    }
    while (told_ < started_ && (out_[told_] || !results_.empty())) tell();
    if (next_ == pictures_.size() && told_ < next_) ++waited_;
  }

  // Nothing is left to be told, or it does not come.
  bool done() const {
    return next_ == pictures_.size() && (told_ == next_ || waited_ > HEARTH_CAMERA_PATIENCE);
  }

  // How many pictures have begun: the last one's first pixel is on its way or inside.
  size_t started() const { return started_; }

 private:
  struct Result {
    long first, last;
    std::vector<uint32_t> words;
  };

  static constexpr long kLine = HEARTH_CAMERA_LINE;
  static constexpr long kBefore = HEARTH_CAMERA_BEFORE;
  static constexpr size_t kBytes = 2 * HEARTH_CAMERA_WIDTH * HEARTH_CAMERA_HEIGHT;

  void tell() {
    if (out_[told_]) {
      printf("out %zu\n", told_);
    } else {
      const Result& result = results_.front();
      printf("result %zu %ld %ld", told_, result.first, result.last);
      for (uint32_t word : result.words) printf(" %d", static_cast<int32_t>(word));
      printf("\n");
      results_.pop_front();
    }
    fflush(stdout);
    ++told_;
  }

  std::vector<std::vector<uint8_t>> pictures_;
  std::vector<bool> out_;
  std::deque<Result> results_;
  Result coming_;
  size_t next_ = 0, started_ = 0, told_ = 0;  // picture that is sent; how many have begun, are told
  long period_, place_ = 0, phase_ = 0, waited_ = 0;
};
