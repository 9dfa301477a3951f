import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="To the GPU")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # To the GPU

    A GPU computes with thousands of threads at a time. The array code of this library runs there by changing one word;
    and below the arrays are kernels, which one can write, run and check on any machine.

    After this lesson you can

    - write array code that runs with NumPy and with CuPy, and say what a GPU's arrays refuse;
    - say which thread computes which number, write a kernel, and count what it reads;
    - find a race between threads without a GPU, and mend it.

    You need NumPy and a little C. Kernels run here in an emulator: g++ compiles them, and each thread of the GPU
    becomes a call. It says whether a kernel is right, and nothing about its speed.
    """)
    return


@app.cell
def _():
    import inspect

    import marimo as mo
    import numpy as np

    import gpu
    import scratch
    from gpu import device, emulator
    from gpu.activation import relu, relu_backward
    from gpu.runtime import blocks_for
    from lessons import reads
    from lessons.boards import Board, row
    from lessons.exercises import to_gpu as exercises
    from lessons.kernels import in_each_order, tried
    from lessons.pieces import folded, paragraph, predicted, solution, source
    from scratch.array import namespace_of
    from scratch.data import lines
    from scratch.images import correlate2d
    from scratch.models import lines_cnn

    return (
        Board,
        blocks_for,
        correlate2d,
        device,
        emulator,
        exercises,
        folded,
        gpu,
        in_each_order,
        inspect,
        lines,
        lines_cnn,
        mo,
        namespace_of,
        np,
        paragraph,
        predicted,
        reads,
        relu,
        relu_backward,
        row,
        scratch,
        solution,
        source,
        tried,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## One word

    CuPy has NumPy's functions for arrays that lie in the memory of a GPU. So array code need not name the one or the
    other. It asks an array for the module whose functions work on it; here the library's ReLU, forward and backward:
    """)
    return


@app.cell(hide_code=True)
def _(inspect, relu, relu_backward, source):
    source(inspect.getsource(relu) + "\n\n" + inspect.getsource(relu_backward))
    return


@app.cell
def _(device, gpu):
    no_gpu = device.why_not()  # None, or the reason
    nn = gpu.on_numpy if no_gpu else gpu
    return nn, no_gpu


@app.cell(hide_code=True)
def _(mo, no_gpu):
    _found = (
        f"No GPU answers. {no_gpu} So `nn` is `gpu.on_numpy`, whose arrays refuse what a GPU's arrays refuse."
        if no_gpu
        else "A GPU answers. `nn` is `gpu`, and its arrays lie in the memory of the GPU."
    )
    mo.md(f"""
    A whole model is a function of the namespace, and the one word is which one it gets. {_found}
    """)
    return


@app.cell
def _(lines, lines_cnn, namespace_of, nn, np, scratch):
    images, labels = lines(10, np.random.RandomState(0))
    on_host = lines_cnn(scratch)
    on_gpu = lines_cnn(nn)  # the one word
    on_gpu.load_state_dict(on_host.state_dict())

    host_x = images.astype(np.float32)
    x = nn.asarray(host_x)  # copies it to the GPU
    logits = on_gpu(x)
    assert namespace_of(host_x) is np
    assert namespace_of(logits) is not np
    difference = abs(nn.asnumpy(logits) - on_host(host_x)).max()  # asnumpy copies it back
    assert difference < 1e-5
    return difference, logits


@app.cell(hide_code=True)
def _(difference, mo):
    _how = (
        f"differ by at most {difference:.0e} from those of NumPy: sums are added up in another order, and that is all"
        if difference
        else "are those of NumPy, bit by bit. On a GPU sums are added up in another order, and the last digits differ"
    )
    mo.md(f"""
    The same model with the same weights; ten pictures of lines. Its outputs {_how}.

    **Predict.** What lies in the memory of the GPU is not where NumPy computes. What does `np.asarray(logits)` do?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_asarray = mo.ui.radio(["it copies the numbers to NumPy", "it shows the same memory", "it raises TypeError"])
    guess_asarray
    return (guess_asarray,)


@app.cell(hide_code=True)
def _(guess_asarray, logits, np, paragraph, predicted):
    try:
        np.asarray(logits)
        _said = ""
    except TypeError as _error:
        _said = str(_error)
    assert _said
    predicted(
        guess_asarray,
        "it raises TypeError",
        paragraph(
            f"“{_said}” A copy between the two memories takes longer than much of the computing, so it is never made "
            "silently: `nn.asarray` brings numbers there, `nn.asnumpy` brings them back. Do both once, not in a loop."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Blocks and threads

    Below the arrays are kernels: functions in C++ that many threads run at once, each with another index. Threads
    stand in blocks, and the blocks in a grid. A thread asks for its place and computes which number is its own:

        i = blockIdx.x * blockDim.x + threadIdx.x

    Here are 10 numbers and blocks of 4 threads. Move through the threads.
    """)
    return


@app.cell
def _(blocks_for):
    n, threads = 10, 4
    blocks = blocks_for(n, threads)  # n / threads, rounded up
    return blocks, n, threads


@app.cell(hide_code=True)
def _(blocks, mo, threads):
    which = mo.ui.slider(0, blocks * threads - 1, value=6)
    which
    return (which,)


@app.cell(hide_code=True)
def _(Board, blocks, n, np, paragraph, row, threads, which):
    _b, _t = divmod(which.value, threads)
    _framed = (slice(0, 1), slice(_t, _t + 1))
    _i = _b * threads + _t
    _mine = (slice(0, 1), slice(_i, _i + 1)) if _i < n else None
    assert _i == which.value
    (
        row(
            f"{blocks} blocks of {threads} threads; thread {_t} of block {_b} is framed.",
            *(
                Board(f"block {_block}", np.arange(threads)[None], _framed if _block == _b else None)
                for _block in range(blocks)
            ),
        )
        + row(
            f"{n} numbers; number {_i} is framed." if _mine else f"{n} numbers; there is no number {_i}.",
            Board("x", np.arange(n)[None], _mine),
        )
        + paragraph(
            f"blockIdx.x = {_b}, threadIdx.x = {_t}:  i = {_b}·{threads} + {_t} = {_i}"
            + ("" if _mine else f".  There is no x[{_i}]: this thread must do nothing.")
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    A kernel, then. Change it as you like, and run the cell: below it is compiled, run on these ten numbers, and
    checked.
    """)
    return


@app.cell
def _():
    relu_kernel = """
    __global__ void relu(const float* x, float* y, int n) {
        const int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) y[i] = x[i] < 0 ? 0 : x[i];
    }
    """
    return (relu_kernel,)


@app.cell
def _(blocks, n, np, relu_kernel, threads, tried):
    ten = np.array([3, -1, 4, -1, 5, -9, 2, 6, -5, 3], np.float32)
    ten_out = np.zeros(n, np.float32)
    relu_trial = tried(relu_kernel, "relu", (blocks,), (threads,), [ten, ten_out, np.int32(n)])
    return relu_trial, ten, ten_out


@app.cell(hide_code=True)
def _(Board, relu_trial, row, ten, ten_out):
    _ten = row("Ten numbers, some of them negative.", Board("x", ten[None]))
    _made = row("What the kernel has made of the ten numbers.", Board("y", ten_out[None]))
    relu_trial.shown() + (_ten if relu_trial.refused else _ten + _made)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** Three blocks of 4 are 12 threads for 10 numbers. What happens without `if (i < n)`?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_guard = mo.ui.radio(
        [
            "nothing: an array ends where it ends",
            "the two threads read and write beside the arrays",
            "the kernel does not compile",
        ]
    )
    guess_guard
    return (guess_guard,)


@app.cell(hide_code=True)
def _(blocks, exercises, guess_guard, n, np, paragraph, predicted, ten, threads, tried):
    _text = exercises.WITHOUT_A_GUARD
    _trial = tried(_text, "relu", (blocks,), (threads,), [ten, np.zeros(n, np.float32), np.int32(n)])
    assert _trial.refused or [each.kind for each in _trial.findings] == ["access outside an array"]
    predicted(
        guess_guard,
        "the two threads read and write beside the arrays",
        _trial.shown()
        + paragraph("On a GPU a pointer knows no end. Every kernel whose grid may be too large asks for the index."),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A race

    The threads of a block have some memory in common, `__shared__`, which is much faster than that of the arrays. Here
    16 threads turn 16 numbers around with it. Each brings one number, and takes away the one that another has brought:
    """)
    return


@app.cell
def _():
    reverse_kernel = """
    __global__ void reverse(const float* x, float* y) {
        __shared__ float tile[16];
        tile[threadIdx.x] = x[threadIdx.x];
        y[threadIdx.x] = tile[15 - threadIdx.x];
    }
    """
    return (reverse_kernel,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A GPU promises no order among threads. Suppose that they run one after the other, from the first to
    the last, each to its end. How many of the 16 numbers of y are right?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_race = mo.ui.radio(["all 16", "8", "none"])
    guess_race
    return (guess_race,)


@app.cell(hide_code=True)
def _(Board, emulator, exercises, guess_race, in_each_order, np, paragraph, predicted, row):
    _x = np.arange(16, dtype=np.float32)
    _seen = row("The sixteen numbers from 0 to 15.", Board("x", _x[None]))
    _found = {} if emulator.why_not() else in_each_order(exercises.RACY_REVERSE, "reverse", _x)
    for _order, _y in _found.items():
        _right = _y == _x[::-1]
        assert _right.sum() == 8 or _order == "shuffled"
        _seen += row(
            f"y, threads {_order}: {_right.sum()} numbers are right, the others are unknown.",
            Board(f"y, threads {_order}", np.where(_right, _y, 0)[None], None, _right[None]),
        )
    predicted(
        guess_race,
        "8",
        _seen
        + paragraph(
            "Grey is what was read before anybody had written it: on a GPU, whatever lay there before. The first eight "
            "threads ask for numbers that the last eight have not brought yet. Sixteen threads often run in step on a "
            "GPU, and then all is right, today. Who comes first must not matter."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The emulator runs a kernel in several orders, and with several things in memory that nobody has written. What
    changes the result is a mistake. Of the kernel above it says:
    """)
    return


@app.cell(hide_code=True)
def _(np, reverse_kernel, tried):
    tried(reverse_kernel, "reverse", (1,), (16,), [np.arange(16, dtype=np.float32), np.zeros(16, np.float32)]).shown()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    `__syncthreads()` is a barrier: no thread of the block goes on before all have come there. Put it into the kernel
    above, in a line of its own, and run the cell until nothing is found.
    """)
    return


@app.cell(hide_code=True)
def _(exercises, folded, np, paragraph, source, tried):
    _x = np.arange(16, dtype=np.float32)
    _trial = tried(exercises.REVERSE, "reverse", (1,), (16,), [_x, np.zeros_like(_x)])
    assert _trial.refused or _trial.clean
    folded("Where it belongs", source(exercises.REVERSE) + paragraph("Of this the emulator says:") + _trial.shown())
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The ladder

    The memory of the arrays is far away. A good kernel reads each number from it seldom. We can count that: the
    library's kernels are templates over the type of their numbers, and here they run, unchanged, on a type that counts
    whenever it is read in an array.

    First a filter of 3 x 3 on a picture. The lowest rung is `conv_direct.cu`, the loops on a grid: each thread computes
    one output and reads the nine pixels and nine weights that it needs. The next is `stencil.cu`: a block copies all
    pixels that its outputs need to shared memory once, and the threads read them there.

    **Predict.** A block computes 8 x 8 outputs. How many pixels does it read for each of them?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_reads = mo.ui.radio(["9", "3", "about 1.6", "1"])
    guess_reads
    return (guess_reads,)


@app.cell(hide_code=True)
def _(Board, guess_reads, np, paragraph, predicted, row):
    _needed = np.zeros((10, 10), int)
    for _i, _j in np.ndindex(8, 8):
        _needed[_i : _i + 3, _j : _j + 3] += 1
    _share = _needed.size / 64
    assert _needed.sum() == 9 * 64
    predicted(
        guess_reads,
        f"about {_share:.1f}",
        row(
            "10 by 10 pixels, and for each how many of the 8 by 8 outputs need it: 1 in the corners, 9 in the middle.",
            Board("how many outputs need each pixel", _needed),
        )
        + paragraph(
            f"8 x 8 windows of 3 x 3 cover 10 x 10 pixels: {_needed.size} / 64 = {_share:.2f}, rather than 9. A pixel "
            "in the middle is used nine times and read once."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    power = mo.ui.slider(0, 4, value=3)
    power
    return (power,)


@app.cell
def _(correlate2d, emulator, np, power, reads):
    picture = np.random.default_rng(0).integers(0, 9, (34, 34)).astype(np.float32)
    weights = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], np.float32)
    side = 2**power.value
    if emulator.why_not() is None:
        y = correlate2d(picture, weights, padding="valid")
        from_direct, direct_reads = reads.by_direct(picture[None, None], weights[None, None])
        from_stencil, stencil_reads = reads.by_stencil(picture, weights, side)
        assert np.array_equal(from_direct[0, 0], y)
        assert np.array_equal(from_stencil, y)
        assert direct_reads == 18 * y.size
        assert stencil_reads == ((side + 2) ** 2 + 9) / side**2 * y.size
    return picture, side, weights


@app.cell(hide_code=True)
def _(mo, side):
    _all = side**2
    mo.md(f"""
    | rung | outputs of a block | reads for each output, counted |
    |---|---|---|
    | `conv_direct.cu` | any | 9 + 9 = 18 |
    | `stencil.cu` | {side} x {side} | {(side + 2) ** 2} / {_all} + 9 / {_all} = {((side + 2) ** 2 + 9) / _all:.2f} |

    Move the slider: the side of the block is 1, 2, 4, 8 or 16. A block of 1 x 1 gains nothing. The larger the block,
    the more of its pixels lie inside rather than at its border; but the memory that a block shares is small.

    The same step makes a matrix product fast, and a convolution is one (the lesson “From loops to GEMM”). In
    `gemm.cu` a block computes 64 x 64 numbers from tiles in shared memory, and each thread 4 x 4 of them in its
    registers. Two matrices of 64 x 64:
    """)
    return


@app.cell
def _(emulator, np, reads):
    draw = np.random.default_rng(0).integers
    a, b = (draw(-3, 4, (64, 64)).astype(np.float32) for _ in range(2))
    if emulator.why_not() is None:
        # A convolution with 1 x 1 filters is a matrix product.
        from_columns, by_one_each = reads.by_direct(a.T[None, :, :, None], b.T[:, :, None, None])
        from_tiles, by_tiles = reads.by_gemm(a, b)
        assert np.array_equal(from_columns[0, :, :, 0].T, a @ b)
        assert np.array_equal(from_tiles, a @ b)
        assert (by_one_each, by_tiles) == (128 * a.size, 2 * a.size)
    return a, b


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    | rung | reads for each output, counted |
    |---|---|
    | `conv_direct.cu`, one thread for each output | a row and a column: 64 + 64 = 128 |
    | `gemm.cu` | 2 |

    That is 64 times less often. `docs/kernel-ladder.md` has all rungs, and what each should gain.

    ## Side by side

    How long a kernel takes the emulator does not tell. But two rules of the hardware can be computed from the addresses
    of 32 threads that run together, a warp:

    - the memory of the arrays is moved in pieces of 32 bytes, which are 8 floats;
    - shared memory has 32 banks, number i lies in bank i % 32, and a bank serves one thread after the other.

    **Predict.** A tile in shared memory has rows of 32 numbers. A warp reads a column of it, so its threads read
    numbers that lie 32 apart. How many threads meet at the same bank?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_banks = mo.ui.radio(["1", "2", "32"])
    guess_banks
    return (guess_banks,)


@app.cell(hide_code=True)
def _(guess_banks, paragraph, predicted, reads):
    _, _banks = reads.of_a_warp(32)
    _, _padded = reads.of_a_warp(33)
    assert _padded.max() == 1
    predicted(
        guess_banks,
        f"{_banks.max()}",
        paragraph(
            "All numbers of a column lie in one bank, and the threads wait for each other. With one number more in a "
            "row, `tile[32][33]`, the column lies 33 apart, and each thread finds a bank for itself. That is why "
            "`gemm.cu` says `a_tile[STRIP][TILE + 1]`."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    apart = mo.ui.slider(1, 33, value=2)
    apart
    return (apart,)


@app.cell(hide_code=True)
def _(Board, apart, paragraph, reads, row):
    _pieces, _banks = reads.of_a_warp(apart.value)
    _turns = "1 turn" if _banks.max() == 1 else f"{_banks.max()} turns"
    row(
        f"32 banks; at the fullest there are {_banks.max()} threads.",
        Board("threads at each of the 32 banks", _banks.reshape(4, 8)),
    ) + paragraph(
        f"{apart.value} apart: in shared memory the warp takes {_turns}; from an array {_pieces} pieces of 32 bytes "
        "are moved for 128 bytes that are used. Try 1, 2, 8, 32 and 33."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** 1000 numbers, one thread for each, blocks of 128 threads. How many threads have nothing to do?
    """)
    return


@app.cell
def _():
    answer_1 = None  # your number
    return (answer_1,)


@app.cell(hide_code=True)
def _(answer_1, exercises):
    exercises.on_paper(answer_1)
    return


@app.cell(hide_code=True)
def _(blocks_for, folded, paragraph):
    _blocks = blocks_for(1000, 128)
    folded(
        "A solution (try for yourself first)",
        paragraph(f"1000 / 128, rounded up, is {_blocks}; {_blocks}·128 − 1000 = {_blocks * 128 - 1000}."),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. Array code.** The softmax of every row, `exp(x)` divided by its sum, for NumPy's arrays and for those of a
    GPU. Large numbers must not overflow.
    """)
    return


@app.cell
def _(namespace_of):
    def my_softmax(x):
        xp = namespace_of(x)
        return None  # an array shaped like x

    return (my_softmax,)


@app.cell(hide_code=True)
def _(exercises, my_softmax):
    exercises.softmax(my_softmax)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_softmax)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. A kernel.** Leaky ReLU: y is x, and where x is negative, x times the slope. It is launched with more threads
    than there are numbers.
    """)
    return


@app.cell
def _():
    my_kernel = """
    __global__ void leaky_relu(const float* x, float* y, float slope, int n) {
    }
    """
    return (my_kernel,)


@app.cell(hide_code=True)
def _(exercises, my_kernel):
    exercises.leaky_relu(my_kernel)
    return


@app.cell(hide_code=True)
def _(exercises, folded, source):
    folded("A solution (try for yourself first)", source(exercises.MY_KERNEL))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. A race.** 64 threads add up 64 numbers: in the first round 32 of them add another's number to their own, in
    the next 16, and so on. Mend it.
    """)
    return


@app.cell
def _():
    my_sum = """
    __global__ void block_sum(const float* x, float* sum) {
        __shared__ float part[64];
        part[threadIdx.x] = x[threadIdx.x];
        for (int half = 32; half > 0; half /= 2) {
            if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        }
        if (threadIdx.x == 0) sum[0] = part[0];
    }
    """
    return (my_sum,)


@app.cell(hide_code=True)
def _(exercises, my_sum):
    exercises.block_sum(my_sum)
    return


@app.cell(hide_code=True)
def _(exercises, folded, source):
    folded("A solution (try for yourself first)", source(exercises.MY_SUM))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - Array code asks the array for its module. Between host and GPU numbers are copied only when you say so.
    - A thread computes its index from block and thread, and does nothing where there is no number.
    - No order is promised. Between one thread's write and another's read stands a barrier that all threads reach.
    - A kernel is fast when it reads each number of the arrays seldom, and neighbouring threads read side by side.

    The code that you have used: `gpu/activation.py`, `gpu/kernels/conv_direct.cu`, `stencil.cu`, `gemm.cu`, the
    emulator in `gpu/emulator`. `python3 run.py emulate FILE.cu KERNEL` checks a kernel of your own, and with a GPU
    `python3 run.py gpu-check` runs the library's on it.
    """)
    return


if __name__ == "__main__":
    app.run()
