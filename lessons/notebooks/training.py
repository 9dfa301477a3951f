import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="A network learns to tell lines")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # A network learns to tell lines

    Four filters of 3 x 3 and one dense layer learn to tell vertical lines from horizontal ones. They do it here, while
    you look; so everything can be tried: other rates, other first weights, and mistakes.

    After this lesson you can

    - count the parameters of a layer, and say why pictures are given to convolutions;
    - turn three numbers into probabilities, a loss and a gradient, and write a step of training;
    - see from a loss that does not fall what may be wrong: the learning rate, the first weights, a dead ReLU.

    You need the gradient of a layer (the lesson “A layer backward by hand”). The network, its images and its first
    weights are those of the tutorial “CNNs Deep Dive - Convolutions from Scratch”, and the figures that it prints are
    asserted below. Everything is computed when the lesson runs.
    """)
    return


@app.cell
def _():
    import inspect
    from copy import deepcopy
    from functools import cache

    import marimo as mo
    import numpy as np

    import scratch
    from lessons.boards import Board, plain, row
    from lessons.curves import loglog
    from lessons.exercises import training as exercises
    from lessons.history import history
    from lessons.pictures import Shot, pictures
    from lessons.pieces import folded, paragraph, predicted, solution, source
    from parity_tests.check_samples import tutorial
    from scratch.data import lines
    from scratch.images.gallery import draw
    from scratch.models import lines_cnn
    from scratch.train import evaluate, fit, lines_weights, train_step

    return (
        Board,
        Shot,
        cache,
        deepcopy,
        draw,
        evaluate,
        exercises,
        fit,
        folded,
        history,
        inspect,
        lines,
        lines_cnn,
        lines_weights,
        loglog,
        mo,
        np,
        paragraph,
        pictures,
        plain,
        predicted,
        row,
        scratch,
        solution,
        source,
        train_step,
        tutorial,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Two kinds of pictures

    Faint noise, and in it one bright line: vertical (label 0) or horizontal (label 1). 200 pictures to learn from, and
    40 others to be tested with. Last the first weights are drawn, from the same generator.
    """)
    return


@app.cell
def _(lines, lines_weights, np):
    generator = np.random.RandomState(0)
    images, labels = lines(200, generator)
    test_images, test_labels = lines(40, generator)
    drawn = lines_weights(generator)
    return drawn, generator, images, labels, test_images, test_labels


@app.cell(hide_code=True)
def _(Shot, draw, images, labels, np, pictures):
    DIRECTIONS = ("vertical", "horizontal")

    def enlarged(array):
        """As many pixels for every cell as make 192 of the whole."""
        return np.kron(array, np.ones((192 // len(array),) * 2))

    pictures(
        *(
            Shot(
                draw.greys(enlarged(images[n, 0]), -0.3, 1),
                f"{n}: {DIRECTIONS[labels[n]]}",
                f"Picture {n}: a bright {DIRECTIONS[labels[n]]} line in dark noise",
            )
            for n in range(6)
        ),
        width=96,
    )
    return DIRECTIONS, enlarged


@app.cell(hide_code=True)
def _(mo):
    which_image = mo.ui.slider(0, 199, value=0, full_width=True)
    which_image
    return (which_image,)


@app.cell(hide_code=True)
def _(Board, DIRECTIONS, images, labels, row, which_image):
    _n = which_image.value
    _line = DIRECTIONS[labels[_n]]
    row(
        f"The 64 numbers of picture {_n}, rounded: a {_line} line of ones, noise of about 0.1 elsewhere.",
        Board(f"picture {_n}, label {labels[_n]}: {_line}", images[_n, 0].round(1)),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Why filters

    A dense layer has a weight for every pixel and every output, and a bias for every output. A convolution has one
    set of weights for each filter, which is used at all places of the picture.

    **Predict.** A dense layer gives 128 numbers for a picture of 28 x 28. A convolution gives 16 maps, by filters of
    3 x 3. How many times fewer parameters does the convolution have?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_fewer = mo.ui.radio(["about 6 times", "about 60 times", "about 600 times"])
    guess_fewer
    return (guess_fewer,)


@app.cell(hide_code=True)
def _(guess_fewer, paragraph, predicted, scratch):
    _dense = scratch.summary(scratch.Linear(28 * 28, 128), (28 * 28,)).parameters
    _filters = scratch.summary(scratch.Conv2d(1, 16, 3), (1, 28, 28)).parameters
    # Of the large layer one output is built, for all 256 are alike: the whole would take 147 MiB.
    _large = 256 * scratch.summary(scratch.Linear(224 * 224 * 3, 1), (224 * 224 * 3,)).parameters
    _colour = scratch.summary(scratch.Conv2d(3, 64, 3), (3, 224, 224)).parameters
    assert (_dense, _filters, round(_dense / _filters)) == (100_480, 160, 628)
    assert (_large, _colour) == (38_535_424, 1_792)
    predicted(
        guess_fewer,
        "about 600 times",
        paragraph(
            f"The dense layer has 28 · 28 · 128 + 128 = {_dense:,}, the convolution 16 · 9 + 16 = {_filters}: "
            f"{_dense / _filters:.0f} times fewer. For colour pictures of 224 x 224 it is {_large:,} for 256 dense "
            f"outputs, and {_colour:,} for 64 filters: {_large / _colour:,.0f} times fewer."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Choose the side of the picture, in pixels.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    side = mo.ui.slider(8, 224, step=4, value=28, full_width=True)
    side
    return (side,)


@app.cell(hide_code=True)
def _(loglog, np, paragraph, scratch, side):
    def _of(n):
        one_output = scratch.summary(scratch.Linear(n * n, 1), (n * n,))
        return 128 * one_output.parameters, scratch.summary(scratch.Conv2d(1, 16, 3), (1, n, n))

    _sides = np.array([8, 28, 56, 112, 224])
    _dense, _filters = _of(side.value)
    loglog(
        "Parameters over the side of the picture: those of the dense layer grow with its square, those of the filters "
        "stay the same.",
        _sides,
        {
            "128 dense outputs": [_of(n)[0] for n in _sides],
            "16 filters": [_of(n)[1].parameters for n in _sides],
        },
        "side of the picture",
        "parameters",
    ) + paragraph(
        f"{side.value} x {side.value} pixels: {_dense:,} parameters dense, {_filters.parameters} with filters, which "
        f"work nevertheless: {_filters.multiply_adds:,} products, to the dense layer's {_dense - 128:,}. A convolution "
        "saves numbers to learn, and not work."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    This is our network. What it finds in a picture (filters, ReLU, the largest of each 2 x 2) comes first, and a dense
    layer decides. Larger networks repeat the first three layers several times.
    """)
    return


@app.cell(hide_code=True)
def _(lines_cnn, scratch, source):
    source(repr(scratch.summary(lines_cnn(scratch), (1, 8, 8))))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## From numbers to a loss

    The last layer gives a number for each class, of any size and sign: the *logits* z. **Softmax** makes
    probabilities of them, and the **cross entropy** is small when the probability of the right class is large:

        p[k] = exp(z[k]) / sum over j of exp(z[j])
        loss = -log p[label]

    **Predict.** To each of three logits 100 is added. What becomes of the probabilities?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_shift = mo.ui.radio(["nothing", "they come closer to 1/3 each", "the largest one becomes nearly 1"])
    guess_shift
    return (guess_shift,)


@app.cell(hide_code=True)
def _(Board, guess_shift, np, paragraph, predicted, row, scratch):
    _z = np.array([[2.0, 1.0, 0.1], [102.0, 101.0, 100.1]])
    _p = scratch.Softmax(dim=1)(_z)
    assert np.allclose(*_p, rtol=1e-12)
    predicted(
        guess_shift,
        "nothing",
        row(
            "Logits 2, 1, 0.1, and the same with 100 added; the probabilities are the same in both rows.",
            Board("z", _z),
            "→",
            Board("p", _p.round(2)),
        )
        + paragraph(
            "Above and below the fraction line stands a factor exp(100) more. So one may subtract the largest logit "
            "first, and must: exp(1000) is no float64."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Change the three logits: drag on one, or double-click and type. The label is 0, the first one.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    logits = mo.ui.matrix([[2.0, 1.0, 0.1]], step=0.1)
    logits
    return (logits,)


@app.cell(hide_code=True)
def _(Board, logits, np, paragraph, plain, row, scratch):
    _z, _label = np.array(logits.value, dtype=float), np.array([0])
    _p = scratch.Softmax(dim=1)(_z)
    _criterion = scratch.CrossEntropyLoss()
    _loss = _criterion(_z, _label)
    _dz = _criterion.backward()
    assert np.allclose(_dz, _p - [[1, 0, 0]], rtol=0, atol=1e-15)
    row(
        "The logits, their probabilities, and the gradient of the loss: the probabilities, less 1 at the label.",
        Board("z", _z),
        "→",
        Board("p", _p.round(2), (slice(0, 1), slice(0, 1))),
        "→",
        Board("gradient", _dz.round(2)),
    ) + paragraph(
        f"loss = −log {plain(_p[0, 0])} = {plain(_loss)}. The gradient is p, less 1 at the label: the label's logit is "
        "pulled up, the others are pushed down, each by as much as its probability is wrong."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A network that knows nothing gives 1/2 to each of two classes. What is its loss?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_coin = mo.ui.radio(["0", "0.5", "0.693", "1"])
    guess_coin
    return (guess_coin,)


@app.cell(hide_code=True)
def _(guess_coin, np, paragraph, plain, predicted, scratch):
    coin = float(scratch.CrossEntropyLoss()(np.zeros((1, 2)), np.array([0])))
    assert np.isclose(coin, np.log(2))
    predicted(
        guess_coin,
        plain(coin),
        paragraph(
            "−log 1/2 = log 2. Remember this number: a loss that stays there with two classes says that nothing is "
            "learned; with ten classes it is log 10, and so on."
        ),
    )
    return (coin,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## One step

    Forward, the loss, backward, and a step of the optimiser: against the gradient, by `lr` times its length. Four
    calls, whatever the network:
    """)
    return


@app.cell(hide_code=True)
def _(inspect, source, train_step):
    source(inspect.getsource(train_step))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Training

    15 times through the 200 pictures (15 *epochs*), in a new order each time, one picture a step: 3,000 steps. After
    each epoch the weights are copied, so that we can go back and look. `fit` is a loop around the step above.
    """)
    return


@app.cell
def _(cache, deepcopy, drawn, fit, generator, images, labels, lines_cnn, np, scratch):
    equal = np.repeat(drawn["0.weight"][:1], 4, axis=0)
    starts = {
        "drawn, as above": drawn,
        "all 0.2": {name: 0 * value + 0.2 * ("weight" in name) for name, value in drawn.items()},
        "all 0": {name: 0 * value for name, value in drawn.items()},
        "four equal filters, the dense weights drawn": {**drawn, "0.weight": equal},
    }

    @cache
    def learn(start, rate):
        model = lines_cnn(scratch).to(np.float64)
        model.load_state_dict(starts[start])
        criterion = scratch.CrossEntropyLoss()
        optimizer = scratch.optim.SGD(model.parameters(), lr=rate)
        orders = deepcopy(generator)  # every training draws the same orders
        epochs, states = [], [model.state_dict()]
        for _ in range(15):
            epochs += fit(model, criterion, optimizer, images, labels, 1, 1, orders)
            states.append(model.state_dict())
        return model, epochs, states

    return learn, starts


@app.cell
def _(evaluate, learn, scratch, test_images, test_labels):
    model, epochs, states = learn("drawn, as above", 0.005)
    printed = {
        1: (0.7045, 0.565),
        3: (0.4631, 0.860),
        6: (0.1892, 0.945),
        9: (0.0999, 0.975),
        12: (0.0619, 1.0),
        15: (0.0415, 1.0),
    }
    for _n, _figures in printed.items():
        _loss, _accuracy = epochs[_n - 1]
        assert (round(_loss, 4), round(_accuracy, 3)) == _figures
    test = evaluate(model, scratch.CrossEntropyLoss(), test_images, test_labels)
    assert test.accuracy == 1
    return epochs, model, states, test


@app.cell(hide_code=True)
def _(coin, epochs, mo, test):
    mo.md(f"""
    These are the tutorial's figures: in the first epoch a loss of {epochs[0].loss:.4f}, worse than a coin's
    {coin:.4f}, and {epochs[0].accuracy:.1%} right; in the last one {epochs[-1].loss:.4f} and
    {epochs[-1].accuracy:.0%}. Of the 40 pictures that it has never seen the network gets {test.accuracy:.0%} right.

    ## Watch the filters

    Choose the epoch after which you look.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    epoch = mo.ui.slider(0, 15, value=15, full_width=True)
    epoch
    return (epoch,)


@app.cell(hide_code=True)
def _(Board, epoch, epochs, history, np, paragraph, row, states):
    def _filters(n):
        return states[n]["0.weight"][:, 0]

    _now, _first = _filters(epoch.value), _filters(0)
    _alike = [float(np.sum(a * b) / np.linalg.norm(a) / np.linalg.norm(b)) for a, b in zip(_now, _first, strict=True)]
    if epoch.value == 15:
        _printed = [[0.473, 0.376, 0.545], [-0.251, -0.493, -0.414], [0.080, 0.447, 0.232]]
        assert np.array_equal(_now[0].round(3), _printed)
    (
        paragraph(f"Before learning, and after {epoch.value} epochs:")
        + row(
            "The four filters before learning.",
            *(Board(f"filter {n}", each.round(2)) for n, each in enumerate(_first)),
        )
        + row(
            f"The four filters after {epoch.value} epochs.",
            *(Board(f"filter {n}", each.round(2)) for n, each in enumerate(_now)),
        )
        + paragraph(
            "How like its start each filter is (cosine; 1 the same direction, 0 at a right angle): "
            + ", ".join(f"{each:.2f}" for each in _alike)
            + "."
        )
        + history(
            "The loss falls over 15 epochs from 0.7 to nearly 0, the accuracy rises from a half to 1.",
            {"loss": [each.loss for each in epochs], "accuracy": [each.accuracy for each in epochs]},
            "epoch",
            epoch.value,
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    And what the network makes of one of the test pictures, layer by layer, after that epoch. Choose the picture:
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    test_image = mo.ui.slider(0, 39, value=1, full_width=True)
    test_image
    return (test_image,)


@app.cell(hide_code=True)
def _(DIRECTIONS, Shot, draw, enlarged, epoch, lines_cnn, np, paragraph, pictures, plain, scratch, states, test_image,
      test_images, test_labels):  # fmt: skip
    _model = lines_cnn(scratch).to(np.float64)
    _model.load_state_dict(states[epoch.value])
    _n = test_image.value
    _line = DIRECTIONS[test_labels[_n]]
    _outputs = [test_images[_n : _n + 1]]
    for _layer in _model:
        _outputs.append(_layer(_outputs[-1]))
    _reach = abs(_outputs[1]).max()
    _p = scratch.Softmax(dim=1)(_outputs[-1])[0]
    _shown = pictures(
        Shot(draw.greys(enlarged(_outputs[0][0, 0]), -0.3, 1), f"{_n}: {_line}", f"Test picture {_n}: a {_line} line"),
        width=76,
    )
    for _maps, _name in zip(_outputs[1:4], ("filter", "ReLU", "max pool"), strict=True):
        _shown += pictures(
            *(
                Shot(
                    draw.signed(enlarged(_map), _reach),
                    f"{_name} {_channel}",
                    f"Channel {_channel} after {_name}: from {plain(_map.min())} to {plain(_map.max())}",
                )
                for _channel, _map in enumerate(_maps[0])
            ),
            width=76,
        )
    _shown + paragraph(
        f"Logits {plain(_outputs[-1][0, 0])} and {plain(_outputs[-1][0, 1])}; vertical with probability {_p[0]:.1%}, "
        f"horizontal with {_p[1]:.1%}. Orange is positive, blue negative, white 0; all maps have one scale."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    One often reads that such filters become edge detectors. Let us count: how strongly does a filter answer, after
    pooling, to all vertical test pictures, and how strongly to all horizontal ones?

    **Predict.** How many of the four filters answer at least twice as strongly to one direction as to the other,
    after 15 epochs?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_filters = mo.ui.radio(["1", "2", "3", "4"])
    guess_filters
    return (guess_filters,)


@app.cell(hide_code=True)
def _(Board, guess_filters, model, np, paragraph, predicted, row, test_images, test_labels):
    _pooled = model[2](model[1](model[0](test_images))).mean(axis=(2, 3))
    _answers = np.array([_pooled[test_labels == label].mean(axis=0) for label in (0, 1)])
    _chosen = np.flatnonzero(_answers.max(axis=0) >= 2 * _answers.min(axis=0))
    assert _chosen.tolist() == [0, 1, 2]
    predicted(
        guess_filters,
        str(len(_chosen)),
        row(
            "Answers of the four filters: to vertical lines in the first row, to horizontal ones in the second.",
            Board("vertical above, horizontal below", _answers.round(2)),
        )
        + paragraph(
            "The columns are the filters. 0 and 2 answer to horizontal lines, 1 to vertical ones. 0 and 2 detect lines "
            "rather than edges: from top to bottom their sign changes twice. Filter 3 answers to both, and has hardly "
            "turned since it was drawn: the others were enough."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The learning rate

    The rate was 0.005. **Predict.** What happens with 0.5, a hundred times as much?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_rate = mo.ui.radio(
        [
            "the loss falls a hundred times as fast",
            "the loss jumps up and down, and ends lower",
            "in the end the network is as good as a coin",
        ]
    )
    guess_rate
    return (guess_rate,)


@app.cell(hide_code=True)
def _(evaluate, guess_rate, learn, paragraph, predicted, scratch, test_images, test_labels):
    _model, _, _ = learn("drawn, as above", 0.5)
    _after = _model[1](_model[0](test_images))
    assert _after.max() == 0
    assert evaluate(_model, scratch.CrossEntropyLoss(), test_images, test_labels).accuracy == 0.5
    predicted(
        guess_rate,
        "in the end the network is as good as a coin",
        paragraph(
            "The first steps throw the filters so far that behind ReLU everything is 0, for every picture. ReLU passes "
            "no gradient where it is 0, so the filters never move again: they are dead. Only the bias of the dense "
            "layer still learns, and it cannot see the picture."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Try others. Which is too small, and which is better than the tutorial's?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    rate = mo.ui.dropdown(["0.00005", "0.0005", "0.005", "0.05", "0.5"], value="0.5")
    rate
    return (rate,)


@app.cell(hide_code=True)
def _(coin, epochs, history, learn, paragraph, rate):
    _, _epochs, _ = learn("drawn, as above", float(rate.value))
    history(
        f"The loss over 15 epochs with rate {rate.value}, beside that with 0.005 and a coin's.",
        {
            "with 0.005": [each.loss for each in epochs],
            f"with {rate.value}" + " too" * (rate.value == "0.005"): [each.loss for each in _epochs],
            "a coin": [coin] * 15,
        },
        "epoch",
    ) + paragraph(
        f"With {rate.value}: loss {_epochs[0].loss:.4f} in the first epoch, {_epochs[-1].loss:.4f} in the last, where "
        f"{_epochs[-1].accuracy:.1%} are right."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## When all begin alike

    The first weights were drawn at random. Why not begin with the same number everywhere?

    **Predict.** All weights begin as 0.2. After 15 epochs, how many different filters are there?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_alike = mo.ui.radio(["1", "2", "4"])
    guess_alike
    return (guess_alike,)


@app.cell(hide_code=True)
def _(Board, guess_alike, learn, np, paragraph, predicted, row):
    def different(start):
        _, _, states = learn(start, 0.005)
        return len(np.unique(states[-1]["0.weight"].reshape(4, 9).round(9) + 0.0, axis=0))

    _, _epochs, _states = learn("all 0.2", 0.005)
    predicted(
        guess_alike,
        str(different("all 0.2")),
        row(
            "The four filters after 15 epochs: all the same.",
            *(Board(f"filter {n}", each[0].round(2)) for n, each in enumerate(_states[-1]["0.weight"])),
        )
        + paragraph(
            "Filters that are equal, and are used equally by the layer behind, get equal gradients, and stay equal "
            f"for ever: one filter, four times. So the network learns less: {_epochs[-1].accuracy:.0%} right. Random "
            "numbers are there to break this symmetry."
        ),
    )
    return (different,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Must all weights be drawn? Choose how they begin.
    """)
    return


@app.cell(hide_code=True)
def _(mo, starts):
    start = mo.ui.dropdown(list(starts), value="all 0.2")
    start
    return (start,)


@app.cell(hide_code=True)
def _(coin, different, epochs, history, learn, paragraph, start):
    _, _epochs, _ = learn(start.value, 0.005)
    history(
        f"The loss over 15 epochs when the weights begin as: {start.value}; beside that of drawn ones and a coin's.",
        {
            "drawn": [each.loss for each in epochs],
            "as chosen": [each.loss for each in _epochs],
            "a coin": [coin] * 15,
        },
        "epoch",
    ) + paragraph(
        f"Weights at first: {start.value}. Different filters after 15 epochs: {different(start.value)}; "
        f"{_epochs[-1].accuracy:.1%} right in the last epoch. With 0 everywhere ReLU passes no gradient, and nothing "
        "is learned. Equal filters that the dense layer uses differently part soon."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## When backward also updates

    In many tutorials `backward` subtracts `lr` times the gradient from the weights itself, and saves a call. This is
    such a layer:
    """)
    return


@app.cell(hide_code=True)
def _(inspect, source, tutorial):
    source(inspect.getsource(tutorial.Dense.backward))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** After one forward, its backward is called twice with the same `d_out`. Is `d_x` the same?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_twice = mo.ui.radio(["yes", "no"])
    guess_twice
    return (guess_twice,)


@app.cell(hide_code=True)
def _(Board, guess_twice, np, paragraph, predicted, row, scratch, tutorial):
    _x, _dy, _weight = np.array([1.0, 2, -1]), np.array([1.0, -1]), np.array([[1.0, 0], [2, -1], [0, 3]])
    _theirs = tutorial.Dense(3, 2)
    _theirs.weights = _weight.copy()
    _theirs.forward(_x)
    _first, _second = (_theirs.backward(_dy, learning_rate=0.5) for _ in range(2))
    _ours = scratch.Linear(3, 2, dtype=np.float64)
    _ours.load_state_dict({"weight": _weight.T, "bias": np.zeros(2)})
    for _call in (1, 2):  # a forward for each backward
        _ours(_x)
        assert np.array_equal(_ours.backward(_dy), _first)
        assert np.array_equal(_ours.weight.grad, _call * np.outer(_dy, _x))
    assert np.array_equal(_ours.weight.data, _weight.T)
    predicted(
        guess_twice,
        "yes" if np.array_equal(_first, _second) else "no",
        row(
            "The first d_x is 1, 3, -3; the second one differs, since the weights have changed between the two calls.",
            Board("first d_x", _first[None]),
            Board("second d_x", _second[None]),
        )
        + paragraph(
            "The second one has gone back through weights that never went forward. Who writes the last lines of that "
            "`backward` in another order gets it at once. And the gradient is gone: it cannot be looked at, checked by "
            "finite differences, summed over pictures, made shorter, or given to Adam. Here backward adds it into "
            "`.grad`, the weights stay as they are, and only the optimiser changes them."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** A convolution looks at colour pictures (3 channels) with 8 filters of 5 x 5, and has a bias. How
    many parameters does it have?
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
def _(exercises, folded, paragraph, scratch):
    _k, _C, _O = exercises.SIZE, exercises.CHANNELS, exercises.FILTERS
    _count = scratch.summary(scratch.Conv2d(_C, _O, _k), (_C, 32, 32)).parameters
    folded("A solution (try for yourself first)", paragraph(f"{_O} · ({_C} · {_k} · {_k} + 1) = {_count}"))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. Cross entropy** of one sample, also for logits such as 1000 and -1000. `logits` has one axis, `label` is an
    index.
    """)
    return


@app.cell
def _():
    def my_loss(logits, label):
        return None  # a number

    return (my_loss,)


@app.cell(hide_code=True)
def _(exercises, my_loss):
    exercises.loss(my_loss)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_loss)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. Its gradient** for N samples, whose loss is the mean of the N. `p` has the probabilities, N rows of them, and
    `labels` N indices.
    """)
    return


@app.cell
def _():
    def my_dlogits(p, labels):
        N = len(labels)
        return None  # an array shaped like p

    return (my_dlogits,)


@app.cell(hide_code=True)
def _(exercises, my_dlogits):
    exercises.dlogits(my_dlogits)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_dlogits)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. One epoch** without `fit`: learn from one picture after the other, in their order, and return the mean of the
    losses, each from before its step.
    """)
    return


@app.cell
def _():
    def my_epoch(model, criterion, optimizer, images, labels):
        for n in range(len(images)):
            x, label = images[n : n + 1], labels[n : n + 1]  # a batch of one
        return None  # a number

    return (my_epoch,)


@app.cell(hide_code=True)
def _(exercises, my_epoch):
    exercises.epoch(my_epoch)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_epoch)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - A filter is used at every place: few numbers to learn, whatever the size of the picture, but no less work.
    - Softmax and cross entropy belong together: their gradient is p, less 1 at the label.
    - A loss that stays at log(number of classes) says that nothing is learned. Look at the rate, the first weights,
      and what is left behind ReLU.
    - First weights are drawn so that no two filters are used alike.
    - Backward finds gradients, an optimiser changes weights. Keep the two apart.

    The code that you have used: `scratch/train.py`, `scratch/data.py`, `scratch/models.py`,
    `scratch/layers/class_loss.py` and `scratch/optim/sgd.py`. The lesson “To the framework” does the same in torch.
    """)
    return


if __name__ == "__main__":
    app.run()
