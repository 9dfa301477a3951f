import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Sliding a kernel")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # Sliding a kernel

    A kernel is a small array of numbers. It is laid over a picture, moved one pixel at a time, and at each place it
    gives one number. Blurring, sharpening, finding edges and the first layer of a CNN are all this, with other
    numbers.

    After this lesson you can

    - compute on paper what a kernel gives at one place, and say how large the result is;
    - tell cross-correlation from convolution, in a formula, in a picture, and in a library;
    - read off a kernel what it will do, and write one for a purpose.

    You need NumPy arrays and their indices, no more. Where a prediction is asked for, make it before you look: a
    wrong guess teaches more than a right sentence that one has read. Every number here is computed by the library
    itself.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import numpy as np

    import scratch
    from lessons.boards import Board, plain, row, sum_of_products
    from lessons.exercises import sliding as exercises
    from lessons.pictures import Shot, pictures
    from lessons.pieces import folded, paragraph, predicted, solution
    from scratch.images import convolve2d, correlate2d, grayscale, read_image
    from scratch.images.gallery import draw
    from scratch.images.gallery.picture import ASTRONAUT, CREDIT
    from scratch.images.kernels import RECORDS

    return (
        ASTRONAUT,
        Board,
        CREDIT,
        RECORDS,
        Shot,
        convolve2d,
        correlate2d,
        draw,
        exercises,
        folded,
        grayscale,
        mo,
        np,
        paragraph,
        pictures,
        plain,
        predicted,
        read_image,
        row,
        scratch,
        solution,
        sum_of_products,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## One number at a time

    Lay the kernel `k` over the picture `x` so that its upper left corner is on pixel (i, j). Multiply what lies on
    top of each other, and add up:

        y[i, j] = sum over u, v of  x[i + u, j + v] * k[u, v]

    This is **cross-correlation**. Here is a picture, dark on the left and bright on the right, with one grey pixel:
    """)
    return


@app.cell
def _(np):
    picture = np.array(
        [
            [0, 0, 0, 5, 5, 5],
            [0, 0, 0, 5, 5, 5],
            [0, 0, 0, 5, 5, 5],
            [0, 2, 0, 5, 5, 5],
            [0, 0, 0, 5, 5, 5],
        ]
    )
    return (picture,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** The picture has 5 rows and 6 columns, the kernel will have 3 and 3. How many places are there where
    the whole kernel lies on the picture?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_size = mo.ui.radio(["2 x 3", "3 x 4", "4 x 5", "5 x 6"])
    guess_size
    return (guess_size,)


@app.cell(hide_code=True)
def _(RECORDS, correlate2d, guess_size, paragraph, picture, predicted):
    _rows, _columns = correlate2d(picture, RECORDS["vertical edge"].array, padding="valid").shape
    predicted(
        guess_size,
        f"{_rows} x {_columns}",
        paragraph(
            f"In each direction the kernel can begin at n - k + 1 places: 5 - 3 + 1 = {_rows}, 6 - 3 + 1 = {_columns}. "
            "`correlate2d(picture, kernel, padding='valid')` keeps exactly these."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Move the window

    Choose a kernel. Change its numbers if you like: drag on one, or double-click and type. Then move the window over
    the picture, and check some of the sums on paper.
    """)
    return


@app.cell(hide_code=True)
def _(RECORDS, mo):
    kernel_name = mo.ui.dropdown(list(RECORDS), value="vertical edge")
    kernel_name
    return (kernel_name,)


@app.cell(hide_code=True)
def _(RECORDS, kernel_name, mo):
    kernel_rows = mo.ui.matrix([list(_row) for _row in RECORDS[kernel_name.value].rows], step=1)
    kernel_rows
    return (kernel_rows,)


@app.cell
def _(RECORDS, kernel_name, kernel_rows, np):
    numbers = np.array(kernel_rows.value)
    divisor = RECORDS[kernel_name.value].divisor  # 16 for the Gaussian, 9 for the box blur
    kernel = numbers / divisor
    return divisor, kernel, numbers


@app.cell(hide_code=True)
def _(correlate2d, kernel, mo, picture):
    _places = correlate2d(picture, kernel, padding="valid").size
    place = mo.ui.slider(0, _places - 1, value=5, full_width=True)
    place
    return (place,)


@app.cell(hide_code=True)
def _(Board, correlate2d, divisor, kernel, np, numbers, paragraph, picture, place, plain, row, sum_of_products):
    _y = correlate2d(picture, kernel, padding="valid")
    _i, _j = divmod(place.value, _y.shape[1])
    _window = (slice(_i, _i + 3), slice(_j, _j + 3))
    _cells = picture[_window]
    _result = plain(_y[_i, _j])
    assert np.isclose(np.sum(_cells * numbers) / divisor, _y[_i, _j])
    _over = "" if divisor == 1 else f", divided by {divisor} this is {_result}"
    row(
        f"The window stands at row {_i}, column {_j} of the picture; the result there is {_result}.",
        Board("x", picture, _window),
        "×",
        Board("k" if divisor == 1 else f"k · {divisor}", numbers),
        "→",
        Board("y", _y, (slice(_i, _i + 1), slice(_j, _j + 1)), np.arange(_y.size).reshape(_y.shape) <= place.value),
    ) + paragraph(f"y[{_i}, {_j}]:  {sum_of_products(_cells, numbers)}{_over}")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The numbers of “vertical edge” add up to 0. On flat ground, dark or bright, it gives 0; where the picture gets
    brighter to the right it gives a positive number. Over a horizontal edge it would give 0 as well, since each of
    its rows adds up to 0. Move the window and see. Why does the one grey pixel make it smaller here, and where would
    it make it larger?

    ## The flip

    Now a picture of a single bright pixel, and a kernel on which every number is different.
    """)
    return


@app.cell
def _(np):
    point = np.zeros((5, 5))
    point[2, 2] = 1
    counting = np.arange(1, 10).reshape(3, 3)
    return counting, point


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** What does cross-correlation make of the single pixel?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_point = mo.ui.radio(
        ["the kernel as it is", "the kernel mirrored left to right", "the kernel turned by 180 degrees"]
    )
    guess_point
    return (guess_point,)


@app.cell(hide_code=True)
def _(Board, convolve2d, correlate2d, counting, guess_point, np, paragraph, point, predicted, row):
    _correlated, _convolved = correlate2d(point, counting), convolve2d(point, counting)
    assert np.array_equal(_correlated[1:4, 1:4], counting[::-1, ::-1])
    assert np.array_equal(_convolved[1:4, 1:4], counting)
    _middle = (slice(1, 4), slice(1, 4))
    predicted(
        guess_point,
        "the kernel turned by 180 degrees",
        row(
            "A kernel of the numbers 1 to 9. Cross-correlation turns a single bright pixel into the numbers 9 to 1, "
            "convolution into 1 to 9.",
            Board("k", counting),
            Board("correlate2d(point, k)", _correlated, _middle),
            Board("convolve2d(point, k)", _convolved, _middle),
        )
        + paragraph(
            "The first window that meets the pixel meets it with its lower right corner, the 9; and the first number "
            "of the result is the one above left. The kernel comes out turned."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Convolution** turns the kernel by 180 degrees first, so that it comes out as it is:

        y[i, j] = sum over u, v of  x[i - u, j - v] * k[u, v]

    with u and v counted from the middle of the kernel.

    Why would one want that? Because now picture and kernel can change places. Two blurs one after the other are then
    the same in either order, and the Fourier transform makes a product of a convolution. Without the flip, exchanging
    the two turns the result. (An `assert` that holds says nothing.)
    """)
    return


@app.cell
def _(convolve2d, correlate2d, counting, np, picture):
    assert np.array_equal(
        convolve2d(picture, counting, padding="full"),
        convolve2d(counting, picture, padding="full"),
    )
    assert np.array_equal(
        correlate2d(picture, counting, padding="full"),
        correlate2d(counting, picture, padding="full")[::-1, ::-1],
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    And what do frameworks call “convolution”? Their layers do not flip. It does no harm there: the kernel is learned,
    and what would be learned with the flip is the same kernel, turned. But who carries a kernel from a textbook of
    signal processing into `Conv2d` must turn it first.
    """)
    return


@app.cell
def _(convolve2d, correlate2d, counting, np, picture, scratch):
    layer = scratch.Conv2d(1, 1, 3, bias=False, dtype=np.float64)  # as in torch.nn
    layer.load_state_dict({"weight": counting[None, None]})
    layer_output = layer(picture[None, None].astype(np.float64))[0, 0]
    assert np.array_equal(layer_output, correlate2d(picture, counting, padding="valid"))
    assert not np.array_equal(layer_output, convolve2d(picture, counting, padding="valid"))
    return


@app.cell(hide_code=True)
def _(RECORDS, folded, np, paragraph):
    _same = [name for name, each in RECORDS.items() if np.array_equal(each.array, each.array[::-1, ::-1])]
    _others = [name for name in RECORDS if name not in _same]
    assert _same
    assert _others
    folded(
        "Of which kernels does the flip change nothing?",
        paragraph(
            f"Of those that look the same when turned: {', '.join(_same)}. A test with one of them alone cannot "
            f"tell a convolution from a correlation. Of the others it changes the sign or the side: "
            f"{', '.join(_others)}."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A gallery

    The same twelve kernels on a photograph. White is 0 where a result has both signs, orange is positive, blue
    negative.
    """)
    return


@app.cell
def _(ASTRONAUT, grayscale, read_image):
    photograph = grayscale(read_image(str(ASTRONAUT)))[10:130, 75:225]
    return (photograph,)


@app.cell(hide_code=True)
def _(CREDIT, RECORDS, Shot, correlate2d, draw, photograph, pictures):
    def shown(filtered, kernel):
        """Kernels that add up to 1 keep grey levels; the others give both signs."""
        if abs(kernel.sum() - 1) < 1e-9:
            return draw.plain(filtered)
        return draw.signed(filtered, draw.reach(filtered))

    pictures(
        *(
            Shot(
                shown(correlate2d(photograph, each.array, border="replicate"), each.array),
                name,
                f"The photograph filtered with {name}: {each.purpose}",
            )
            for name, each in RECORDS.items()
        ),
        Shot(draw.plain(photograph), CREDIT, "Portrait of an astronaut in front of a flag, grey"),
        width=150,
    )
    return (shown,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** The numbers of a kernel add up to 0. What does it make of a flat wall of brightness 100?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_flat = mo.ui.radio(["0", "100", "that depends on the kernel"])
    guess_flat
    return (guess_flat,)


@app.cell(hide_code=True)
def _(RECORDS, correlate2d, guess_flat, np, paragraph, plain, predicted):
    _wall = np.full((3, 3), 100)
    _given = {name: plain(correlate2d(_wall, each.array, padding="valid")[0, 0]) for name, each in RECORDS.items()}
    _zero = {_given[name] for name, each in RECORDS.items() if abs(each.array.sum()) < 1e-9}
    _one = {_given[name] for name, each in RECORDS.items() if abs(each.array.sum() - 1) < 1e-9}
    assert _one == {"100"}
    predicted(
        guess_flat,
        *_zero,
        paragraph(
            "Every number of the kernel is multiplied by the same 100, so the result is 100 times their sum: "
            + ", ".join(f"{name} {value}" for name, value in _given.items())
            + ". Kernels that add up to 1 keep the brightness, those that add up to 0 see only differences."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    And your own: the kernel that you chose and changed above, on the photograph. Try to make an edge detector for
    diagonals, or a blur that is stronger sideways.
    """)
    return


@app.cell(hide_code=True)
def _(Shot, convolve2d, correlate2d, draw, kernel, paragraph, photograph, pictures, plain, shown):
    _correlated = correlate2d(photograph, kernel, border="replicate")
    _convolved = convolve2d(photograph, kernel, border="replicate")
    pictures(
        Shot(draw.plain(photograph), "the photograph", "Portrait of an astronaut in front of a flag, grey"),
        Shot(shown(_correlated, kernel), "correlate2d", "The photograph, cross-correlated with the kernel above"),
        Shot(shown(_convolved, kernel), "convolve2d", "The photograph, convolved with the kernel above"),
    ) + paragraph(
        f"The kernel adds up to {plain(kernel.sum())}. The result reaches from {plain(_correlated.min())} to "
        f"{plain(_correlated.max())}; correlation and convolution differ by up to "
        f"{plain(abs(_correlated - _convolved).max())} grey levels."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** What does this kernel give on these pixels, by cross-correlation?
    """)
    return


@app.cell(hide_code=True)
def _(Board, exercises, row):
    row(
        "Nine pixels: 2 1 0, 3 1 4, 1 2 5. The kernel: 1 2 0, 0 -1 1, 3 0 0.",
        Board("x", exercises.WINDOW),
        "×",
        Board("k", exercises.KERNEL),
    )
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
def _(exercises, folded, paragraph, sum_of_products):
    folded(
        "A solution (try for yourself first)",
        paragraph(sum_of_products(exercises.WINDOW, exercises.KERNEL)),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. Cross-correlation in loops.** At all places where the whole kernel fits, for pictures and kernels of any
    size.
    """)
    return


@app.cell
def _():
    def my_correlate(picture, kernel):
        H, W = picture.shape
        kH, kW = kernel.shape
        return None  # an array of (H - kH + 1, W - kW + 1)

    return (my_correlate,)


@app.cell(hide_code=True)
def _(exercises, my_correlate):
    exercises.correlation(my_correlate)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_correlate)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. Convolution from correlation.** With one call of `correlate2d(picture, ...)`, which puts zeros around the
    picture and keeps its size. The kernels have odd numbers of rows and columns.
    """)
    return


@app.cell
def _():
    def my_convolve(picture, kernel):
        return None  # correlate2d(picture, ...)

    return (my_convolve,)


@app.cell(hide_code=True)
def _(exercises, my_convolve):
    exercises.convolution(my_convolve)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_convolve)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. A kernel for a purpose.** Write nine numbers that move a picture one pixel to the right, by `correlate2d`.
    """)
    return


@app.cell
def _():
    my_kernel = None  # [[0, 0, 0], [0, 0, 0], [0, 0, 0]], and one of them is not 0
    return (my_kernel,)


@app.cell(hide_code=True)
def _(exercises, my_kernel):
    exercises.to_the_right(my_kernel)
    return


@app.cell(hide_code=True)
def _(exercises, folded, paragraph):
    folded("A solution (try for yourself first)", paragraph(f"`my_kernel = {exercises.MY_KERNEL}`"))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - A kernel gives, at each place, a sum of products. Along a side of n pixels, k numbers fit at n - k + 1 places.
    - Correlation lays the kernel down as it is written, convolution turns it by 180 degrees first. A kernel that looks
      the same when turned cannot tell them apart, so test with one that does not.
    - The sum of its numbers says what a kernel does to flat ground.

    The code that you have used: `scratch/images/filters.py`, its loops in `scratch/images/loops.py`; the layer in
    `scratch/naive/conv.py`. The flip comes back in the lesson “A layer backward by hand”.
    """)
    return


if __name__ == "__main__":
    app.run()
