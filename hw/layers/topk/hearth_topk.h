// Top-k, which hls4ml has no streaming form of.
//
// One element of a stream is a whole pixel, channels innermost (nnet::array). CONFIG_T carries the
// sizes of both maps, in_/out_ height, width and channels, and what lowering.py gives besides.

#ifndef HEARTH_TOPK_H_
#define HEARTH_TOPK_H_

#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_types.h"

namespace nnet {

// The logits themselves, then the indices of the k largest, best first; ties go to the lower index.
template <class data_T, class res_T, typename CONFIG_T>
void hearth_topk(hls::stream<data_T> &data, hls::stream<res_T> &res) {
    data_T logits = data.read();
    typename data_T::value_type best[CONFIG_T::k];
    int index[CONFIG_T::k];
    #pragma HLS ARRAY_PARTITION variable=best complete
    #pragma HLS ARRAY_PARTITION variable=index complete
    for (unsigned place = 0; place < CONFIG_T::k; place++) {
        #pragma HLS UNROLL
        best[place] = 0;
        index[place] = 0;
    }
    unsigned found = 0;
    res_T out;
Classes:
    for (unsigned c = 0; c < CONFIG_T::in_channels; c++) {
        #pragma HLS PIPELINE
        typename data_T::value_type value = logits[c];
        int number = c;
        out[c] = value;
        bool placed = false;
        for (unsigned place = 0; place < CONFIG_T::k; place++) {
            #pragma HLS UNROLL
            const bool empty = place >= found;
            if (!placed && (empty || value > best[place])) {
                const typename data_T::value_type worse = best[place];
                const int worse_number = index[place];
                best[place] = value;
                index[place] = number;
                value = worse;
                number = worse_number;
                placed = empty;
            }
        }
        if (found < CONFIG_T::k) {
            found++;
        }
    }
    for (unsigned place = 0; place < CONFIG_T::k; place++) {
        #pragma HLS UNROLL
        out[CONFIG_T::in_channels + place] = index[place];
    }
    res.write(out);
}

} // namespace nnet

#endif
