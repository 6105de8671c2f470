// Max-pool whose windows may overlap, which hls4ml does not stream (it asserts pool == stride).
//
// One element of a stream is a whole pixel, channels innermost (nnet::array). CONFIG_T carries the
// sizes of both maps, in_/out_ height, width and channels, and what lowering.py gives besides.

#ifndef HEARTH_MAXPOOL_H_
#define HEARTH_MAXPOOL_H_

#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_types.h"

namespace nnet {

// out[y, x, c] = max of the rows x columns window at (y * down - pad_top, x * across - pad_left).
// A place outside the map counts as -below, which nothing is less than. The window is separable: rows - 1
// rows are kept, the maximum of a column goes into a shift register of that many columns. Pixels that no
// window covers (floor mode) are read and dropped.
template <class data_T, class res_T, typename CONFIG_T>
void hearth_maxpool(hls::stream<data_T> &data, hls::stream<res_T> &res) {
    const int in_rows = CONFIG_T::pad_top + CONFIG_T::in_height;
    const int in_columns = CONFIG_T::pad_left + CONFIG_T::in_width;
    const int out_rows = (CONFIG_T::out_height - 1) * CONFIG_T::down + CONFIG_T::rows;
    const int out_columns = (CONFIG_T::out_width - 1) * CONFIG_T::across + CONFIG_T::columns;
    const int rows = in_rows > out_rows ? in_rows : out_rows;
    const int columns = in_columns > out_columns ? in_columns : out_columns;

    static data_T lines[CONFIG_T::rows][columns];
    #pragma HLS ARRAY_PARTITION variable=lines complete dim=1
    data_T window[CONFIG_T::columns];
    #pragma HLS ARRAY_PARTITION variable=window complete

Rows:
    for (int y = 0; y < rows; y++) {
    Columns:
        for (int x = 0; x < columns; x++) {
            #pragma HLS LOOP_FLATTEN
            #pragma HLS PIPELINE
            const bool inside = y >= (int)CONFIG_T::pad_top && y < in_rows &&
                                x >= (int)CONFIG_T::pad_left && x < in_columns;
            data_T pixel;
            if (inside) {
                pixel = data.read();
            } else {
                for (unsigned c = 0; c < CONFIG_T::in_channels; c++) {
                    #pragma HLS UNROLL
                    pixel[c] = -(int)CONFIG_T::below;
                }
            }
            for (unsigned k = CONFIG_T::columns - 1; k > 0; k--) {
                #pragma HLS UNROLL
                window[k] = window[k - 1];
            }
            res_T out;
            for (unsigned c = 0; c < CONFIG_T::in_channels; c++) {
                #pragma HLS UNROLL
                typename data_T::value_type most = pixel[c];
                for (unsigned k = 1; k < CONFIG_T::rows; k++) {
                    #pragma HLS UNROLL
                    most = lines[k][x][c] > most ? lines[k][x][c] : most;
                }
                window[0][c] = most;
                for (unsigned k = 1; k < CONFIG_T::columns; k++) {
                    #pragma HLS UNROLL
                    most = window[k][c] > most ? window[k][c] : most;
                }
                out[c] = most;
            }
            for (unsigned k = CONFIG_T::rows - 1; k > 1; k--) {
                #pragma HLS UNROLL
                lines[k][x] = lines[k - 1][x];
            }
            lines[CONFIG_T::rows > 1 ? 1 : 0][x] = pixel;
            const int top = y - ((int)CONFIG_T::rows - 1);
            const int left = x - ((int)CONFIG_T::columns - 1);
            if (top >= 0 && y < out_rows && top % CONFIG_T::down == 0 && left >= 0 && x < out_columns &&
                left % CONFIG_T::across == 0) {
                res.write(out);
            }
        }
    }
}

} // namespace nnet

#endif
