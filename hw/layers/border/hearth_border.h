// Border of a constant pixel, which hls4ml has no streaming form of.
//
// One element of a stream is a whole pixel, channels innermost (nnet::array). CONFIG_T carries the
// sizes of both maps, in_/out_ height, width and channels, and what lowering.py gives besides.

#ifndef HEARTH_BORDER_H_
#define HEARTH_BORDER_H_

#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_types.h"

namespace nnet {

// The map with constant pixels around it.
template <class data_T, class res_T, typename CONFIG_T>
void hearth_border(hls::stream<data_T> &data, hls::stream<res_T> &res,
                   typename CONFIG_T::values_t values[CONFIG_T::out_channels]) {
    for (int y = 0; y < (int)CONFIG_T::out_height; y++) {
        for (int x = 0; x < (int)CONFIG_T::out_width; x++) {
            #pragma HLS LOOP_FLATTEN
            #pragma HLS PIPELINE
            const int row = y - (int)CONFIG_T::pad_top, column = x - (int)CONFIG_T::pad_left;
            res_T out;
            if (row >= 0 && row < (int)CONFIG_T::in_height && column >= 0 && column < (int)CONFIG_T::in_width) {
                data_T pixel = data.read();
                for (unsigned c = 0; c < CONFIG_T::out_channels; c++) {
                    #pragma HLS UNROLL
                    out[c] = pixel[c];
                }
            } else {
                for (unsigned c = 0; c < CONFIG_T::out_channels; c++) {
                    #pragma HLS UNROLL
                    out[c] = values[c];
                }
            }
            res.write(out);
        }
    }
}

} // namespace nnet

#endif
