// Convolution as a matrix product whose columns are never stored: a tile of them is gathered from x when it is needed.
//
//                       columns  K x positions             K = (c, u, v), positions = (n, i, j)
//                       |   | 16 x 128 |                   for each strip of 16 along K:
//                                                             the block copies a tile of the weight, and one of x:
//     weight  Og x K    y  Og x positions                     of row k = (c, u, v) and position (n, i, j) it takes
//     ------------      +------------+                        x[n, c, i*sH + u*dH - top, j*sW + v*dW - left],
//       64 x 16         |  64 x 128  |                        and decodes the k of the next strip; barrier
//     ------------      +------------+                        a thread adds 8 x 8 products to its registers, 16 times
//                                                             barrier
//
// dx is the same product, gathered from dy: only that a stride of s leaves s x s kinds of cells, each of which meets
// its own taps. A block has cells of one kind, so no step is spent on taps that cannot meet:
//
//     stride 2, kernel 3     cells   a b a b a b      a meets the taps 0 and 2, b meets the tap 1
//
// dweight is the product of dy, Og x positions, and the columns, positions x K. Its sums are few and long, so they are
// cut into slices, a block for each; a second kernel adds the slices in their order. There are no atomics, and the
// number of slices follows from the shapes alone: every run gives the same bits.
//
// Numbers that lie side by side, from an address that is a multiple of 16 bytes, are loaded and stored together, 16
// bytes at once: weights, dy of dweight, y, dx, and x and dy where the kernel is 1x1; all others one by one. Tiles are
// always read so, and therefore stand in shared memory with k first.
//
// The zeros of the padding are operands, as in torch: with an infinite weight they make NaN. An output that does not
// exist is none: in dx a strip that holds a weight which is not finite leaves its products out, one by one.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: for each k a block loads 64 +
// 128 numbers and computes 64 * 128 products: in float32 2*64*128 / (4*192) = 21 operations for a byte, where
// conv_direct.cu has 2 for 8 bytes. From shared memory a thread loads 8 + 8 numbers for 64 products. An H200 can do 14
// operations for each byte that its memory delivers (data sheet: 67 TFLOP/s, 4.8 TB/s), so arithmetic is the limit even
// if no cache helped. In float64 a tile has 32 rows: 2*32*128 / (8*160) = 6.4. Published for matrices, in float32
// against cuBLAS (on an A6000, Boehm, "How to optimize a CUDA matmul kernel", 2022): one thread for each output 1.3 to
// 8.5 %, shared tiles 12.8 %, with 8 x 8 numbers in registers 68.7 %, with loads of 16 bytes 78.4 %. Not yet run on a
// device.

#include "convolution.cuh"
#include "sum.cuh"
#include "tiles.cuh"

// What forward and dx have in common: each position (n, i, j) gathers, for all rows and through the taps (u, v),
//     to[n, row, i, j] = sum over c, u, v of  from[n, c, i*sH + u*dH - top, j*sW + v*dW - left] * filter[row, c, u, v]
struct Gather {
    int rows, channels, images, down, across;            // how many there are, of positions down x across
    int H, W, kH, kW, sH, sW, top, left, dH, dW;         // H, W: of from
    long long from_image;                                // steps in memory
    long long filter_row, filter_channel, tap_u, tap_v;  // in forward they go through all (c, u, v) one by one
    long long to_image, to_row, to_i, to_j;
};

struct Position {
    long long n;
    int i, j;
    bool inside;
};

__device__ Position locate(const Gather& g, long long position) {
    const long long plane = (long long)g.down * g.across, rest = position % plane, n = position / plane;
    return {n, (int)(rest / g.across), (int)(rest % g.across), n < g.images};
}

// One tile of `to`. FORWARD: what lies outside of `from` is a zero; otherwise it is nothing.
// from, to: the group's first channel; filters: its first row and tap; bias: of its rows, or null
template <bool FORWARD, typename T>
__device__ void gather(const Gather& g, const T* from, const T* filters, const T* bias, T* to, int first_row,
                       long long first_position) {
    typedef typename Sum<T>::type S;
    constexpr int MANY = IN_16_BYTES<T>, LENGTH = ROWS<T>;
    __shared__ Tiles<S> tiles;
    __shared__ long long to_at[COLUMNS];
    __shared__ Tap taps[2][STRIP];  // of this strip, and of the next
    const int thread = threadIdx.x, rows = min(LENGTH, g.rows - first_row);
    const long long K = (long long)g.channels * g.kH * g.kW, plane = (long long)g.H * g.W;

    // A 1x1 kernel finds the columns lying in memory.
    const bool as_it_lies = g.kH == 1 && g.kW == 1 && g.sH == 1 && g.sW == 1 && g.top == 0 && g.left == 0 &&
                            g.down == g.H && g.across == g.W && plane % MANY == 0 && aligned(from, MANY);
    const Position mine = locate(g, first_position + thread);
    to_at[thread] = mine.n * g.to_image + mine.i * g.to_i + mine.j * g.to_j;
    const Position at = as_it_lies ? locate(g, first_position + across_of<MANY, COLUMNS>()) : mine;
    const int h = at.i * g.sH - g.top, w = at.j * g.sW - g.left;
    from += at.n * g.from_image + (long long)h * g.W + w;  // the cell that the first tap meets
    filters += first_row * g.filter_row;
    const bool rows_in_vectors = K % MANY == 0 && aligned(filters, MANY);
    const bool across_in_vectors = rows % MANY == 0 && g.filter_channel % MANY == 0 && aligned(filters, MANY);

    // This thread's k, and how far on that of the next strip is: divisions cost more than products, so none is below.
    int v = thread % STRIP % g.kW, u = thread % STRIP / g.kW % g.kH, c = thread % STRIP / g.kW / g.kH;
    const int next_v = STRIP % g.kW, next_u = STRIP / g.kW % g.kH, next_c = STRIP / g.kW / g.kH;
    auto decode = [&](int strip) {
        if (thread >= STRIP) return;
        taps[strip % 2][thread] = {c * plane + (long long)u * g.dH * g.W + v * g.dW, u * g.dH, v * g.dW};
    };
    decode(0);
    __syncthreads();

    int strip = 0;
    S sum[DOWN<S>][ACROSS] = {};
    for (long long first = 0; first < K; first += STRIP, strip++) {
        const int depth = min((long long)STRIP, K - first);
        bool finite;
        if (FORWARD) {
            const T* own = filters + first + thread % STRIP;
            if (rows_in_vectors)
                finite = load_rows<MANY>(own, g.filter_row, rows, depth, tiles);
            else
                finite = load_rows<1>(own, g.filter_row, rows, depth, tiles);
        } else if (g.filter_row == 1) {  // a 1x1 kernel
            const T* own = filters + first * g.filter_channel;
            const int many = across_of<MANY, LENGTH>(), one = across_of<1, LENGTH>();
            if (across_in_vectors)
                finite = load_across<MANY, LENGTH>(own + many, g.filter_channel, many < rows, depth, tiles.a);
            else
                finite = load_across<1, LENGTH>(own + one, g.filter_channel, one < rows, depth, tiles.a);
        } else {
            const T* own = filters + c * g.filter_channel + u * g.tap_u + v * g.tap_v;
            finite = load_rows<1>(own, g.filter_row, rows, depth, tiles);
        }

        unsigned there = 0;
        if (as_it_lies) {
            load_across<MANY, COLUMNS>(from + first * plane, plane, at.inside, depth, tiles.b);
            there = mine.inside ? ~0u : 0u;
        } else {
            const int inside = at.inside ? depth : 0;
            T found[STRIP];
#pragma unroll
            for (int k = 0; k < STRIP; k++) {
                const Tap tap = taps[strip % 2][k];
                const bool met = (k < inside) & meets(tap, h, w, g.H, g.W);
                found[k] = met ? from[tap.step] : T(0);
                there |= unsigned(met) << k;
            }
#pragma unroll
            for (int k = 0; k < STRIP; k++) tiles.b[k][thread] = S(found[k]);
        }
        if ((v += next_v) >= g.kW) v -= g.kW, u++;
        if ((u += next_u) >= g.kH) u -= g.kH, c++;
        c += next_c;
        decode(strip + 1);
        if (FORWARD) {
            __syncthreads();
            tiles.template add_products<false>(sum, depth);
        } else {
            tiles.there[thread] = there;
            if (__syncthreads_and(finite))
                tiles.template add_products<false>(sum, depth);
            else
                tiles.template add_products<true>(sum, depth);
        }
        __syncthreads();
    }

    constexpr int V = Tiles<S>::V;
    const bool in_vectors = g.to_j == 1 && g.to_i == g.across && (long long)g.down * g.across % V == 0 &&
                            g.to_image % V == 0 && g.to_row % V == 0 && aligned(to, V);
    const long long columns = (long long)g.images * g.down * g.across - first_position;
#pragma unroll
    for (int n = 0; n < ACROSS; n += V) {
        const int column = Tiles<S>::column(n);
        T* run[V];
#pragma unroll
        for (int e = 0; e < V; e++) run[e] = to + first_row * g.to_row + to_at[column + e];
#pragma unroll
        for (int m = 0; m < DOWN<S>; m++) {
            const int row = Tiles<S>::row(m);
            if (row >= rows) continue;
            const S first = bias ? S(bias[first_row + row]) : S(0);
            Vector<T, V> found;
#pragma unroll
            for (int e = 0; e < V; e++) found.values[e] = T(sum[m][n + e] + first);
            if (in_vectors && column < columns)
                *reinterpret_cast<Vector<T, V>*>(run[0] + row * g.to_row) = found;
            else
#pragma unroll
                for (int e = 0; e < V; e++)
                    if (column + e < columns) run[e][row * g.to_row] = found.values[e];
        }
    }
}

// How many tiles cover so many rows or columns.
__device__ unsigned tiles_for(long long count, int size) { return (count + size - 1) / size; }

// y[n, o, i, j] = bias[o] + sum over c, u, v of  x[n, c, i*sH + u*dH - top, j*sW + v*dW - left] * weight[o, c, u, v]
// Blocks: a tile of rows o, of positions, and the group.
template <typename T>
__global__ void __launch_bounds__(THREADS)
    conv_implicit_gemm(const T* x, const T* weight, const T* bias, T* y, Convolution g) {
    const unsigned down = tiles_for(g.Og, ROWS<T>), across = tiles_for((long long)g.N * g.outH * g.outW, COLUMNS);
    const long long group = blockIdx.x / down / across;
    const long long plane = (long long)g.H * g.W, taps = (long long)g.kH * g.kW, out = (long long)g.outH * g.outW;
    const Gather product = {
        g.Og, g.Cg, g.N, g.outH, g.outW,
        g.H, g.W, g.kH, g.kW, g.sH, g.sW, g.top, g.left, g.dH, g.dW,
        g.C * plane,
        g.Cg * taps, taps, g.kW, 1,
        g.O * out, out, g.outW, 1,
    };
    gather<true>(product, x + group * g.Cg * plane, weight + group * g.Og * g.Cg * taps,
                 bias ? bias + group * g.Og : nullptr, y + group * g.Og * out,
                 blockIdx.x % down * ROWS<T>, (long long)(blockIdx.x / down % across) * COLUMNS);
}

// Along one axis: the cells  first, first + stride, ...  and the taps that meet them,  tap, tap + every, ...
// Cell number a and tap number t meet in the output  a + start - t*step.
struct Meeting {
    int first, cells, tap, every, taps, start, step;

    __device__ Meeting(int first, int size, int kernel, int stride, int before, long long dilation)
        : first(first), cells((size - first - 1) / stride + 1), tap(0), every(1) {
        while (tap < kernel && (first + before - tap * dilation) % stride != 0) tap++;
        while (every < kernel && every * dilation % stride != 0) every++;
        taps = tap < kernel ? (kernel - tap - 1) / every + 1 : 0;
        start = (first + before - tap * dilation) / stride, step = every * dilation / stride;
    }
};

// dx[n, c, h, w] = sum over o of the group, and over the taps u, v that met it, of  dy[n, o, i, j] * weight[o, c, u, v]
//                  with  i*sH = h + top - u*dH  and  j*sW = w + left - v*dW
// Blocks: a tile of rows c, of cells of one kind, the kind, and the group. Of a kind there are at most
// N * ceil(H/sH) * ceil(W/sW) cells.
template <typename T>
__global__ void __launch_bounds__(THREADS) conv_implicit_gemm_dx(const T* dy, const T* weight, T* dx, Convolution g) {
    const int kinds_down = min(g.sH, g.H), kinds_across = min(g.sW, g.W);
    const long long most = (long long)g.N * ((g.H - 1) / g.sH + 1) * ((g.W - 1) / g.sW + 1);
    const unsigned down = tiles_for(g.Cg, ROWS<T>), across = tiles_for(most, COLUMNS);
    const unsigned kind = blockIdx.x / down / across % (kinds_down * kinds_across);
    const long long group = blockIdx.x / down / across / (kinds_down * kinds_across);
    const Meeting v(kind / kinds_across, g.H, g.kH, g.sH, g.top, g.dH);
    const Meeting h(kind % kinds_across, g.W, g.kW, g.sW, g.left, g.dW);

    const long long plane = (long long)g.H * g.W, taps = (long long)g.kH * g.kW, out = (long long)g.outH * g.outW;
    const long long first = (long long)(blockIdx.x / down % across) * COLUMNS;
    if (first >= (long long)g.N * v.cells * h.cells) return;  // the whole block: there are fewer cells of this kind
    __shared__ Gather product;  // not in registers, of which the sums need many
    if (threadIdx.x == 0) {
        product = Gather{
            g.Cg, v.taps && h.taps ? g.Og : 0, g.N, v.cells, h.cells,
            g.outH, g.outW, max(v.taps, 1), max(h.taps, 1), 1, 1, -v.start, -h.start, -v.step, -h.step,
            g.O * out,
            taps, g.Cg * taps, (long long)v.every * g.kW, h.every,
            g.C * plane, plane, (long long)g.sH * g.W, g.sW,
        };
    }
    __syncthreads();
    gather<false>(product, dy + group * g.Og * out,
                  weight + group * g.Og * g.Cg * taps + (long long)v.tap * g.kW + h.tap, static_cast<const T*>(nullptr),
                  dx + group * g.Cg * plane + (long long)v.first * g.W + h.first, blockIdx.x % down * ROWS<T>, first);
}

struct Split {
    int slices, parts;    // of dweight's sums; how many numbers of type T take up the memory of one sum: of half two
    long long positions;  // of one slice
};

// dweight[o, c, u, v] = sum over n, i, j of  dy[n, o, i, j] * x[n, c, i*sH + u*dH - top, j*sW + v*dW - left]
// Blocks: a tile of rows o, of columns (c, u, v), the group, and the slice of (n, i, j). They write dweight if there is
// one slice, and otherwise sums[slice, o, c, u, v].
template <typename T>
__global__ void __launch_bounds__(THREADS)
    conv_implicit_gemm_dweight(const T* x, const T* dy, T* dweight, T* sums, Convolution g, Split split) {
    typedef typename Sum<T>::type S;
    constexpr int MANY = IN_16_BYTES<T>;
    __shared__ Tiles<S> tiles;
    __shared__ Tap taps[COLUMNS];
    const int thread = threadIdx.x, groups = g.O / g.Og;
    const long long J = (long long)g.Cg * g.kH * g.kW, plane = (long long)g.H * g.W, out = (long long)g.outH * g.outW;
    const unsigned down = tiles_for(g.Og, ROWS<T>), across = tiles_for(J, COLUMNS);
    const int first_row = blockIdx.x % down * ROWS<T>, rows = min(ROWS<T>, g.Og - first_row);
    const long long first_column = (long long)(blockIdx.x / down % across) * COLUMNS;
    const long long group = blockIdx.x / down / across % groups, slice = blockIdx.x / down / across / groups;
    const long long first_o = group * g.Og + first_row;

    const long long column = first_column + thread, c = column / g.kW / g.kH;
    const int u = column / g.kW % g.kH, v = column % g.kW;
    taps[thread] = {0, 0, 0};  // beyond the last column, where no result is kept
    if (column < J) taps[thread] = {c * plane + (long long)u * g.dH * g.W + v * g.dW, u * g.dH, v * g.dW};
    __syncthreads();

    const bool in_vectors = out % MANY == 0 && aligned(dy, MANY);
    const long long begin = slice * split.positions, end = min(begin + split.positions, g.N * out);
    S sum[DOWN<S>][ACROSS] = {};
    for (long long first = begin; first < end; first += STRIP) {
        const int k = thread % STRIP, depth = min((long long)STRIP, end - first);
        const long long n = (first + k) / out, position = (first + k) % out;
        const int i = position / g.outW, j = position % g.outW;
        const T* own = dy + (n * g.O + first_o) * out + position;
        if (in_vectors)
            load_rows<MANY>(own, out, rows, depth, tiles);
        else
            load_rows<1>(own, out, rows, depth, tiles);
        const int h = i * g.sH - g.top, w = j * g.sW - g.left, H = k < depth ? g.H : 0;
        const T* from = x + (n * g.C + group * g.Cg) * plane + (long long)h * g.W + w;
        constexpr int EVERY = THREADS / STRIP, COUNT = COLUMNS / EVERY;
        T found[COUNT];
#pragma unroll
        for (int at = 0; at < COUNT; at++) {
            const Tap tap = taps[thread / STRIP + at * EVERY];
            found[at] = meets(tap, h, w, H, g.W) ? from[tap.step] : T(0);
        }
#pragma unroll
        for (int at = 0; at < COUNT; at++) tiles.b[k][thread / STRIP + at * EVERY] = S(found[at]);
        __syncthreads();
        tiles.template add_products<false>(sum, depth);
        __syncthreads();
    }

    for (int m = 0; m < DOWN<S>; m++)
        for (int n = 0; n < ACROSS; n++) {
            const int row = Tiles<S>::row(m);
            const long long at = (first_o + row) * J + first_column + Tiles<S>::column(n);
            if (row >= rows || first_column + Tiles<S>::column(n) >= J) continue;
            if (dweight)
                dweight[at] = T(sum[m][n]);
            else
                reinterpret_cast<S*>(sums)[slice * g.O * J + at] = sum[m][n];
        }
}

// dweight[at] = sum over the slices of sums[slice, at], in their order: one thread for each
template <typename T>
__global__ void conv_implicit_gemm_add(const T* sums, T* dweight, Convolution g, Split split) {
    typedef typename Sum<T>::type S;
    const long long count = (long long)g.O * g.Cg * g.kH * g.kW;
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    S sum = 0;
    for (int slice = 0; slice < split.slices; slice++) sum += reinterpret_cast<const S*>(sums)[slice * count + at];
    dweight[at] = T(sum);
}
