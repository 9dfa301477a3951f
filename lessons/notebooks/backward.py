import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="A layer backward by hand")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # A layer backward by hand

    A framework finds gradients by itself. Here we find those of a convolution on paper, on an example so small that
    every number can be checked, and then make a program check them.

    After this lesson you can

    - derive `dx`, `dweight` and `dbias` of a convolution, and write its backward pass;
    - check a gradient by finite differences, and choose the step and the upstream gradient so that the check sees
      mistakes;
    - say where the gradient of a max pool goes when there is a tie, and why no difference quotient can tell.

    You need cross-correlation (the lesson “Sliding a kernel”) and the chain rule for one variable. Every number here
    is computed or checked by the library itself.
    """)
    return


@app.cell
def _():
    import inspect

    import marimo as mo
    import numpy as np

    import scratch
    from lessons.boards import Board, added, plain, product, row, sum_of_products
    from lessons.curves import loglog
    from lessons.exercises import backward as exercises
    from lessons.pieces import folded, paragraph, predicted, solution, source
    from scratch.images import convolve2d, correlate2d
    from scratch.naive.conv import conv2d_backward

    return (
        Board,
        added,
        conv2d_backward,
        convolve2d,
        correlate2d,
        exercises,
        folded,
        inspect,
        loglog,
        mo,
        np,
        paragraph,
        plain,
        predicted,
        product,
        row,
        scratch,
        solution,
        source,
        sum_of_products,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Forward

    A picture of 3 x 3, one filter of 2 x 2, a bias. The layer adds up products and the bias:

        y[i, j] = bias + sum over u, v of  x[i + u, j + v] * weight[u, v]
    """)
    return


@app.cell
def _(np):
    x = np.array([[1.0, 2, 0], [3, 1, -1], [0, 2, 4]])
    weight = np.array([[1.0, -1], [2, 3]])
    bias = 1.0
    return bias, weight, x


@app.cell(hide_code=True)
def _(Board, added, bias, correlate2d, paragraph, plain, product, row, weight, x):
    y = correlate2d(x, weight, padding="valid") + bias
    _terms = added([product(a, b) for a, b in zip(x[:2, :2].flat, weight.flat, strict=True)])
    row(
        "x of 3 by 3, the weights of 2 by 2, and the output y of 2 by 2.",
        Board("x", x, (slice(0, 2), slice(0, 2))),
        "×",
        Board("weight", weight),
        "→",
        Board("y", y, (slice(0, 1), slice(0, 1))),
    ) + paragraph(f"y[0, 0]:  {_terms} + {plain(bias)} = {plain(y[0, 0])}")
    return (y,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What comes back

    Somewhere behind the layer stands a loss L, one number. What the layer is told of it is `dy`: by how much L grows
    when an output grows by a little, one number for each output. The layer must answer three questions: by how much
    does L grow with each weight (`dweight`), with the bias (`dbias`), and with each pixel (`dx`)?
    """)
    return


@app.cell
def _(np):
    dy = np.array([[1.0, 2], [-1, 3]])
    return (dy,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    There is one rule. An output is a sum of products `x * weight`. If a weight grows by a little, the output grows
    by `x` times that, and L by `dy * x` times that. So **each product sends `dy * x` to its weight and `dy * weight`
    to its pixel**, and whoever takes part in several products collects from all of them.

    ## The gradient of a weight

    Weight (u, v) meets, in window (i, j), pixel (i + u, j + v):

        dweight[u, v] = sum over i, j of  dy[i, j] * x[i + u, j + v]

    That is a formula you know: it is x, cross-correlated with dy. Move through the four weights; framed is what the
    weight has met.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    which_weight = mo.ui.slider(0, 3, value=1)
    which_weight
    return (which_weight,)


@app.cell(hide_code=True)
def _(Board, correlate2d, dy, paragraph, row, sum_of_products, weight, which_weight, x):
    dweight = correlate2d(x, dy, padding="valid")
    _u, _v = divmod(which_weight.value, 2)
    _met = (slice(_u, _u + 2), slice(_v, _v + 2))
    _here = (slice(_u, _u + 1), slice(_v, _v + 1))
    assert dweight.shape == weight.shape
    row(
        f"Weight ({_u}, {_v}) has met the framed four pixels; each is multiplied by the dy of its window.",
        Board("x", x, _met),
        "×",
        Board("dy", dy),
        "→",
        Board("dweight", dweight, _here),
    ) + paragraph(f"dweight[{_u}, {_v}]:  {sum_of_products(x[_met], dy)}")
    return (dweight,)


@app.cell(hide_code=True)
def _(dy, mo, plain):
    mo.md(f"""
    The bias is added to every output, so it collects every dy: `dbias` = {plain(dy.sum())}.

    ## The gradient of a pixel

    **Predict.** A window of 2 x 2 moves over 3 x 3 pixels. Under how many windows does the pixel in the middle lie?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_windows = mo.ui.radio(["1", "2", "4", "9"])
    guess_windows
    return (guess_windows,)


@app.cell(hide_code=True)
def _(Board, convolve2d, guess_windows, np, plain, predicted, row):
    _windows = convolve2d(np.ones((2, 2)), np.ones((2, 2)), padding="full")
    predicted(
        guess_windows,
        plain(_windows[1, 1]),
        row(
            "Windows over each pixel: 1 2 1, 2 4 2, 1 2 1.",
            Board("windows over each pixel", _windows, (slice(1, 2), slice(1, 2))),
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    So the middle collects four terms, a corner one. Pixel (a, b) lies under window (i, j) where i + u = a and j + v
    = b, so u = a - i and v = b - j:

        dx[a, b] = sum over i, j of  dy[i, j] * weight[a - i, b - j]

    as far as there is such a weight.

    The indices of dy and of the weight add up to a and b: this is **convolution**, with the flip, over all places
    where the two overlap at all. Move through the nine pixels; framed are the dy of the windows over the pixel.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    which_pixel = mo.ui.slider(0, 8, value=4)
    which_pixel
    return (which_pixel,)


@app.cell(hide_code=True)
def _(Board, added, convolve2d, dy, np, paragraph, plain, product, row, weight, which_pixel, x):
    dx = convolve2d(dy, weight, padding="full")
    _a, _b = divmod(which_pixel.value, 3)
    _windows = [(i, j) for i, j in np.ndindex(2, 2) if 0 <= _a - i < 2 and 0 <= _b - j < 2]
    _terms = [product(dy[i, j], weight[_a - i, _b - j]) for i, j in _windows]
    _spelt = " + ".join(f"dy[{i}, {j}]·weight[{_a - i}, {_b - j}]" for i, j in _windows)
    assert dx.shape == x.shape
    assert dx[_a, _b] == sum(dy[i, j] * weight[_a - i, _b - j] for i, j in _windows)
    (
        row(
            f"Pixel ({_a}, {_b}) lies under {len(_windows)} windows, whose dy are framed.",
            Board("dy", dy, (slice(max(_a - 1, 0), min(_a, 1) + 1), slice(max(_b - 1, 0), min(_b, 1) + 1))),
            "∗",
            Board("weight", weight),
            "→",
            Board("dx", dx, (slice(_a, _a + 1), slice(_b, _b + 1))),
        )
        + paragraph(f"dx[{_a}, {_b}] = {_spelt}")
        + paragraph(f"= {added(_terms)} = {plain(dx[_a, _b])}")
    )
    return (dx,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The layer agrees

    The layer of the library, written in loops, with the same numbers. Whole numbers are summed without rounding, so
    the results must be equal, not only close.
    """)
    return


@app.cell
def _(bias, dweight, dx, dy, np, scratch, weight, x, y):
    layer = scratch.naive.Conv2d(1, 1, 2, dtype=np.float64)
    layer.load_state_dict({"weight": weight[None, None], "bias": np.array([bias])})
    assert np.array_equal(layer(x[None, None])[0, 0], y)
    assert np.array_equal(layer.backward(dy[None, None])[0, 0], dx)
    assert np.array_equal(layer.weight.grad[0, 0], dweight)
    assert np.array_equal(layer.bias.grad, [dy.sum()])
    return


@app.cell(hide_code=True)
def _(conv2d_backward, folded, inspect, source):
    folded("Its backward pass: the one rule, in two lines with +=", source(inspect.getsource(conv2d_backward)))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Check a gradient

    How would one know without an answer on paper? By trying: move one number a little, and see how the loss changes.
    To have a loss that belongs to our `dy`, take the sum of all outputs, each times its dy.
    """)
    return


@app.cell
def _(bias, correlate2d, dx, dy, np, weight, x):
    def loss(pixels, weights):
        return np.sum(dy * (correlate2d(pixels, weights, padding="valid") + bias))

    middle = np.zeros((3, 3))
    middle[1, 1] = 1
    grown = loss(x + middle, weight) - loss(x, weight)
    assert grown == dx[1, 1]
    return (grown,)


@app.cell(hide_code=True)
def _(grown, mo, plain):
    mo.md(f"""
    With the middle pixel larger by 1 the loss is larger by {plain(grown)}, which is `dx[1, 1]`. Not nearly, but
    exactly, although the step is as large as the pixels: as a function of x alone, a convolution is a straight line.
    Most losses are curved, and there the step matters. Two quotients:

        one-sided   (f(x + h) - f(x)) / h
        central     (f(x + h) - f(x - h)) / (2 h)

    **Predict.** The smaller h, the smaller the error?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_step = mo.ui.radio(
        ["yes, always", "yes, down to some h, and then it grows again", "no, h makes no difference"]
    )
    guess_step
    return (guess_step,)


@app.cell
def _(np, scratch):
    criterion = scratch.CrossEntropyLoss()
    logits, label = np.array([[2.0, 1.0, 0.1]]), np.array([0])
    criterion(logits, label)
    slope = criterion.backward()[0, 1]  # by how much the loss grows with the second logit

    def f(second):
        return float(criterion(np.array([[2.0, second, 0.1]]), label))

    steps = 10.0 ** np.arange(-13, 0)
    errors = {
        "one-sided": [abs((f(1 + h) - f(1)) / h - slope) for h in steps],
        "central": [abs((f(1 + h) - f(1 - h)) / (2 * h) - slope) for h in steps],
    }
    return errors, steps


@app.cell(hide_code=True)
def _(errors, guess_step, loglog, np, paragraph, predicted, steps):
    _best = {name: steps[np.argmin(error)] for name, error in errors.items()}
    assert steps[0] < _best["one-sided"] < _best["central"] < steps[-1]
    predicted(
        guess_step,
        "yes, down to some h, and then it grows again",
        loglog(
            "The error of both quotients over the step, logarithmic. Both fall as the step gets smaller, the central "
            "one faster, reach a lowest point, and rise again.",
            steps,
            errors,
            "h",
            "error",
        )
        + paragraph(
            f"On the right the curve of the loss spoils the quotient: the error falls with h, of the central one with "
            f"h squared. On the left rounding does: f is known to about 16 digits, and the quotient divides its "
            f"rounding by h. Of these steps the best is {_best['one-sided']:.0e} one-sided, with an error of "
            f"{min(errors['one-sided']):.0e}, and {_best['central']:.0e} central, with {min(errors['central']):.0e}."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A check that sees nothing

    Often one sees tests that call `y.sum().backward()`. That is the loss whose dy are all 1.

    **Predict.** Somebody's `dweight` uses dy upside down and mirrored, `dy[::-1, ::-1]`. Does a test with `y.sum()`
    see it?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_ones = mo.ui.radio(["yes", "no"])
    guess_ones
    return (guess_ones,)


@app.cell(hide_code=True)
def _(Board, correlate2d, dweight, dy, guess_ones, np, paragraph, plain, predicted, row, x):
    def _wrong(dy):
        return correlate2d(x, dy[::-1, ::-1], padding="valid")

    _ones = np.ones((2, 2))
    _seen = not np.array_equal(_wrong(_ones), correlate2d(x, _ones, padding="valid"))
    assert not np.array_equal(_wrong(dy), dweight)
    predicted(
        guess_ones,
        "yes" if _seen else "no",
        row(
            "With ones the wrong dweight equals the right one; with our dy they differ.",
            Board("dy = 1: wrong", _wrong(_ones)),
            Board("right", correlate2d(x, _ones, padding="valid")),
            Board("our dy: wrong", _wrong(dy)),
            Board("right", dweight),
        )
        + paragraph(
            "An array of ones looks the same however it is turned, mirrored or transposed. With our dy the largest "
            f"error is {plain(abs(_wrong(dy) - dweight).max())}. So let the upstream gradient be random, always."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The tie in a max pool

    A max pool gives the largest of its window. Its gradient goes to the pixel that was the largest, for only that
    one can change the result. And if several are the largest? In networks this is common: after ReLU whole windows
    are 0.
    """)
    return


@app.cell
def _(np):
    tied = np.array([[3.0, 3], [1, 3]])
    upstream = np.array([[8.0]])
    return tied, upstream


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** The window is `[[3, 3], [1, 3]]`, and dy is 8. Where does torch send it?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_tie = mo.ui.radio(["8 to each of the three", "8 / 3 to each of the three", "8 to the first, 0 to the others"])
    guess_tie
    return (guess_tie,)


@app.cell(hide_code=True)
def _(Board, exercises, guess_tie, np, paragraph, plain, predicted, row, tied, upstream):
    _first = exercises.layer_max_pool(tied, upstream)
    _all = exercises.to_all(tied, upstream)
    assert np.array_equal(_first, [[8, 0], [0, 0]])
    assert _first.sum() == upstream.sum()
    predicted(
        guess_tie,
        "8 to the first, 0 to the others",
        row(
            "The window 3 3, 1 3; the gradient 8 0, 0 0 of torch and of this library; and 8 8, 0 8 of a mask.",
            Board("x", tied),
            Board("torch, and here", _first),
            Board("a mask x == max", _all),
        )
        + paragraph(
            f"Many tutorials write a mask, and each of the three gets all of it: {plain(_all.sum())} in sum. But raise "
            f"the whole window by a little: the maximum rises by as much, and the loss by {plain(upstream.sum())} "
            "times that. So whatever a convention says, the gradient must add up to dy, and that of the mask does not."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Can a gradient check decide between the first and a fair share? Move the first pixel up, and down:
    """)
    return


@app.cell
def _(np, tied):
    h = 0.5
    first = np.array([[1.0, 0], [0, 0]])
    up = (np.max(tied + h * first) - np.max(tied)) / h
    down = (np.max(tied) - np.max(tied - h * first)) / h
    return down, up


@app.cell(hide_code=True)
def _(down, mo, plain, up):
    assert up != down
    mo.md(f"""
    Upwards the slope is {plain(up)}, downwards {plain(down)}, and a central difference would say
    {plain((up + down) / 2)}, which is right for neither. At a tie the maximum has a corner, and no slope. There a
    difference quotient decides nothing, and a convention must: torch scans the window row by row, and the first one
    keeps it. So check gradients where there are no ties, and ties by comparing with torch.

    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** For these x and dy, what is `dweight[0, 1]`?
    """)
    return


@app.cell(hide_code=True)
def _(Board, exercises, row):
    row(
        "x: 2 0 3, 1 4 2, 3 1 5. dy: 1 2, 0 -1.",
        Board("x", exercises.X),
        Board("dy", exercises.DY),
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
        paragraph("dweight[0, 1]:  " + sum_of_products(exercises.X[:2, 1:], exercises.DY)),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. The gradient of the pixels.** For dy and weights of any size; stride 1, no padding.
    """)
    return


@app.cell
def _():
    def my_dx(dy, weight):
        outH, outW = dy.shape
        kH, kW = weight.shape
        return None  # as large as x: (outH + kH - 1, outW + kW - 1)

    return (my_dx,)


@app.cell(hide_code=True)
def _(exercises, my_dx):
    exercises.dx(my_dx)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_dx)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. A gradient check.** The central difference quotient for every cell of x; `f(x)` gives a number.
    """)
    return


@app.cell
def _():
    def my_slopes(f, x):
        h = 1e-5
        return None  # an array shaped like x

    return (my_slopes,)


@app.cell(hide_code=True)
def _(exercises, my_slopes):
    exercises.slopes(my_slopes)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_slopes)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. A max pool backward.** Windows of 2 x 2 that do not overlap; of equal pixels the first one gets the gradient.
    """)
    return


@app.cell
def _():
    def my_max_pool_backward(x, dy):
        return None  # an array shaped like x

    return (my_max_pool_backward,)


@app.cell(hide_code=True)
def _(exercises, my_max_pool_backward):
    exercises.max_pool(my_max_pool_backward)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_max_pool_backward)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - Each product `x * weight` sends `dy * x` to its weight and `dy * weight` to its pixel; everybody collects.
    - So dweight is a correlation of x with dy, dx a full convolution of dy with the weights, dbias the sum of dy.
    - A gradient check takes central differences, float64, a step that is not too small, and a random dy.
    - A tie has no slope. It takes a convention, and whatever that is, the gradient adds up to dy.

    The code that you have used: `scratch/naive/conv.py` and `scratch/naive/pool.py`.
    `python3 run.py check yours.py:MyConv --like Conv2d` compares a layer of your own with torch's.
    """)
    return


if __name__ == "__main__":
    app.run()
