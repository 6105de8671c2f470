// The camera of the virtual board: plays the pictures of a file at the pins, once, and prints what
// came of each, in their order:
//
//   result NUMBER WORD WORD ...   the words of its result
//   out NUMBER                    it was left out, or cut short
//   end                           no more is coming
//
// A picture is HEARTH_CAMERA_HEIGHT lines of HEARTH_CAMERA_WIDTH words of two bytes. The camera's
// clock has HEARTH_CAMERA_PERIOD cycles of the board's. It begins when its registers are written.

#include <cstdint>
#include <cstdio>
#include <deque>
#include <vector>

#include "Vhearth_board.h"

class Camera {
 public:
  explicit Camera(const char* path) {
    FILE* file = fopen(path, "rb");
    if (!file) return;
    for (std::vector<uint8_t> picture(kBytes); fread(picture.data(), 1, kBytes, file) == kBytes;)
      pictures_.push_back(picture);
    fclose(file);
    out_.resize(pictures_.size());
  }

  // Before each cycle of the board; pins change when the camera's clock falls.
  void drive(Vhearth_board& board) {
    phase_ = (phase_ + 1) % HEARTH_CAMERA_PERIOD;
    board.cam_pclk = phase_ >= HEARTH_CAMERA_PERIOD / 2;
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
  void watch(Vhearth_board& board) {
    if (done_) return;
    if (board.left_out_o && started_) out_[started_ - 1] = true;
    if (board.camera_word_valid_o) {
      words_.push_back(board.camera_word_o);
      if (board.camera_word_last_o) {
        if (board.camera_counts_o) results_.push_back(words_);
        words_.clear();
      }
    }
    while (told_ < started_ && (out_[told_] || !results_.empty())) tell();
    if (next_ == pictures_.size() && (told_ == next_ || ++waited_ > HEARTH_CAMERA_PATIENCE)) {
      printf("end\n");
      fflush(stdout);
      done_ = true;
    }
  }

  bool done() const { return done_; }

 private:
  static constexpr long kLine = 2 * HEARTH_CAMERA_WIDTH + 16;    // with the pause behind it
  static constexpr long kBefore = 2 + HEARTH_CAMERA_HEIGHT / 4;  // lines between two pictures
  static constexpr size_t kBytes = 2 * HEARTH_CAMERA_WIDTH * HEARTH_CAMERA_HEIGHT;

  void tell() {
    if (out_[told_]) {
      printf("out %zu\n", told_);
    } else {
      printf("result %zu", told_);
      for (uint32_t word : results_.front()) printf(" %d", static_cast<int32_t>(word));
      printf("\n");
      results_.pop_front();
    }
    fflush(stdout);
    ++told_;
  }

  std::vector<std::vector<uint8_t>> pictures_;
  std::vector<bool> out_;
  std::deque<std::vector<uint32_t>> results_;
  std::vector<uint32_t> words_;
  size_t next_ = 0, started_ = 0, told_ = 0;  // picture that is sent; how many have begun, are told
  long place_ = 0, phase_ = 0, waited_ = 0;
  bool done_ = false;
};
