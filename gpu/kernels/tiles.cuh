// Two tiles in shared memory, how they are filled, and their product, for a block of 8 x 16 threads.
//
//                       b  16 x 128                        for each k, thread (ty, tx) reads 8 numbers of a and 8 of b,
//                       .  ....####............####....    in runs of 16 bytes, and adds their 64 products to sums that
//                                                          it keeps in registers. The threads beside it read the runs
//     a  16 x 64   #    .  ....####............####....    beside these.
//     (k first)    .    .
//                  #    .  ....####............####....    sum  64 x 128, of double 32 x 128
#pragma once

#include "sum.cuh"

constexpr int THREADS = 128, TALL = 8, WIDE = 16;  // TALL x WIDE threads
constexpr int COLUMNS = 128, STRIP = 16;           // THREADS is COLUMNS: each thread gathers a column of its own
constexpr int ACROSS = COLUMNS / WIDE;             // so many columns of the result a thread has

// So many rows a thread has: 8, of double 4, or there are not registers enough.
template <typename T>
constexpr int DOWN = sizeof(T) == 8 ? 4 : 8;
template <typename T>
constexpr int ROWS = TALL * DOWN<T>;

// Numbers that are loaded and stored as one.
template <typename T, int WIDTH>
struct __align__(sizeof(T) * WIDTH) Vector {
    T values[WIDTH];
};

template <typename T>
constexpr int IN_16_BYTES = 16 / sizeof(T);

template <typename T>
__device__ bool aligned(const T* place, int width) {
    return reinterpret_cast<size_t>(place) % (width * sizeof(T)) == 0;
}

// Rows are longer than they need be: threads that write a column of them then meet different banks.
template <typename S>
struct Tiles {
    __align__(16) S a[STRIP][ROWS<S> + IN_16_BYTES<S>];
    __align__(16) S b[STRIP][COLUMNS + IN_16_BYTES<S>];
    unsigned there[COLUMNS];  // bit k: b[k][column] is an operand

    // What thread (ty, tx) computes: a run of V rows of every TALL * V, and of columns likewise.
    static constexpr int V = IN_16_BYTES<S>;
    __device__ static int row(int m) { return m / V * TALL * V + threadIdx.x / WIDE * V + m % V; }
    __device__ static int column(int n) { return n / V * WIDE * V + threadIdx.x % WIDE * V + n % V; }

    // sum[m][n] += sum over k < depth of  a[k][row(m)] * b[k][column(n)]
    // Beyond depth tiles hold zeros, but they must not meet: an infinity times 0 would be NaN.
    template <bool ONLY_THERE>
    __device__ void add_products(S (&sum)[DOWN<S>][ACROSS], int depth) const {
#pragma unroll 4
        for (int k = 0; k < depth; k++) {
            Vector<S, V> of_a[DOWN<S> / V], of_b[ACROSS / V];
#pragma unroll
            for (int m = 0; m < DOWN<S>; m += V) of_a[m / V] = *reinterpret_cast<const Vector<S, V>*>(&a[k][row(m)]);
#pragma unroll
            for (int n = 0; n < ACROSS; n += V) of_b[n / V] = *reinterpret_cast<const Vector<S, V>*>(&b[k][column(n)]);
#pragma unroll
            for (int n = 0; n < ACROSS; n++) {
                if (ONLY_THERE && !(there[column(n)] >> k & 1)) continue;
#pragma unroll
                for (int m = 0; m < DOWN<S>; m++) sum[m][n] += of_a[m / V].values[m % V] * of_b[n / V].values[n % V];
            }
        }
    }
};

// Loads come first and stores second, so that a thread waits for all of its loads at once.

// WIDTH numbers by one load, if they are there, else zeros.
template <int WIDTH, typename T>
__device__ Vector<T, WIDTH> load(const T* from, bool there) {
    Vector<T, WIDTH> found = {};
    if (there) found = *reinterpret_cast<const Vector<T, WIDTH>*>(from);
    return found;
}

template <typename S>
__device__ bool is_finite(S number) {
    return number - number == S(0);
}

// a[k][row] of a matrix that has k side by side in memory, and its rows `step` apart; false if not all are finite.
// from: what this thread, whose k is threadIdx.x % STRIP, finds in row 0 of the tile
template <int WIDTH, typename T, typename S>
__device__ bool load_rows(const T* from, long long step, int rows, int depth, Tiles<S>& tiles) {
    constexpr int EVERY = THREADS / STRIP * WIDTH, COUNT = ROWS<S> / EVERY;
    const int k = threadIdx.x % STRIP / WIDTH * WIDTH, first = threadIdx.x / STRIP * WIDTH + threadIdx.x % WIDTH;
    const int there = k < depth ? rows : 0;
    from += first * step - threadIdx.x % WIDTH;
    Vector<T, WIDTH> found[COUNT];
#pragma unroll
    for (int i = 0; i < COUNT; i++) found[i] = load<WIDTH>(from + i * (EVERY * step), first + i * EVERY < there);
    bool finite = true;
#pragma unroll
    for (int i = 0; i < COUNT; i++)
#pragma unroll
        for (int e = 0; e < WIDTH; e++) {
            tiles.a[k + e][first + i * EVERY] = S(found[i].values[e]);
            finite &= is_finite(S(found[i].values[e]));
        }
    return finite;
}

// Which number of a row of a tile is this thread's, the first of WIDTH.
template <int WIDTH, int LENGTH>
__device__ int across_of() {
    return threadIdx.x % (LENGTH / WIDTH) * WIDTH;
}

// tile[k][at] of a matrix that has `at` side by side in memory, and its k `step` apart; false if not all are finite.
// from: what this thread, whose `at` is across_of, finds for k = 0
template <int WIDTH, int LENGTH, typename T, typename S, int PADDED>
__device__ bool load_across(const T* from, long long step, bool inside, int depth, S (&tile)[STRIP][PADDED]) {
    constexpr int EVERY = THREADS * WIDTH / LENGTH, COUNT = STRIP / EVERY;
    const int first = threadIdx.x / (LENGTH / WIDTH), at = across_of<WIDTH, LENGTH>(), there = inside ? depth : 0;
    from += first * step;
    Vector<T, WIDTH> found[COUNT];
#pragma unroll
    for (int i = 0; i < COUNT; i++) found[i] = load<WIDTH>(from + i * (EVERY * step), first + i * EVERY < there);
    bool finite = true;
#pragma unroll
    for (int i = 0; i < COUNT; i++)
#pragma unroll
        for (int e = 0; e < WIDTH; e++) {
            tile[first + i * EVERY][at + e] = S(found[i].values[e]);
            finite &= is_finite(S(found[i].values[e]));
        }
    return finite;
}

// Where a tap of the kernel looks, seen from the cell that its window's first tap meets: so many rows and columns on,
// in another channel perhaps, and for all of that so many numbers on in memory.
struct __align__(16) Tap {
    long long step;
    int down, across;
};

// Whether the tap finds a cell of an H x W image, for a window that begins at (h, w).
__device__ bool meets(const Tap& tap, int h, int w, int H, int W) {
    return (unsigned(h + tap.down) < unsigned(H)) & (unsigned(w + tap.across) < unsigned(W));
}
