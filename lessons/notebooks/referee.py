import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Check your own layer")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # Check your own layer

    A layer that trains may still be wrong: networks learn in spite of much. Here a referee calls a layer of yours,
    holds every number against torch's, and says what is wrong with it.

    After this lesson you can

    - have a layer checked, in a notebook, from a file, or in a test;
    - say how far two right results may be apart, and read a verdict and a precision index;
    - read a diagnosis, and mend four mistakes that tutorials make.

    You need the lesson “A layer backward by hand”. torch must be installed: it is what the referee compares with.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from lessons.boards import Board, plain, row
    from lessons.curves import loglog
    from lessons.exercises import referee as exercises
    from lessons.exercises.referee import beside, slid
    from lessons.pieces import folded, paragraph, predicted, solution, source
    from lessons.referee import examined
    from parity_tests.check.cases import OPS
    from parity_tests.harness.comparison import compare
    from parity_tests.harness.laws.base import sum_of_products
    from parity_tests.mutants.conv_gradient import in_digits
    from parity_tests.mutants.tables import CONTROLS, MUTANTS

    return (
        Board,
        CONTROLS,
        MUTANTS,
        OPS,
        beside,
        compare,
        examined,
        exercises,
        folded,
        in_digits,
        loglog,
        mo,
        np,
        paragraph,
        plain,
        predicted,
        row,
        slid,
        solution,
        source,
        sum_of_products,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A layer of your own

    Here is a ReLU as it stands in many tutorials. Paste a layer of yours in its place, and say below what of torch's it
    is like. It may look as you like: with or without a learning rate, gradients in `.grad`, in `.dW` or returned.
    """)
    return


@app.cell
def _(np):
    class MyLayer:
        def forward(self, x):
            self.x = x
            return np.maximum(0, x)

        def backward(self, dy):
            return dy * (self.x > 0)

    return (MyLayer,)


@app.cell(hide_code=True)
def _(OPS, mo):
    like = mo.ui.dropdown(list(OPS), value="ReLU")
    like
    return (like,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** Does this ReLU agree with torch's in all cases: large and small numbers, 0, infinity, NaN?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_relu = mo.ui.radio(["yes, in all", "no, y is wrong in some", "no, dx is wrong in some"])
    guess_relu
    return (guess_relu,)


@app.cell
def _(MyLayer, examined, like):
    opinion = examined(MyLayer, like.value)
    return (opinion,)


@app.cell(hide_code=True)
def _(beside, examined, exercises, guess_relu, paragraph, predicted):
    _found = examined(exercises.TutorialReLU, "ReLU")
    assert _found.tensors == {"dx"}
    assert _found.suspects == ["nan-becomes-zero"]
    predicted(
        guess_relu,
        "no, dx is wrong in some",
        beside(exercises.TutorialReLU, "relu")
        + paragraph(
            "A comparison with NaN is false, so `x > 0` stops the gradient there, and the training goes on as if "
            "nothing had happened. torch lets it pass: whoever looks at the gradients sees that something is wrong. "
            "`~(x <= 0)` does the same. All other cases agree."
        ),
    )
    return


@app.cell(hide_code=True)
def _(folded, guess_relu, opinion, source):
    folded(
        "What the referee says of the layer above",
        source(opinion.words) + folded("All of it, as on the command line", source(opinion.report)),
        opened=guess_relu.value is not None,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    From a file it is

        python3 run.py check mine.py:MyLayer --like ReLU

    which runs the layer in a process of its own, with a limit of time; and in a test

        from parity_tests import assert_parity

        def test_my_layer():
            assert_parity(MyLayer, like="ReLU")

    The gradient that the referee sends back is random. With ones, as `y.sum()` would send, a gradient that is turned or
    transposed looks right (the lesson “A layer backward by hand”).

    ## What is right?

    Floating-point numbers are rounded at every step, so two right programs need not give the same. What torch computes
    in float32 cannot be the measure either: it is rounded as well. So the referee asks torch in float64.

    **Predict.** Two programs add up the same 1000 products in float32, the one from the front, the other from the back.
    How do their results compare?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_order = mo.ui.radio(["they are equal", "the last digits differ", "hardly any digit agrees"])
    guess_order
    return (guess_order,)


@app.cell
def _(np):
    def one_by_one(a, b):
        """A matrix product in the format of its operands, term after term."""
        total = np.zeros((len(a), b.shape[1]), a.dtype)
        for k in range(a.shape[1]):
            total += a[:, k, None] * b[k]
        return total

    def drawn(K):
        """Matrices of (3, K) and (K, 5)."""
        draw = np.random.default_rng(0).standard_normal
        return draw((3, K)).astype(np.float32), draw((K, 5)).astype(np.float32)

    return drawn, one_by_one


@app.cell(hide_code=True)
def _(drawn, guess_order, np, one_by_one, paragraph, predicted):
    _a, _b = drawn(1000)
    _front, _back = one_by_one(_a, _b)[0, 0], one_by_one(_a[:, ::-1], _b[::-1])[0, 0]
    assert _front != _back
    assert np.isclose(_front, _back, rtol=1e-4)
    predicted(
        guess_order,
        "the last digits differ",
        paragraph(f"From the front it is {_front!s}, from the back {_back!s}. Both are right."),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    How far may they go? Each step errs by at most a fraction of what is being summed. So for a sum of K products, in
    any order, there is a **law**: with A the same sum over absolute values, and eps the distance from 1 to the next
    number of the format,

        |got - oracle| <= (K + 3) eps A

    Beyond it a result is *wrong*; no rounding explains it. Such a law is derived for every layer, and holds for every
    single number. It is a worst case, though. In practice errors cancel, and their size is about eps A. The **precision
    index** is the root mean square of the errors in that unit: above 1, digits are missing, and the verdict is
    *imprecise*.

    Choose an arithmetic, and 2, 4, 8, ... 4096 products.
    """)
    return


@app.cell
def _(in_digits, np, one_by_one):
    ARITHMETIC = {
        "float32, from the front": one_by_one,
        "float32, from the back": lambda a, b: one_by_one(a[:, ::-1], b[::-1]),
        "float64, rounded at the end": lambda a, b: (a.astype(np.float64) @ b).astype(np.float32),
        "operands with 11 binary digits (TF32)": lambda a, b: one_by_one(in_digits(a, 11), in_digits(b, 11)),
        "float16": lambda a, b: one_by_one(a.astype(np.float16), b.astype(np.float16)).astype(np.float32),
        "one product forgotten": lambda a, b: one_by_one(a[:, 1:], b[1:]),
    }
    return (ARITHMETIC,)


@app.cell(hide_code=True)
def _(ARITHMETIC, mo):
    arithmetic = mo.ui.dropdown(list(ARITHMETIC), value="operands with 11 binary digits (TF32)")
    arithmetic
    return (arithmetic,)


@app.cell(hide_code=True)
def _(mo):
    power = mo.ui.slider(1, 12, value=10, label="2 to the power of")
    power
    return (power,)


@app.cell
def _(ARITHMETIC, arithmetic, compare, drawn, np, power, sum_of_products):
    K = 2**power.value
    a, b = drawn(K)
    oracle = a.astype(np.float64) @ b.astype(np.float64)
    eps, tiny = (float(each) for each in (np.finfo(np.float32).eps, np.finfo(np.float32).tiny))
    law = sum_of_products(abs(a).astype(np.float64) @ abs(b), K, eps, tiny)  # the library's own
    got = ARITHMETIC[arithmetic.value](a, b)
    judged = compare(got, oracle, law, np.float32)
    return K, got, judged, law, oracle


@app.cell(hide_code=True)
def _(Board, K, got, judged, law, oracle, paragraph, plain, row):
    _error = abs(got - oracle)
    row(
        f"The errors of 15 sums as fractions of what the law allows; the largest is {judged.worst:.2g}.",
        Board("error / what the law allows", _error / law.hard),
    ) + paragraph(
        f"Sums of {K} products. The first: {got[0, 0]:.7g} for {oracle[0, 0]:.9g}, an error of {_error[0, 0]:.1e}; "
        f"the law allows {law.hard[0, 0]:.1e}. Of all 15: at worst {judged.worst:.2g} of the law, precision index "
        f"{plain(judged.index)}. Verdict: {judged.verdict}."
    )
    return


@app.cell(hide_code=True)
def _(ARITHMETIC, arithmetic, drawn, loglog, np, sum_of_products):
    _lengths, _errors, _allowed = 2 ** np.arange(1, 13, dtype=float), [], []
    for _k in _lengths.astype(int):
        _a, _b = drawn(_k)
        _errors.append(abs(ARITHMETIC[arithmetic.value](_a, _b) - _a.astype(np.float64) @ _b).max())
        _law = sum_of_products(abs(_a).astype(np.float64) @ abs(_b), _k, 2.0**-23, 2.0**-126)
        _allowed.append(_law.hard.max())
    loglog(
        "The largest error of the sums, and the largest that the law allows, over the number of products.",
        _lengths,
        {"error": _errors, "law": _allowed},
        "products",
        "error",
    )
    return


@app.cell(hide_code=True)
def _(ARITHMETIC, compare, drawn, np, sum_of_products):
    # What the text below says, and at the end that on the softmax.
    _verdicts = {}
    for _k in (2, 4096):
        _a, _b = drawn(_k)
        _law = sum_of_products(abs(_a).astype(np.float64) @ abs(_b), _k, 2.0**-23, 2.0**-126)
        _want = _a.astype(np.float64) @ _b
        for _name, _compute in ARITHMETIC.items():
            _verdicts[_name, _k] = str(compare(_compute(_a, _b), _want, _law, np.float32).verdict)
    assert all(_verdicts[_name, _k] == "accurate" for _name in list(ARITHMETIC)[:2] for _k in (2, 4096))
    assert _verdicts["float64, rounded at the end", 4096] == "exact"
    assert _verdicts["operands with 11 binary digits (TF32)", 2] == "wrong"
    assert _verdicts["operands with 11 binary digits (TF32)", 4096] == "imprecise"
    assert _verdicts["one product forgotten", 2] == _verdicts["one product forgotten", 4096] == "wrong"
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(np.float32(89)))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Both orders are accurate, whatever K; rounded once at the end it is exact. Operands with few digits are wrong where
    the sum is short, and where it is long they hide within the law: there the index finds them. A product that is
    forgotten is found, even if it is one of 4096.

    ## A gallery of wrong layers

    The referee itself is tested with such layers. Choose one, read it, and predict.
    """)
    return


@app.cell(hide_code=True)
def _(exercises, mo):
    chosen = mo.ui.dropdown(list(exercises.GALLERY), value=next(iter(exercises.GALLERY)))
    chosen
    return (chosen,)


@app.cell(hide_code=True)
def _(chosen, exercises, paragraph, source):
    _layer, _like = exercises.GALLERY[chosen.value]
    paragraph(f"A {_like} that is right but for this:") + source(exercises.told(_layer))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** Where does it show?
    """)
    return


@app.cell(hide_code=True)
def _(chosen, exercises, mo):
    chosen.value  # a new layer is a new question
    guess_gallery = mo.ui.radio(exercises.PLACES)
    guess_gallery
    return (guess_gallery,)


@app.cell(hide_code=True)
def _(chosen, examined, exercises, guess_gallery, predicted, source):
    _layer, _like = exercises.GALLERY[chosen.value]
    _opinion = examined(_layer, _like)
    predicted(guess_gallery, exercises.place_of(_opinion), source(_opinion.words))
    return


@app.cell(hide_code=True)
def _(CONTROLS, MUTANTS, mo):
    mo.md(f"""
    There are {len(MUTANTS)} such layers in `parity_tests/mutants`, and {len(CONTROLS)} that are right but compute in
    their own way, which the referee must not accuse. `python3 run.py mutants` tries it on all of them.

    ## Exercises

    Four wrong layers. Mend each in its cell, and run it. The referee has seen it below, and says what it thinks.

    **1. A max pool**, windows of k x k that do not overlap. Tutorials give the gradient to every cell that is as large
    as the maximum. torch gives it to the first alone; where there is NaN, to the last NaN.
    """)
    return


@app.cell
def _(np):
    class MyMaxPool:
        def __init__(self, kernel_size):
            self.k = kernel_size

        def forward(self, x):
            (N, C, H, W), k = x.shape, self.k
            self.x = x
            cut = x[:, :, : H // k * k, : W // k * k].reshape(N, C, H // k, k, W // k, k)
            self.cells = cut.swapaxes(3, 4).reshape(N, C, H // k, W // k, k * k)  # of each window, row by row
            return self.cells.max(axis=4)

        def chosen(self):
            return self.cells == self.cells.max(axis=4, keepdims=True)  # True where the gradient goes

        def backward(self, dy):
            (N, C, outH, outW), k = dy.shape, self.k
            dcells = np.where(self.chosen(), dy[..., None], 0).reshape(N, C, outH, outW, k, k)
            dx = np.zeros_like(self.x)
            dx[:, :, : outH * k, : outW * k] = dcells.swapaxes(3, 4).reshape(N, C, outH * k, outW * k)
            return dx

    return (MyMaxPool,)


@app.cell(hide_code=True)
def _(MyMaxPool, beside):
    beside(MyMaxPool, "max_pool")
    return


@app.cell(hide_code=True)
def _(MyMaxPool, exercises):
    exercises.max_pool(MyMaxPool)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.MaxPool.chosen)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. A convolution.** Its dx is the full correlation of dy, with zeros around it, and the weights. Something is
    forgotten. `slid(x, weight)` slides every filter over every image.
    """)
    return


@app.cell
def _(np, slid):
    class MyConv:
        def __init__(self, in_channels, out_channels, kernel_size):
            self.k = kernel_size
            self.weight = np.zeros((out_channels, in_channels, kernel_size, kernel_size))
            self.bias = np.zeros(out_channels)

        def forward(self, x):
            self.x = x
            return slid(x, self.weight) + self.bias[:, None, None]

        def backward(self, dy):
            self.dweight = slid(self.x.swapaxes(0, 1), dy.swapaxes(0, 1)).swapaxes(0, 1)
            self.dbias = dy.sum(axis=(0, 2, 3))
            return self.dx(dy)

        def dx(self, dy):
            border = (self.k - 1, self.k - 1)
            return slid(np.pad(dy, ((0, 0), (0, 0), border, border)), self.weight.swapaxes(0, 1))

    return (MyConv,)


@app.cell(hide_code=True)
def _(MyConv, beside):
    beside(MyConv, "conv")
    return


@app.cell(hide_code=True)
def _(MyConv, exercises):
    exercises.conv(MyConv)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.Conv.dx)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. A batch norm**, without running statistics. With which variance does torch normalise a batch?
    """)
    return


@app.cell
def _(np):
    class MyBatchNorm:
        def __init__(self, num_features, eps=1e-5):
            self.eps = eps
            self.weight, self.bias = np.ones(num_features), np.zeros(num_features)

        def forward(self, x):
            mean = x.mean(axis=(0, 2, 3), keepdims=True)
            self.std = np.sqrt(self.variance(x) + self.eps)
            self.normal = (x - mean) / self.std
            return self.weight[:, None, None] * self.normal + self.bias[:, None, None]

        def variance(self, x):
            return x.var(axis=(0, 2, 3), keepdims=True, ddof=1)

        def backward(self, dy):
            def mean(values):
                return values.mean(axis=(0, 2, 3), keepdims=True)

            self.dweight, self.dbias = (dy * self.normal).sum(axis=(0, 2, 3)), dy.sum(axis=(0, 2, 3))
            d = dy * self.weight[:, None, None]
            d = d - mean(d) - self.normal * mean(d * self.normal)
            return d / self.std

    return (MyBatchNorm,)


@app.cell(hide_code=True)
def _(MyBatchNorm, beside):
    beside(MyBatchNorm, "batch_norm")
    return


@app.cell(hide_code=True)
def _(MyBatchNorm, exercises):
    exercises.batch_norm(MyBatchNorm)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.BatchNorm.variance)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. A softmax**, as the formula has it. In float32, exp(89) is infinite.
    """)
    return


@app.cell
def _(np):
    class MySoftmax:
        def __init__(self, dim):
            self.dim = dim

        def forward(self, x):
            e = np.exp(x)
            self.y = e / e.sum(axis=self.dim, keepdims=True)
            return self.y

        def backward(self, dy):
            return self.y * (dy - (dy * self.y).sum(axis=self.dim, keepdims=True))

    return (MySoftmax,)


@app.cell(hide_code=True)
def _(MySoftmax, beside):
    beside(MySoftmax, "softmax")
    return


@app.cell(hide_code=True)
def _(MySoftmax, exercises):
    exercises.softmax(MySoftmax)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.Softmax.forward)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - Compare with torch in float64, tensor by tensor, with random dy; and with NaN, ties, 0 and infinity among the x.
    - How far a right result may be off follows from its formula. Beyond that it is wrong, however small it looks.
    - Within it digits may still be missing: that is what the precision index finds.
    - A diagnosis is a mistake that reproduces your numbers. Where none does, the smallest case that fails is the clue.

    The code that you have used: `parity_tests/check`, `parity_tests/diagnosis`, `parity_tests/harness/laws`.
    `python3 run.py check FILE.py:Class --like LAYER` checks yours, `--map` tells what cannot be guessed of it.
    """)
    return


if __name__ == "__main__":
    app.run()
