// Exact sum of all pixels, which hls4ml has no streaming form of.
//
// One element of a stream is a whole pixel, channels innermost (nnet::array). CONFIG_T carries the
// sizes of both maps, in_/out_ height, width and channels, and what lowering.py gives besides.

#ifndef HEARTH_GLOBALPOOL_H_
#define HEARTH_GLOBALPOOL_H_

#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_types.h"

namespace nnet {

// out[c] = sum of all pixels of channel c, exactly.
template <class data_T, class res_T, typename CONFIG_T>
void hearth_globalpool(hls::stream<data_T> &data, hls::stream<res_T> &res) {
    res_T sum;
    for (unsigned c = 0; c < CONFIG_T::in_channels; c++) {
        #pragma HLS UNROLL
        sum[c] = 0;
    }
    for (unsigned i = 0; i < CONFIG_T::in_height * CONFIG_T::in_width; i++) {
        #pragma HLS PIPELINE
        data_T pixel = data.read();
        for (unsigned c = 0; c < CONFIG_T::in_channels; c++) {
            #pragma HLS UNROLL
            sum[c] = sum[c] + pixel[c];
        }
    }
    res.write(sum);
}

} // namespace nnet

#endif
