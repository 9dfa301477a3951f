import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Stride, padding, pooling")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # Stride, padding, pooling

    A layer that slides a window makes a picture larger or smaller. How large the result is follows from five numbers
    and one formula, which this lesson takes apart, and then pools pictures with it.

    After this lesson you can

    - compute the size of any convolution or pool, and choose a padding that keeps it;
    - say which pixels are left out, and how many pixels one number of a deep layer sees;
    - say what a max pool does to a picture that moves, and what it does not do.

    You need “Sliding a kernel”. Where a prediction is asked for, make it before you look. Every number here is computed
    by the library itself.
    """)
    return


@app.cell
def _():
    import inspect

    import marimo as mo
    import numpy as np

    import scratch
    from lessons.boards import Board, row
    from lessons.exercises import sizes as exercises
    from lessons.pictures import Shot, pictures
    from lessons.pieces import folded, paragraph, predicted, solution, source
    from lessons.windows import staircase, under_window
    from scratch.geometry import Window2d
    from scratch.images import average_pool, grayscale, max_pool, read_image, translation_invariance
    from scratch.images.gallery import draw
    from scratch.images.gallery.picture import ASTRONAUT, CREDIT

    return (
        ASTRONAUT,
        Board,
        CREDIT,
        Shot,
        Window2d,
        average_pool,
        draw,
        exercises,
        folded,
        grayscale,
        inspect,
        max_pool,
        mo,
        np,
        paragraph,
        pictures,
        predicted,
        read_image,
        row,
        scratch,
        solution,
        source,
        staircase,
        translation_invariance,
        under_window,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## How many windows

    Along a side of n cells a window of k cells fits at n - k + 1 places, if it moves one cell at a time. With a
    **stride** of s it moves s cells at a time.

    **Predict.** A side of 8 cells, windows of 3 cells, a stride of 2. How many windows fit?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_stride = mo.ui.radio(["2", "3", "4", "6"])
    guess_stride
    return (guess_stride,)


@app.cell(hide_code=True)
def _(Window2d, guess_stride, paragraph, predicted, row, staircase):
    _window = Window2d.of(3, stride=2)
    predicted(
        guess_stride,
        str(_window.output_size((8, 8))[1]),
        row(
            "Three windows below each other: cells 0 to 2, 2 to 4, 4 to 6.",
            staircase("one window in each row", _window, 8),
        )
        + paragraph(
            "The first window takes cells 0 to 2, and 5 cells are left. They are enough for two steps of 2, and not "
            "for a third. No window meets cell 7."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Padding** lays p cells of 0 around the picture, on every side. **Dilation** lets the cells of the window stand d
    apart, so that k of them reach over d (k - 1) + 1. Together, and rounded down:

        out = ⌊(n + 2 p - d (k - 1) - 1) / s⌋ + 1

    What is divided are the cells that the first window leaves free, the result counts its steps, and + 1 is the first
    window itself.

    ## Move the window

    Four sliders: kernel size, stride, padding, dilation. The fifth moves the window. The numbers of the picture are its
    columns, 1 to 8, and the layer adds up what is orange.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    kernel_size = mo.ui.slider(1, 4, value=3, label="kernel_size")
    kernel_size
    return (kernel_size,)


@app.cell(hide_code=True)
def _(mo):
    stride = mo.ui.slider(1, 4, value=2, label="stride")
    stride
    return (stride,)


@app.cell(hide_code=True)
def _(mo):
    padding = mo.ui.slider(0, 2, value=1, label="padding")
    padding
    return (padding,)


@app.cell(hide_code=True)
def _(mo):
    dilation = mo.ui.slider(1, 2, value=1, label="dilation")
    dilation
    return (dilation,)


@app.cell
def _(Window2d, dilation, kernel_size, padding, stride):
    window = Window2d.of(kernel_size.value, stride.value, padding.value, dilation.value)
    out, _ = window.output_size((8, 8))
    return out, window


@app.cell(hide_code=True)
def _(mo, out):
    place = mo.ui.slider(0, max(out**2 - 1, 1), value=min(1, out - 1), full_width=True, label="place")
    place
    return (place,)


@app.cell(hide_code=True)
def _(
    Board,
    dilation,
    kernel_size,
    np,
    out,
    padding,
    paragraph,
    place,
    row,
    scratch,
    staircase,
    stride,
    under_window,
    window,
):
    _x = np.tile(np.arange(1.0, 9), (8, 1))
    _layer = scratch.Conv2d(
        1, 1, window.kernel_size, window.stride, padding.value, window.dilation, bias=False, dtype=np.float64
    )
    _layer.load_state_dict({"weight": np.ones((1, 1, *window.kernel_size))})
    _y = _layer(_x[None, None])[0, 0]
    assert _y.shape == (out, out)
    _n = min(place.value, out**2 - 1)
    _i, _j = divmod(_n, out)
    _k, _s, _p, _d = kernel_size.value, stride.value, padding.value, dilation.value
    (
        row(
            f"A picture of 8 by 8 in a padding of {_p}, window ({_i}, {_j}) on it, and the output of {out} by {out}.",
            under_window("x and its padding", _x, window, _i, _j),
            "→",
            Board("y", _y, (slice(_i, _i + 1), slice(_j, _j + 1)), np.arange(out**2).reshape(out, out) <= _n),
        )
        + paragraph(f"⌊(8 + 2·{_p} − {_d}·({_k} − 1) − 1) / {_s}⌋ + 1 = {out}")
        + row(
            f"All {out} windows along one side, below each other; cells outside the picture are below 0, or 8 and "
            "above.",
            staircase("the columns that each window takes", window, 8),
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Four cases to remember, on 8 x 8 with a kernel of 3 x 3:
    """)
    return


@app.cell
def _(np, scratch):
    _picture = np.zeros((1, 1, 8, 8), np.float32)
    assert scratch.Conv2d(1, 1, 3)(_picture).shape == (1, 1, 6, 6)  # "valid"
    assert scratch.Conv2d(1, 1, 3, padding="same")(_picture).shape == (1, 1, 8, 8)
    assert scratch.Conv2d(1, 1, 3, stride=2)(_picture).shape == (1, 1, 3, 3)
    assert scratch.Conv2d(1, 1, 3, stride=2, padding=1)(_picture).shape == (1, 1, 4, 4)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A kernel of 5 x 5, stride 1. Which padding keeps the size of the picture?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_same = mo.ui.radio(["1", "2", "4", "5"])
    guess_same
    return (guess_same,)


@app.cell(hide_code=True)
def _(Window2d, guess_same, paragraph, predicted):
    ((_before, _behind), _) = Window2d.of(5, padding="same").padding
    ((_odd_before, _odd_behind), _) = Window2d.of(4, padding="same").padding
    assert _before == _behind
    assert _odd_before < _odd_behind
    predicted(
        guess_same,
        str(_before),
        paragraph(
            "n + 2 p - k + 1 = n gives p = (k - 1) / 2. For an even k that is no whole number: `padding='same'` then "
            f"lays one cell more at the bottom and at the right. Of 4 x 4 it is {_odd_before} above and {_odd_behind} "
            "below."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The kernel is the same at every place, so the number of parameters does not depend on the picture:
    """)
    return


@app.cell
def _(scratch):
    _layer = scratch.Conv2d(in_channels=3, out_channels=16, kernel_size=3)
    for _shape in ((3, 8, 8), (3, 64, 64)):
        assert scratch.summary(_layer, _shape).parameters == 16 * 3 * 3 * 3 + 16  # weights, and a bias for each filter
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Pooling

    A pool slides a window, too, over each channel by itself, and keeps one number of it: the largest, or the average.
    There is nothing to learn. If nothing else is said its stride is the size of its window, so that windows do not
    overlap.
    """)
    return


@app.cell
def _(max_pool, np, scratch):
    numbers = np.array([[1.0, 3, 2, 4], [5, 6, 1, 2], [7, 2, 8, 1], [3, 4, 6, 5]])
    assert np.array_equal(scratch.MaxPool2d(2)(numbers[None, None])[0, 0], max_pool(numbers))
    return (numbers,)


@app.cell(hide_code=True)
def _(mo):
    which = mo.ui.slider(0, 3, value=2)
    which
    return (which,)


@app.cell(hide_code=True)
def _(Board, average_pool, max_pool, numbers, row, which):
    _i, _j = divmod(which.value, 2)
    _one = (slice(_i, _i + 1), slice(_j, _j + 1))
    row(
        f"Sixteen numbers, window ({_i}, {_j}) of two by two framed; the largest of each window, and its average.",
        Board("x", numbers, (slice(2 * _i, 2 * _i + 2), slice(2 * _j, 2 * _j + 2))),
        "→",
        Board("max_pool(x)", max_pool(numbers), _one),
        Board("average_pool(x)", average_pool(numbers), _one),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A picture of 5 rows and 7 columns, windows of 2 x 2. How many of its 35 pixels are in no window?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_edge = mo.ui.radio(["0", "5", "7", "11"])
    guess_edge
    return (guess_edge,)


@app.cell(hide_code=True)
def _(Board, guess_edge, max_pool, np, paragraph, predicted, row, scratch):
    _layer = scratch.AvgPool2d(2)
    _met = _layer.backward(np.ones_like(_layer(np.ones((1, 1, 5, 7)))))[0, 0] > 0  # what gets a gradient was looked at
    predicted(
        guess_edge,
        str((~_met).sum()),
        row("Five rows of seven pixels; no window meets the last row and the last column.", Board("met", _met * 1))
        + paragraph(
            "2 x 3 windows fit. The last row and the last column, the ragged edge, are dropped, without a word. With "
            "`ceil_mode=True` the result is rounded up, here to "
            f"{' x '.join(map(str, max_pool(_met * 1, keep_ragged_edge=True).shape))}, and the last windows hang over "
            "the end. They have fewer pixels to choose from."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Windows of 3 with a stride of 2, along a side of n cells. For which n is something lost, and what does `ceil_mode`
    do about it?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    side = mo.ui.slider(4, 9, value=8, label="n")
    side
    return (side,)


@app.cell(hide_code=True)
def _(Window2d, paragraph, row, side, staircase):
    _floor, _ceil = (Window2d.of(3, stride=2, ceil_mode=ceil_mode) for ceil_mode in (False, True))
    row(
        f"Windows along {side.value} cells, rounded down and rounded up.",
        staircase("ceil_mode=False", _floor, side.value),
        staircase("ceil_mode=True", _ceil, side.value),
    ) + paragraph(
        f"{_floor.output_size((side.value,) * 2)[0]} windows, and with ceil_mode "
        f"{_ceil.output_size((side.value,) * 2)[0]}."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What one number sees

    Behind one 3 x 3 convolution a number depends on 3 x 3 pixels. Behind several layers it depends on more: its
    **receptive field**.

    **Predict.** Three convolutions of 3 x 3, stride 1, one behind the other. How many pixels does a number of the
    result see?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_field = mo.ui.radio(["3 x 3", "5 x 5", "7 x 7", "9 x 9"])
    guess_field
    return (guess_field,)


@app.cell(hide_code=True)
def _(exercises, folded, guess_field, inspect, paragraph, predicted, scratch, source):
    def sees(layers):
        """Rows and columns of the receptive field."""
        _seen = exercises.seen(layers, 31)
        return _seen.any(axis=1).sum(), _seen.any(axis=0).sum()

    _rows, _columns = sees([scratch.Conv2d(1, 1, 3) for _ in range(3)])
    predicted(
        guess_field,
        f"{_rows} x {_columns}",
        paragraph(
            "Each layer adds k - 1 = 2. That is how a network sees far with small kernels: three of 3 x 3 have "
            f"{3 * 3 * 3} weights, one of 7 x 7 has {7 * 7}."
        )
        + folded(
            "How it is measured: a gradient comes back to the pixels that were seen",
            source(inspect.getsource(exercises.seen)),
        ),
    )
    return (sees,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Behind a stride of s, neighbours are s pixels apart, and each further layer reaches s times as far. So a layer adds
    d (k - 1) times the product of all strides before it. Choose, and count.
    """)
    return


@app.cell
def _():
    STACKS = {  # (kernel_size, stride, dilation) of each layer, one behind the other
        "conv 3, pool 2, conv 3, pool 2, conv 3": [(3, 1, 1), (2, 2, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1)],
        "conv 3, conv 3, conv 3": [(3, 1, 1)] * 3,
        "conv 3 with stride 2, conv 3, conv 3": [(3, 2, 1), (3, 1, 1), (3, 1, 1)],
        "conv 3, conv 3, conv 3 with stride 2": [(3, 1, 1), (3, 1, 1), (3, 2, 1)],
        "conv 3 with dilation 1, 2, 4": [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
        "conv 7": [(7, 1, 1)],
    }
    return (STACKS,)


@app.cell(hide_code=True)
def _(STACKS, mo):
    stack = mo.ui.dropdown(list(STACKS), value="conv 3, pool 2, conv 3, pool 2, conv 3")
    stack
    return (stack,)


@app.cell(hide_code=True)
def _(STACKS, Shot, draw, exercises, np, paragraph, pictures, scratch, sees, stack):
    _layers, _terms, _apart = [], ["1"], 1
    for _k, _s, _d in STACKS[stack.value]:
        _layers.append(scratch.AvgPool2d(_k, _s) if _k == 2 else scratch.Conv2d(1, 1, _k, _s, dilation=_d))
        _terms.append(f"{_d * (_k - 1)}·{_apart}")
        _apart *= _s
    _seen = exercises.seen(_layers, 31)
    _reach = 1 + sum(int(_a) * int(_b) for _a, _b in (_term.split("·") for _term in _terms[1:]))
    assert sees(_layers) == (_reach, _reach)
    pictures(
        Shot(
            draw.plain(np.where(_seen, 255, 60).repeat(8, axis=0).repeat(8, axis=1)),
            "31 x 31 pixels; white are those that one number in the middle of the result sees",
            f"A white square of {_reach} by {_reach} pixels on a dark ground",
        ),
        width=250,
    ) + paragraph(f"{' + '.join(_terms)} = {_reach}")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A picture that moves

    People say that pooling makes a network invariant to small movements. Is that so? A bright pixel moves to the right,
    and windows of 2 x 2 keep the largest number.

    **Predict.** It moves by one pixel. Does the pooled picture change?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_moved = mo.ui.radio(["always", "never", "only if it crosses into the next window"])
    guess_moved
    return (guess_moved,)


@app.cell
def _(np):
    def spot(column):
        picture = np.zeros((4, 8))
        picture[1, column] = 4
        return picture

    return (spot,)


@app.cell(hide_code=True)
def _(guess_moved, max_pool, np, paragraph, predicted, spot):
    _same = [np.array_equal(max_pool(spot(c)), max_pool(spot(c + 1))) for c in range(7)]
    assert all(np.array_equal(max_pool(spot(c + 2)), np.roll(max_pool(spot(c)), 1, axis=1)) for c in range(6))
    predicted(
        guess_moved,
        {7: "never", 0: "always"}.get(sum(_same), "only if it crosses into the next window"),
        paragraph(
            f"Of the seven steps through 8 columns, {sum(_same)} change nothing, and {7 - sum(_same)} change the "
            "pooled picture as much as can be. From column 2 to 3 it stays in its window; from 3 to 4 it leaves it."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    column = mo.ui.slider(0, 7, value=3, label="column")
    column
    return (column,)


@app.cell(hide_code=True)
def _(Board, average_pool, column, max_pool, row, spot):
    row(
        f"A bright pixel in column {column.value} of 8; it is in column {column.value // 2} of 4 in both pooled "
        "pictures.",
        Board("x", spot(column.value), (slice(0, 2), slice(column.value // 2 * 2, column.value // 2 * 2 + 2))),
        "→",
        Board("max_pool(x)", max_pool(spot(column.value))),
        Board("average_pool(x)", average_pool(spot(column.value))),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    So it depends on where the windows lie, and that has nothing to do with the picture. What always holds is less: if
    the picture moves by a whole stride, the pooled one moves by one.

    And a photograph? It has edges everywhere, and some of them always cross. `translation_invariance` moves it to the
    right and tells by how much it changes, as a part of itself.
    """)
    return


@app.cell
def _(ASTRONAUT, grayscale, read_image, translation_invariance):
    photograph = grayscale(read_image(str(ASTRONAUT)))[10:130, 75:225]
    moved = translation_invariance(photograph, shifts=(1, 2, 3), window=2)
    return moved, photograph


@app.cell(hide_code=True)
def _(mo, moved):
    _lines = [f"| {_m.pixels} | {_m.image:.0%} | {_m.max_pooled:.0%} | {_m.average_pooled:.0%} |" for _m in moved]
    assert all(0.7 * _m.image < _m.average_pooled < _m.max_pooled < _m.image for _m in moved)
    mo.md("\n".join(["| moved by | the picture | max pooled | average pooled |", "|---|---|---|---|", *_lines]))
    return


@app.cell(hide_code=True)
def _(CREDIT, Shot, average_pool, draw, max_pool, photograph, pictures):
    pictures(
        Shot(draw.plain(photograph), CREDIT, "Portrait of an astronaut in front of a flag, grey"),
        *(
            Shot(
                draw.plain(_pool(photograph, _k)), f"{_name} of {_k} x {_k}", f"The photograph, pooled: {_name} of {_k}"
            )
            for _name, _pool in (("maximum", max_pool), ("average", average_pool))
            for _k in (2, 4)
        ),
        width=140,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Pooling makes small movements a little smaller, the average more than the maximum. It makes nothing invariant.

    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** A picture of 17 x 17 goes through `Conv2d(1, 1, kernel_size=5, padding=3)`, and then through
    `MaxPool2d(2)`. How many rows come out?
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
def _(Window2d, exercises, folded, paragraph):
    _side, _k, _p = exercises.SIDE, exercises.KERNEL, exercises.PADDING
    _convolved = Window2d.of(_k, padding=_p).output_size((_side, _side))
    _pooled, _ = Window2d.of(exercises.POOL, exercises.POOL).output_size(_convolved)
    folded(
        "A solution (try for yourself first)",
        paragraph(f"{_side} + 2·{_p} − {_k} + 1 = {_convolved[0]}, and ⌊({_convolved[0]} − 2) / 2⌋ + 1 = {_pooled}"),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. The formula.** How many windows fit, with stride s, padding p on both sides, and dilation d?
    """)
    return


@app.cell
def _():
    def my_output_size(n, k, s, p, d):
        return None  # a whole number

    return (my_output_size,)


@app.cell(hide_code=True)
def _(exercises, my_output_size):
    exercises.output_size(my_output_size)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_output_size)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. A max pool in loops.** Windows of k x k, s apart, without padding; a ragged edge is left out.
    """)
    return


@app.cell
def _():
    def my_max_pool(x, k, s):
        H, W = x.shape
        return None  # an array

    return (my_max_pool,)


@app.cell(hide_code=True)
def _(exercises, my_max_pool):
    exercises.pool(my_max_pool)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_max_pool)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. See 15 pixels.** One number shall see 15 x 15 pixels, behind as few convolutions of 3 x 3 as possible, each
    with a stride of 1 or 2. Write their strides.
    """)
    return


@app.cell
def _():
    my_strides = None  # such as [1, 2, 1, 1]
    return (my_strides,)


@app.cell(hide_code=True)
def _(exercises, my_strides):
    exercises.strides(my_strides)
    return


@app.cell(hide_code=True)
def _(exercises, folded, paragraph):
    folded(
        "A solution (try for yourself first)", paragraph(f"`my_strides = {exercises.MY_STRIDES}`: 1 + 2·1 + 2·2 + 2·4")
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - out = ⌊(n + 2 p - d (k - 1) - 1) / s⌋ + 1. With an odd k and stride 1, p = d (k - 1) / 2 keeps the size.
    - Rounded down means that pixels at the end may be in no window. `ceil_mode` takes them in.
    - A layer adds d (k - 1) times the product of all strides before it to the receptive field.
    - A max pool changes nothing while things stay in their windows. It is not invariant to movements.

    The code that you have used: `scratch/geometry.py`, `scratch/layers/pool.py` and `scratch/images/pooling.py`. How
    the gradient goes back through a max pool is in “A layer backward by hand”.
    """)
    return


if __name__ == "__main__":
    app.run()
