import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="From loops to GEMM")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # From loops to GEMM

    A convolution in loops takes far longer than in a library, though both multiply the same numbers. What lies between
    them is the order of the work, and at the end fewer multiplications.

    After this lesson you can

    - write a convolution as one matrix product (GEMM), and say which pixel stands where in the matrix;
    - make two outputs with four multiplications by Winograd's algorithm, and say what that costs in accuracy;
    - say why memory layout and blocks matter, and measure instead of guessing.

    You need the layer of the lesson “Sliding a kernel”, and the matrix product. Every number here is computed by the
    library itself; times are measured on your machine while the lesson runs, with few repeats: they tell ratios, not
    records.
    """)
    return


@app.cell
def _():
    import inspect
    from importlib import import_module
    from importlib.util import find_spec
    from unittest.mock import patch

    import marimo as mo
    import numpy as np

    import scratch
    from lessons.bars import bars
    from lessons.boards import Board, added, plain, product, row
    from lessons.clock import seconds
    from lessons.exercises import fast as exercises
    from lessons.pieces import folded, paragraph, predicted, solution, source
    from scratch.fast import columns, winograd
    from scratch.fast.conv import im2col
    from scratch.fast.cook_toom import arrays, cook_toom
    from scratch.geometry import Window2d
    from scratch.naive.conv import conv2d

    return (
        Board,
        Window2d,
        added,
        arrays,
        bars,
        columns,
        conv2d,
        cook_toom,
        exercises,
        find_spec,
        folded,
        im2col,
        import_module,
        inspect,
        mo,
        np,
        paragraph,
        patch,
        plain,
        predicted,
        product,
        row,
        scratch,
        seconds,
        solution,
        source,
        winograd,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Loops

    The definition makes one output element at a time:

        for n, o, i, j in np.ndindex(y.shape):
            y[n, o, i, j] = np.sum(patch * weight[o])      patch: what lies under the window, all channels
    """)
    return


@app.cell(hide_code=True)
def _(conv2d, folded, inspect, source):
    folded("All of it", source(inspect.getsource(conv2d)))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** 16 channels become 16, kernel 3 x 3, on one picture of 16 x 16 with padding 1. How many
    multiplications is that?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_count = mo.ui.radio(["about 37 thousand", "about 590 thousand", "about 9 million"])
    guess_count
    return (guess_count,)


@app.cell(hide_code=True)
def _(guess_count, paragraph, predicted):
    _count = 16 * 16 * 16 * 16 * 3 * 3
    predicted(
        guess_count,
        min(guess_count.options, key=lambda w: abs(_count - float(w.split()[1]) * (1e6 if "million" in w else 1e3))),
        paragraph(
            f"16 · 16 outputs for each of 16 filters, each a sum over 16 channels and 3 · 3 taps: {_count:,}. The "
            "loops make one small sum for each output, and most of their time is Python's, between the sums."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Windows as columns

    Lay every window of the picture out as a column of a matrix, and every filter as a row of another. Then all
    products and sums of the layer are one **matrix product**: this is `im2col`. Each row of the matrix belongs to one
    tap of the kernel. Move through the rows: framed is what this tap meets.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    tap = mo.ui.slider(0, 3, value=1)
    tap
    return (tap,)


@app.cell(hide_code=True)
def _(Board, Window2d, im2col, np, paragraph, row, tap):
    _x = np.arange(1.0, 13).reshape(3, 4)
    _matrix = im2col(_x[None, None], Window2d.of(2), slice(0, 2), 3, groups=1)[0, 0]
    _u, _v = divmod(tap.value, 2)
    _met = (slice(_u, _u + 2), slice(_v, _v + 3))
    assert np.array_equal(_matrix[tap.value], _x[_met].ravel())
    row(
        f"A picture of 3 by 4, the framed part of which is row {tap.value} of the matrix of columns.",
        Board("x", _x, _met),
        "→",
        Board("columns: a window each", _matrix, (slice(tap.value, tap.value + 1), slice(0, 6))),
    ) + paragraph(
        f"Row {tap.value} is tap ({_u}, {_v}): the picture, {_u} down and {_v} to the right, as far as windows fit."
    )
    return


@app.cell(hide_code=True)
def _(folded, im2col, inspect, source):
    folded("im2col of the library: a view with six axes, and one copy", source(inspect.getsource(im2col)))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** For kernels of 3 x 3, stride 1, and an output as large as the picture: how many times as large as the
    picture is the matrix?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_size = mo.ui.radio(["as large", "3 times", "9 times"])
    guess_size
    return (guess_size,)


@app.cell(hide_code=True)
def _(Window2d, guess_size, im2col, np, paragraph, plain, predicted):
    _large = im2col(np.zeros((1, 2, 18, 18)), Window2d.of(3), slice(0, 16), 16, groups=1)
    _times = _large.size / (2 * 16 * 16)
    predicted(
        guess_size,
        f"{plain(_times)} times",
        paragraph(
            "Each pixel stands in as many windows as the kernel has taps. So much memory is the price. It is why "
            "the library makes columns only for some rows of the output at a time, and throws them away."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Measured

    The layer knows several algorithms: `layer.algorithms` names those that serve it, `layer.algorithm = ...` asks for
    one, and `layer.ran` says which one it was. Choose what is measured.
    """)
    return


@app.cell
def _():
    shapes = {  # channels, filters, side, pictures
        "8 channels, 12 x 12": (8, 8, 12, 1),
        "32 channels, 8 x 8": (32, 32, 8, 1),
        "3 channels, 20 x 20": (3, 8, 20, 1),
    }
    return (shapes,)


@app.cell(hide_code=True)
def _(mo):
    shape_name = mo.ui.dropdown(
        ["8 channels, 12 x 12", "32 channels, 8 x 8", "3 channels, 20 x 20"], value="8 channels, 12 x 12"
    )
    shape_name
    return (shape_name,)


@app.cell
def _(np, scratch, shape_name, shapes):
    C, O, side, N = shapes[shape_name.value]
    x = np.random.default_rng(0).standard_normal((N, C, side, side)).astype(np.float32)
    layer = scratch.Conv2d(C, O, 3, padding=1)
    naive = scratch.naive.Conv2d(C, O, 3, padding=1)
    naive.load_state_dict(layer.state_dict())

    def by(algorithm):
        """A call that asks for an algorithm."""

        def call():
            layer.algorithm = algorithm
            return layer(x)

        return call

    calls = {"loops": lambda: naive(x)}
    calls |= {name: by(name) for name in ("textbook", "im2col", "winograd")}
    assert all(np.allclose(call(), naive(x), atol=1e-4) for call in calls.values())
    assert layer.ran == "winograd"
    return N, calls, layer, side, x


@app.cell(hide_code=True)
def _(
    N,
    bars,
    calls,
    find_spec,
    import_module,
    layer,
    np,
    paragraph,
    seconds,
    side,
    x,
):
    _torch = import_module("torch") if find_spec("torch") else None
    _calls = dict(calls)
    if _torch is not None:
        _weight, _bias, _given = (_torch.from_numpy(a) for a in (layer.weight.data, layer.bias.data, x))
        _calls["torch, one thread"] = lambda: _torch.nn.functional.conv2d(_given, _weight, _bias, padding=1)
        _threads = _torch.get_num_threads()
        _torch.set_num_threads(1)  # several would wait for each other longer than they work
    _a = np.random.default_rng(0).standard_normal((384, 384)).astype(np.float32)
    _took = seconds(_calls | {"GEMM": lambda: _a @ _a})
    if _torch is not None:
        _torch.set_num_threads(_threads)
    _rate = 2 * 384**3 / _took.pop("GEMM")
    _flops = 2 * layer.weight.data.size * N * side * side
    (
        bars(
            "Bars: the time of each algorithm; that of the loops is by far the longest.",
            _took,
            lambda t: f"{1e3 * t:.3g} ms",
        )
        + paragraph(
            "Times as fast as the loops: "
            + ", ".join(f"{name} {_took['loops'] / t:.0f}" for name, t in _took.items())
            + "."
        )
        + paragraph(
            f"The ceiling: a product of two large matrices runs at {_rate / 1e9:.0f} GFLOP/s here; at that rate this "
            f"layer would take {1e3 * _flops / _rate:.3g} ms. im2col comes to {_flops / _took['im2col'] / _rate:.0%} "
            f"of it, the loops to {_flops / _took['loops'] / _rate:.2%}. On so small a layer much of the time goes "
            "into calling. " + ("" if _torch else "torch is not installed, or it would stand beside.")
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Which one runs if nobody asks is one table, `scratch/fast/choice.py`, written after measurements. `python3 run.py
    bench` measures larger layers with care.

    ## Runs of memory

    A picture of C channels can lie in memory channel by channel (**NCHW**), or pixel by pixel, all channels of a pixel
    side by side (**NHWC**). To copy is fast where long runs are copied.

    **Predict.** One window of 3 x 3 of a picture with 64 channels: of how many runs of memory does it consist in NHWC?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_runs = mo.ui.radio(["1", "3", "9", "192"])
    guess_runs
    return (guess_runs,)


@app.cell(hide_code=True)
def _(guess_runs, np, paragraph, plain, predicted):
    _numbers = np.arange(64 * 20 * 20)
    _nhwc = _numbers.reshape(20, 20, 64)[:3, :3].ravel()
    _nchw = _numbers.reshape(64, 20, 20)[:, :3, :3].ravel()
    _runs = [1 + np.count_nonzero(np.diff(window) != 1) for window in (_nhwc, _nchw)]
    predicted(
        guess_runs,
        plain(_runs[0]),
        paragraph(
            f"One for each row of the window, of 3 · 64 numbers. In NCHW there are {_runs[1]}, of 3 numbers each. So "
            "the columns of the library are made window by window where x lies in NHWC, and tap by tap, in runs as "
            "long as a row of the output, where it lies in NCHW."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Blocks that stay in the cache

    A processor core has some megabytes of fast memory, its cache. Columns that are made there, multiplied there and
    thrown away never travel to main memory. How many bytes of columns are made at a time is `BLOCK_BYTES` in
    `scratch/fast/columns.py`. Here are smaller and larger blocks than the library's.
    """)
    return


@app.cell(hide_code=True)
def _(bars, columns, np, paragraph, patch, scratch, seconds):
    _x = np.random.default_rng(0).standard_normal((2, 32, 56, 56)).astype(np.float32)
    _layer = scratch.Conv2d(32, 32, 3, padding=1)
    _layer.algorithm = "im2col"

    def _blocks(size):
        """The layer, with blocks of another size."""

        def call():
            with patch.multiple(columns, BLOCK_BYTES=size, LARGEST_BLOCK_BYTES=size):
                return _layer(_x)

        return call

    _took = seconds({f"{size // 1024:,} KiB": _blocks(size) for size in (2**14, 2**18, columns.BLOCK_BYTES, 2**26)})
    bars(
        "Bars: the time of the same layer with blocks of four sizes.", _took, lambda t: f"{1e3 * t:.3g} ms"
    ) + paragraph(
        f"The library takes {columns.BLOCK_BYTES // 1024:,} KiB. Smaller blocks mean more calls, and products too "
        "small for BLAS; larger ones leave the cache. How much that matters depends on your processor: if all bars "
        "are alike, its cache is large, or its memory fast."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Fewer multiplications

    Two neighbouring outputs of a kernel of three taps are six products:

        y[0] = d[0] g[0] + d[1] g[1] + d[2] g[2]
        y[1] = d[1] g[0] + d[2] g[1] + d[3] g[2]

    **Winograd's F(2, 3)** makes them with four. Sums of d are multiplied with sums of g, and what is too much cancels:

        p[0] = (d[0] - d[2]) * g[0]
        p[1] = (d[1] + d[2]) * (g[0] + g[1] + g[2]) / 2
        p[2] = (d[2] - d[1]) * (g[0] - g[1] + g[2]) / 2
        p[3] = (d[3] - d[1]) * g[2]

        y[0] = p[0] + p[1] + p[2]
        y[1] = p[1] - p[2] + p[3]

    Change the numbers, and check on paper.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    cells = mo.ui.matrix([[2, 1, 0, 3]], step=1)
    cells
    return (cells,)


@app.cell(hide_code=True)
def _(mo):
    taps = mo.ui.matrix([[1, 2, -1]], step=1)
    taps
    return (taps,)


@app.cell(hide_code=True)
def _(
    Board,
    added,
    arrays,
    cells,
    cook_toom,
    np,
    paragraph,
    plain,
    product,
    row,
    taps,
    winograd,
):
    F23 = cook_toom(2, 3, winograd.TWO)
    _A, _B, _G = arrays(F23, np.float64)
    _d, _g = np.array(cells.value[0], float), np.array(taps.value[0], float)
    _y = _A.T @ ((_G @ _g) * (_B @ _d))
    assert np.allclose(_y, [_d[:3] @ _g, _d[1:] @ _g])
    row(
        "Four sums of d, four sums of g, their four products, and two outputs.",
        Board("B d", (_B @ _d)[:, None]),
        "·",
        Board("G g", (_G @ _g)[:, None]),
        "=",
        Board("p", ((_G @ _g) * (_B @ _d))[:, None]),
        "→",
        Board("y = Aᵀ p", _y[:, None]),
    ) + paragraph(
        f"y[0] directly: {added([product(a, b) for a, b in zip(_d[:3], _g, strict=True)])} = {plain(_d[:3] @ _g)}"
    )
    return (F23,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The sums of g are made once for all windows, those of d once for all filters: with many channels and filters only
    the products count.

    **Predict.** In two dimensions the same is done along rows and columns: 2 x 2 outputs of a kernel of 3 x 3 are 36
    products directly. How many are they then?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_products = mo.ui.radio(["8", "16", "24"])
    guess_products
    return (guess_products,)


@app.cell(hide_code=True)
def _(F23, cook_toom, guess_products, paragraph, plain, predicted, winograd):
    _n = cook_toom(4, 3, winograd.FAST).n
    predicted(
        guess_products,
        str(F23.n**2),
        paragraph(
            f"{F23.n} along each axis, {F23.n} · {F23.n} = {F23.n**2}, and 36 / {F23.n**2} = {plain(36 / F23.n**2)} "
            f"times fewer. F(4, 3) makes 4 x 4 outputs with {_n} · {_n} products in place of {16 * 9}."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Where the matrices come from

    d and g are seen as polynomials: their product is known from its values at as many points as it has coefficients,
    and each value is one multiplication. `cook_toom` finds the matrices for any points, in exact fractions, and checks
    them against the definition. Choose the points.
    """)
    return


@app.cell
def _(winograd):
    choices = {
        "F(2, 3): 0, 1, -1, infinity": (2, winograd.TWO),
        "F(4, 3): 0, 1, -1, 2, -2, infinity": (4, (0, 1, -1, 2, -2, "infinity")),
        "F(4, 3): 0, 1, -1, 1/2, -2, infinity": (4, winograd.FAST),
        "F(4, 3): 0, 1, -1, i and -i, infinity": (4, winograd.FOUR),
    }
    return (choices,)


@app.cell(hide_code=True)
def _(mo):
    points_name = mo.ui.dropdown(
        [
            "F(2, 3): 0, 1, -1, infinity",
            "F(4, 3): 0, 1, -1, 2, -2, infinity",
            "F(4, 3): 0, 1, -1, 1/2, -2, infinity",
            "F(4, 3): 0, 1, -1, i and -i, infinity",
        ],
        value="F(4, 3): 0, 1, -1, 2, -2, infinity",
    )
    points_name
    return (points_name,)


@app.cell(hide_code=True)
def _(
    Board,
    arrays,
    choices,
    cook_toom,
    np,
    paragraph,
    plain,
    points_name,
    row,
):
    _m, _points = choices[points_name.value]
    _F = cook_toom(_m, 3, _points)
    _A, _B, _G = arrays(_F, np.float64)
    (
        row(f"The matrices of {points_name.value}.", Board("B", _B), Board("G", _G))
        + row(f"The matrix that makes {_m} outputs of {_F.n} products.", Board("Aᵀ", _A.T))
        + paragraph(
            f"{_F.n} products for {_m} outputs, directly {3 * _m}. Numbers in between may get {plain(_F.growth)} "
            "times as large as |d| · |g|."
        )
    )
    return


@app.cell(hide_code=True)
def _(cook_toom, folded, inspect, source):
    folded("The generator, and its check", source(inspect.getsource(cook_toom)))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What it costs: digits

    Large entries, and sums that cancel, cost digits. All four are computed in float32, over 64 channels, and compared
    with float64.

    **Predict.** Which errs most?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_errors = mo.ui.radio(["direct sums", "F(2, 3)", "F(4, 3) with 2 and -2"])
    guess_errors
    return (guess_errors,)


@app.cell(hide_code=True)
def _(
    arrays,
    bars,
    choices,
    cook_toom,
    guess_errors,
    np,
    paragraph,
    predicted,
):
    _draw = np.random.default_rng(0).standard_normal
    _d, _g = _draw((400, 64, 6)).astype(np.float32), _draw((64, 3)).astype(np.float32)

    def _rms(y, m):
        """The root mean square error of m outputs."""
        exact = [np.einsum("nck,ck->n", _d[..., i : i + 3].astype(float), _g.astype(float)) for i in range(m)]
        return float(np.sqrt(np.mean((y - np.stack(exact, 1)) ** 2)))

    def _transformed(m, points):
        A, B, G = arrays(cook_toom(m, 3, points), np.float32)
        p = np.zeros((len(_d), len(A)), np.float32)
        for c in range(64):  # products are summed over the channels, and transformed back once
            p += (_d[:, c, : m + 2] @ B.T) * (G @ _g[c])
        return _rms(p @ A, m)

    _direct = np.zeros((len(_d), 4), np.float32)
    for _c in range(64):
        for _k in range(3):
            _direct += _d[:, _c, _k : _k + 4] * _g[_c, _k]
    _errors = {"direct sums": _rms(_direct, 4)} | {name: _transformed(*each) for name, each in choices.items()}
    _worst = max(_errors, key=_errors.get)
    assert _worst == "F(4, 3): 0, 1, -1, 2, -2, infinity"
    predicted(
        guess_errors,
        "F(4, 3) with 2 and -2",
        bars(
            "Bars: the error of direct sums, of F(2, 3) and of three kinds of F(4, 3).",
            {name.replace("infinity", "∞"): error for name, error in _errors.items()},
            lambda error: f"{error:.1e}",
        )
        + paragraph(
            f"It errs {_errors[_worst] / _errors['direct sums']:.1f} times as much as direct sums, F(2, 3) "
            f"{_errors['F(2, 3): 0, 1, -1, infinity'] / _errors['direct sums']:.1f} times. With i and -i there is "
            "one product more (7), and all entries are 0, ±1 and powers of 1/2: that is what the library does "
            "unless you ask for speed."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The layer of the library, with 64 channels and in two dimensions. Its strict Winograd takes the points with i and
    -i; the fast one only serves if you ask for `precision("fast")`.
    """)
    return


@app.cell
def _(np, scratch):
    images = np.random.default_rng(0).standard_normal((1, 64, 66, 66)).astype(np.float32)
    double, single = scratch.Conv2d(64, 8, 3, dtype=np.float64), scratch.Conv2d(64, 8, 3)
    double.load_state_dict({name: value.astype(np.float64) for name, value in single.state_dict().items()})
    exact = double(images.astype(np.float64))
    assert "winograd_fast" not in single.algorithms

    errors = {}
    with scratch.precision("fast"):  # results may err more where that saves time
        for name in ("im2col", "winograd", "winograd_fast"):
            single.algorithm = name
            errors[name] = np.sqrt(np.mean((single(images) - exact) ** 2))
    return (errors,)


@app.cell(hide_code=True)
def _(bars, errors):
    assert errors["winograd_fast"] == max(errors.values())
    bars(
        "Bars: the errors of three algorithms, the last of which is the largest.", errors, lambda error: f"{error:.1e}"
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** A picture of 3 channels and 10 x 12 pixels, a kernel of 3 x 3, stride 1, no padding. How many
    numbers are all its columns?
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
def _(exercises, folded, paragraph):
    folded(
        "A solution (try for yourself first)",
        paragraph(f"3 · 3 · 3 rows, (10 − 3 + 1) · (12 − 3 + 1) columns: {exercises.COLUMNS}"),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. Columns.** Of x with the axes (C, H, W), for kernels of k x k, stride 1, no padding. Rows are (c, u, v),
    columns are (i, j), each in the order in which an array is read.
    """)
    return


@app.cell
def _():
    def my_columns(x, k):
        C, H, W = x.shape
        return None  # (C * k * k, (H - k + 1) * (W - k + 1))

    return (my_columns,)


@app.cell(hide_code=True)
def _(exercises, my_columns):
    exercises.columns(my_columns)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_columns)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. Four multiplications.** Two outputs of four cells d and three taps g. The check counts: it calls your function
    with lists of numbers that know +, −, * and / alone.
    """)
    return


@app.cell
def _():
    def my_outputs(d, g):
        return None  # [y[0], y[1]]

    return (my_outputs,)


@app.cell(hide_code=True)
def _(exercises, my_outputs):
    exercises.outputs(my_outputs)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_outputs)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. A whole row.** A row x of n cells, n even, and three taps g: n - 2 outputs, tile by tile, with the matrices of
    F(2, 3).
    """)
    return


@app.cell
def _(np):
    def my_row(x, g, A, B, G):
        y = np.zeros(len(x) - 2)
        return None  # y

    return (my_row,)


@app.cell(hide_code=True)
def _(exercises, my_row):
    exercises.whole_row(my_row)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_row)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - A convolution is a matrix product: a column for each window, a row for each tap, and BLAS does the rest.
    - Time is memory, too: long runs, and blocks that stay in the cache.
    - Winograd's algorithm makes 2 x 2 outputs with 16 products in place of 36, by sums that are shared.
    - Fewer products cost digits. Compare with float64, and let the reader of your results choose.

    The code that you have used: `scratch/naive/conv.py`, `scratch/fast/conv.py` (to read first), `columns.py`,
    `conv_im2col.py`, `cook_toom.py`, `winograd.py` and `choice.py` beside it. `python3 run.py bench` measures all of
    them.
    """)
    return


if __name__ == "__main__":
    app.run()
