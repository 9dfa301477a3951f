import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="To the framework")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # To the framework

    The same model twice: in this library, whose backward is written by hand, and in torch, which finds it. First they
    are shown to be equal, then what torch adds is measured, and last where it does not do what one expects.

    After this lesson you can

    - carry weights from one to the other, and replace a model layer by layer;
    - say how equal two results must be, and why not bit for bit;
    - name what a framework adds, with numbers from your own machine, and four places where it surprises.

    You need the training of the lesson “A network learns to tell lines”. This lesson needs torch, too:
    `run.py` has brought it; elsewhere `pip install -c constraints.txt -e ".[lessons,torch]"` does. Every number is
    computed when the lesson runs, and every time is measured then, on this machine.
    """)
    return


@app.cell
def _():
    import inspect
    import tracemalloc

    import marimo as mo
    import numpy as np
    import torch
    from tabulate import tabulate

    import scratch
    from benchmarks.contenders import Ours, Torch
    from benchmarks.step import Step
    from benchmarks.timing import Budget, interleave
    from lessons.bars import bars
    from lessons.boards import Board, plain, row
    from lessons.exercises import framework as exercises
    from lessons.history import history
    from lessons.paths import paths
    from lessons.pieces import folded, paragraph, predicted, solution, source
    from parity_tests.harness.implementations import IMPLEMENTATIONS
    from parity_tests.harness.layerwise import judge_model
    from scratch.data import lines
    from scratch.interop import as_torch
    from scratch.models import framework_cnn
    from scratch.module import Parameter

    return (
        Board,
        Budget,
        IMPLEMENTATIONS,
        Ours,
        Parameter,
        Step,
        Torch,
        as_torch,
        bars,
        exercises,
        folded,
        framework_cnn,
        history,
        inspect,
        interleave,
        judge_model,
        lines,
        mo,
        np,
        paragraph,
        paths,
        plain,
        predicted,
        row,
        scratch,
        solution,
        source,
        tabulate,
        torch,
        tracemalloc,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The same model

    A model here is a function, whose argument is the framework:
    """)
    return


@app.cell(hide_code=True)
def _(framework_cnn, inspect, source):
    source(inspect.getsource(framework_cnn))
    return


@app.cell
def _(framework_cnn, scratch, torch):
    scratch.manual_seed(0)
    ours = framework_cnn(scratch)
    torch.manual_seed(0)
    theirs = framework_cnn(torch.nn)
    return ours, theirs


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** Both were given the seed 0. How many of their first weights are equal, bit for bit?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_seed = mo.ui.radio(["none", "those of the first layer", "all"])
    guess_seed
    return (guess_seed,)


@app.cell(hide_code=True)
def _(guess_seed, np, ours, paragraph, predicted, source, tabulate, theirs):
    _mine, _its = ours.state_dict(), theirs.state_dict()
    assert list(_mine) == list(_its)
    assert all(np.array_equal(_mine[name], _its[name].numpy()) for name in _mine)
    _rows = [(name, str(value.shape), value.size) for name, value in _mine.items()]
    predicted(
        guess_seed,
        "all",
        paragraph(
            f"All {sum(size for *_, size in _rows)}. The library has torch's generator, and draws in torch's order, "
            "from the same distribution: uniform, up to 1 / sqrt(fan_in). The names in a `state_dict` are the same:"
        )
        + source(tabulate(_rows, headers=("name", "shape", "numbers"))),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    So weights can be carried over, in both directions:
    """)
    return


@app.cell
def _(framework_cnn, np, ours, scratch, theirs, torch):
    to_torch = framework_cnn(torch.nn)
    to_torch.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    back = framework_cnn(scratch)
    back.load_state_dict(to_torch.state_dict())  # takes torch's tensors as they are
    for _a, _b in zip(back.parameters(), theirs.parameters(), strict=True):
        assert np.array_equal(_a.data, _b.detach())
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Autograd against our backward

    Forward and backward of both, 32 pictures of lines:
    """)
    return


@app.cell
def _(lines, np, ours, scratch, theirs, torch):
    images, labels = lines(32, np.random.RandomState(0))
    x = images.astype(np.float32)

    criterion = scratch.CrossEntropyLoss()
    criterion(ours(x), labels)
    ours.zero_grad()
    ours.backward(criterion.backward())

    theirs.zero_grad()
    torch.nn.CrossEntropyLoss()(theirs(torch.tensor(x)), torch.tensor(labels)).backward()

    pairs = list(zip(ours.parameters(), theirs.parameters(), strict=True))
    grads = [(a.grad, b.grad.numpy()) for a, b in pairs]
    apart = max(abs(a - b).max() for a, b in grads)
    largest = max(abs(b).max() for _, b in grads)
    return apart, images, labels, largest


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** How far apart are the two gradients at most, in float32?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_apart = mo.ui.radio(["not at all", "less than a millionth of the largest", "about a hundredth of it"])
    guess_apart
    return (guess_apart,)


@app.cell(hide_code=True)
def _(apart, guess_apart, largest, paragraph, predicted):
    assert apart < 1e-6 * largest
    predicted(
        guess_apart,
        "less than a millionth of the largest" if apart > 0 else "not at all",
        paragraph(
            f"By {apart:.1e}, where the largest number of a gradient is {largest:.1e}. Both compute the same formula, "
            "but add up in another order, and float32 rounds each sum to about 7 digits."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    How much may it be? A sum of n products, in whatever order, errs by no more than n roundings of the sum of their
    sizes. From such laws the referee of this library computes a bound for every number of every tensor, and compares
    ours, and torch's, with the result in float64. (If that is the precision, then torch is compared with itself.)
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    dtype = mo.ui.dropdown(["float32", "float64"], value="float32")
    dtype
    return (dtype,)


@app.cell(hide_code=True)
def _(IMPLEMENTATIONS, dtype, framework_cnn, images, judge_model, labels, paragraph, source, tabulate):
    _verdicts = judge_model(framework_cnn, IMPLEMENTATIONS["scratch"], images, labels, dtype.value)
    _found = [(each.layer.partition("(")[0], finding) for each in _verdicts for finding in each.findings]
    assert all(finding.ours.verdict.agrees for _, finding in _found)
    source(
        tabulate(
            [
                (
                    layer,
                    finding.tensor,
                    str(finding.ours.verdict),
                    f"{finding.ours.worst:.4f}",
                    f"{finding.torch.worst:.4f}",
                )
                for layer, finding in _found
            ],
            headers=("layer", "tensor", "ours is", "worst error", "torch's"),
            disable_numparse=True,
        )
    ) + paragraph(
        "Worst error: as a part of the bound of its number; 1 would just be allowed. “Exact” is the correctly rounded "
        "number: layers that only choose or copy must be exact."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## One layer at a time

    `as_torch` makes a layer from here one of torch's: autograd calls our backward. So a model can move layer by layer,
    and if a result changes, one knows where. Choose how many layers, from the first, are torch's already.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    moved = mo.ui.slider(0, 5, value=2)
    moved
    return (moved,)


@app.cell
def _(as_torch, framework_cnn, images, labels, np, ours, torch):
    def mixed_model(moved):
        torch.manual_seed(0)
        theirs = framework_cnn(torch.nn)
        layers = [theirs[n] if n < moved else as_torch(ours[n]) for n in range(5)]
        return torch.nn.Sequential(*layers).double()

    def losses(model):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        x, target = torch.tensor(images), torch.tensor(labels)
        found = []
        for _ in range(20):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), target)
            loss.backward()
            optimizer.step()
            found.append(loss.item())
        return np.array(found)

    all_torch = losses(mixed_model(5))
    return all_torch, losses, mixed_model


@app.cell(hide_code=True)
def _(all_torch, history, losses, mixed_model, moved, paragraph, source):
    _mixed = mixed_model(moved.value)
    _shown = source(repr(_mixed))
    _losses = losses(_mixed)
    _apart = abs(_losses - all_torch).max()
    assert _apart < 1e-12
    (
        _shown
        + history(
            f"The loss over 20 steps of Adam, of the model whose first {moved.value} layers are torch's, and of torch "
            "alone: the curves lie on each other.",
            {"all of torch": all_torch, "this one": _losses},
            "step",
        )
        + paragraph(
            f"`FromScratch` is a layer of ours. The losses of 20 steps differ from those of torch alone by at most "
            f"{_apart:.0e}, in float64."
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    What works with torch's layers works with ours then: its optimisers, as you have just seen, and its check of
    gradients by finite differences.
    """)
    return


@app.cell
def _(as_torch, scratch, torch):
    layer = as_torch(scratch.Conv2d(2, 3, 3, stride=2, padding=1)).double()
    torch.manual_seed(0)
    noise = torch.randn(2, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, noise)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What a framework adds

    Five words are often said: speed, batching, gradients, optimisers, memory. Here is each, measured.

    **Speed and batching.** A whole step of training, with one picture and with 32 at once; in loops, in NumPy, and in
    torch.
    """)
    return


@app.cell
def _(Budget, IMPLEMENTATIONS, Ours, Step, Torch, interleave, np):
    def measured(batch, who):
        trial = Step("framework_cnn", batch).draw()
        arms = {name: trial.arm(each) for name, each in who.items()}
        few = Budget(seconds=0.02, least=3, most=3, few=1, block=0.002)
        rounds = interleave(arms, "step", few, slow=["loops"])
        return {name: float(np.median(each)) for name, each in rounds.items()}

    both = {"scratch": Ours(IMPLEMENTATIONS["scratch"]), "torch": Torch()}
    one = measured(1, {"loops": Ours(IMPLEMENTATIONS["scratch.naive"]), **both})
    many = measured(32, both)
    return many, one


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A step with one picture takes our NumPy layers some time. How much do they take with 32?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_batch = mo.ui.radio(["about 32 times as much", "less than half of that", "more than 32 times as much"])
    guess_batch
    return (guess_batch,)


@app.cell(hide_code=True)
def _(bars, guess_batch, many, one, paragraph, predicted):
    _times = many["scratch"] / one["scratch"]
    _truth = ["less than half of that", "about 32 times as much", "more than 32 times as much"]
    predicted(
        guess_batch,
        _truth[(_times > 16) + (_times > 40)],
        bars(
            "Time per picture of a step of training, for one picture and for 32 at once, with this library and torch.",
            {
                "scratch, 1 picture": one["scratch"],
                "torch, 1 picture": one["torch"],
                "scratch, 32 at once": many["scratch"] / 32,
                "torch, 32 at once": many["torch"] / 32,
            },
            lambda seconds: f"{1e6 * seconds:.0f} µs",
        )
        + paragraph(
            f"{_times:.1f} times as much, when this was measured. A call of a layer costs its time whether there is "
            "little or much to do, and large products run at another speed than small ones. The bars are times per "
            f"picture. Loops in Python, with the same arithmetic, take {1e6 * one['loops']:,.0f} µs for one picture: "
            f"{one['loops'] / one['scratch']:.0f} times as long as NumPy. That is most of what “speed” means, and the "
            "rest is a matter of the layer: “From loops to GEMM” measures it."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Nothing is lost by it: the gradient of a batch is the mean of its pictures' gradients.
    """)
    return


@app.cell
def _(framework_cnn, images, labels, np, scratch):
    scratch.manual_seed(0)
    batched = framework_cnn(scratch).to(np.float64)
    loss_of = scratch.CrossEntropyLoss()

    def gradient(x, target):
        loss_of(batched(x), target)
        batched.zero_grad()
        batched.backward(loss_of.backward())
        return batched[0].weight.grad

    alone = [gradient(images[n : n + 1], labels[n : n + 1]) for n in range(32)]
    assert np.allclose(np.mean(alone, axis=0), gradient(images, labels), rtol=0, atol=1e-13)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Gradients.** Here is an activation that has no layer in this library, Mish. In torch it is a line, and its
    gradient is there. By hand it is the product rule, the chain rule, and a test.
    """)
    return


@app.cell
def _(np, torch):
    points = torch.linspace(-3, 3, 7, dtype=torch.float64, requires_grad=True)
    mish = points * torch.tanh(torch.nn.functional.softplus(points))
    mish.sum().backward()

    p = points.detach().numpy()
    t, sigmoid = np.tanh(np.log1p(np.exp(p))), 1 / (1 + np.exp(-p))
    assert np.allclose(points.grad, t + p * (1 - t**2) * sigmoid, rtol=1e-12)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Optimisers.** A valley that is ten times as steep upwards as sideways, and 30 steps from the left. Choose the
    optimiser, and how its learning rate changes.
    """)
    return


@app.cell
def _():
    optimisers = {
        "Adam": ("Adam", {"lr": 0.3}),
        "AdamW": ("AdamW", {"lr": 0.3, "weight_decay": 0.1}),
        "RMSprop": ("RMSprop", {"lr": 0.1}),
        "SGD": ("SGD", {"lr": 0.18}),
        "SGD with momentum": ("SGD", {"lr": 0.03, "momentum": 0.9}),
        "SGD with Nesterov momentum": ("SGD", {"lr": 0.03, "momentum": 0.9, "nesterov": True}),
    }
    schedules = {
        "none": None,
        "StepLR": {"step_size": 10, "gamma": 0.3},
        "LinearLR": {"start_factor": 0.1, "total_iters": 15},
        "CosineAnnealingLR": {"T_max": 30},
    }

    def way(optim, parameter, set_grad, value, optimiser, schedule):
        name, options = optimisers[optimiser]
        stepper = getattr(optim, name)([parameter], **options)
        rates = None
        if schedule != "none":
            rates = getattr(optim.lr_scheduler, schedule)(stepper, **schedules[schedule])
        points = [value()]
        for _ in range(30):
            set_grad(points[-1] * (1, 10))  # of (a**2 + 10 * b**2) / 2
            stepper.step()
            if rates is not None:
                rates.step()
            points.append(value())
        return points

    return optimisers, schedules, way


@app.cell(hide_code=True)
def _(mo, optimisers):
    optimiser = mo.ui.dropdown(list(optimisers), value="SGD with momentum")
    optimiser
    return (optimiser,)


@app.cell(hide_code=True)
def _(mo, schedules):
    schedule = mo.ui.dropdown(list(schedules), value="none")
    schedule
    return (schedule,)


@app.cell(hide_code=True)
def _(Parameter, np, optimiser, paragraph, paths, schedule, scratch, torch, way):
    _start = np.array([-4.0, 0.9])
    _mine, _its = Parameter(_start.copy()), torch.nn.Parameter(torch.tensor(_start))

    def _set_mine(g):
        _mine.grad = g

    def _set_its(g):
        _its.grad = torch.tensor(g)

    _choice = (optimiser.value, schedule.value)
    _ours = np.array(way(scratch.optim, _mine, _set_mine, _mine.data.copy, *_choice))
    _theirs = np.array(way(torch.optim, _its, _set_its, lambda: _its.detach().numpy().copy(), *_choice))
    _apart = abs(_ours - _theirs).max()
    assert _apart < 1e-12
    paths(
        f"30 steps of {optimiser.value} down a valley: torch's dots lie on the line of this library.",
        10.0,
        _ours,
        _theirs,
        ("scratch.optim", "torch.optim"),
    ) + paragraph(
        f"After 30 steps of {optimiser.value}, schedule {schedule.value}: a = {_ours[-1, 0]:.3f}, "
        f"b = {_ours[-1, 1]:.3f}; the bottom is at 0, 0. On the whole way ours and torch's are at most {_apart:.0e} "
        "apart."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Memory.** Backward needs what forward saw: the pictures, what came out of ReLU, which pixel was the largest. It
    must be kept meanwhile. torch tells what its graph keeps; of ours Python counts it.
    """)
    return


@app.cell
def _(framework_cnn, np, scratch, torch, tracemalloc):
    def kept_by_torch(batch, model):
        own = {p.untyped_storage().data_ptr() for p in model.parameters()}
        kept = {}

        def keep(tensor):
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in own:
                kept[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            y = model(torch.zeros(batch, 1, 8, 8))
        return sum(kept.values())

    def kept_by_ours(batch):
        model = framework_cnn(scratch)
        model(np.zeros((1, 1, 8, 8), np.float32))  # what is made once is made now
        x = np.zeros((batch, 1, 8, 8), np.float32)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        y = model(x)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return max(after - before, 0)

    return kept_by_ours, kept_by_torch


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A batch of 64 in place of 1 picture. How much more does torch keep between forward and backward, apart
    from the weights?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_memory = mo.ui.radio(["nothing more", "8 times as much", "64 times as much"])
    guess_memory
    return (guess_memory,)


@app.cell(hide_code=True)
def _(guess_memory, kept_by_torch, paragraph, predicted, theirs, torch):
    _one, _many = kept_by_torch(1, theirs), kept_by_torch(64, theirs)
    with torch.no_grad():
        assert kept_by_torch(64, theirs) == 0
    assert _many == 64 * _one
    predicted(
        guess_memory,
        "64 times as much",
        paragraph(
            f"{_one:,} bytes for one picture, {_many:,} for 64. This, and not the weights, is what fills a GPU in "
            "training. Within `torch.no_grad()` nothing is kept: who only wants answers should say so."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Choose the size of the batch.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    batch = mo.ui.slider(1, 256, value=64, full_width=True)
    batch
    return (batch,)


@app.cell(hide_code=True)
def _(bars, batch, kept_by_ours, kept_by_torch, paragraph, theirs):
    bars(
        f"Bytes that are kept between forward and backward of {batch.value} pictures, by this library and by torch, "
        "beside the bytes of the weights.",
        {
            "scratch": kept_by_ours(batch.value),
            "torch": kept_by_torch(batch.value, theirs),
            "the weights": sum(each.nbytes for each in theirs.parameters()),
        },
        lambda number: f"{number / 1024:,.1f} KiB",
    ) + paragraph(
        "Ours is all that NumPy has been given and has not returned, measured from outside; that includes the room "
        "that the layers keep to use it again. Of torch only what its graph holds is counted."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Where torch surprises

    Who writes layers of their own and compares them with torch meets rules that no formula tells. The library follows
    them, and here are four. **Predict** each, then look.

    **The last window.** A max pool of windows of 2, stride 4, over 4 pixels. Rounded down (4 - 2) / 4 + 1 is 1, rounded
    up 2. With `ceil_mode=True`, how many windows are there?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_ceil = mo.ui.radio(["1", "2"])
    guess_ceil
    return (guess_ceil,)


@app.cell(hide_code=True)
def _(Board, guess_ceil, np, paragraph, predicted, row, scratch, torch):
    def _pooled(nn, x):
        return nn.MaxPool2d((1, 2), stride=(1, 4), ceil_mode=True)(x)

    def _counts(n):
        x = np.arange(1.0, n + 1)[None, None]
        ours, theirs = _pooled(scratch, x), _pooled(torch.nn, torch.tensor(x)).numpy()
        assert np.array_equal(ours, theirs)
        return ours[0]

    _four, _five = _counts(4), _counts(5)
    predicted(
        guess_ceil,
        str(_four.size),
        row(
            "Four pixels have one window, five pixels have two; the second begins at the fifth pixel.",
            Board("4 pixels", np.arange(1, 5)[None]),
            "→",
            Board("y", _four),
            Board("5 pixels", np.arange(1, 6)[None]),
            "→",
            Board("y", _five),
        )
        + paragraph(
            "A window may hang over the edge, but it must begin inside the picture. Over 4 pixels the second one would "
            "begin behind the last, so it is taken away again; over 5 it may stay, with one pixel."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **What BatchNorm remembers.** A channel has the four numbers 1, 2, 3, 6. Their mean is 3, the mean of their squared
    distances from it is 3.5. The layer is new, so `running_var` is 1, and its momentum is 0.1. What is `running_var`
    after this batch?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_norm = mo.ui.radio(["1.25", "1.367", "3.25"])
    guess_norm
    return (guess_norm,)


@app.cell(hide_code=True)
def _(guess_norm, np, paragraph, plain, predicted, scratch, torch):
    _x = np.array([1.0, 2, 3, 6]).reshape(4, 1, 1, 1)
    _theirs = torch.nn.BatchNorm2d(1, dtype=torch.float64)
    _theirs(torch.tensor(_x))
    _ours = scratch.BatchNorm2d(1, dtype=np.float64)
    _ours(_x)
    assert np.isclose(_ours.state_dict()["running_var"], _theirs.running_var.numpy(), rtol=1e-15)
    assert np.isclose(_x.var(), 3.5)
    assert np.isclose(_theirs.running_var.item(), 0.9 * 1 + 0.1 * _x.var(ddof=1))
    predicted(
        guess_norm,
        plain(_theirs.running_var.item()),
        paragraph(
            "Two surprises. Momentum is the part of the new here: 0.9 · 1 + 0.1 · v. And v is "
            f"{plain(_x.var(ddof=1))}, 14 / 3: what is kept is divided by N - 1. What the batch itself is normalised "
            "with is 14 / 4, divided by N."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **What SGD calls momentum.** Rate 0.1, momentum 0.9, and the gradient is always 1. How long is the 50th step?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_step = mo.ui.radio(["0.1", "about 0.5", "about 1"])
    guess_step
    return (guess_step,)


@app.cell(hide_code=True)
def _(guess_step, history, np, paragraph, predicted, torch):
    _theta = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    _optimizer = torch.optim.SGD([_theta], lr=0.1, momentum=0.9)
    _places = [0.0]
    for _ in range(50):
        _theta.grad = torch.ones(1, dtype=torch.float64)
        _optimizer.step()
        _places.append(_theta.item())
    _steps = -np.diff(_places)
    assert np.isclose(_steps[0], 0.1)
    assert 0.99 < _steps[-1] < 1
    predicted(
        guess_step,
        "about 1",
        history(
            "The length of 50 steps: it begins at 0.1 and grows towards 1.",
            {"length": _steps, "0.1": [0.1] * 50},
            "step",
        )
        + paragraph(
            f"It is {_steps[-1]:.3f}. Momentum is the part of the old here, and the new is not damped: b = 0.9 b + g "
            "goes to 10 g. So with momentum 0.9 the rate is ten times as large as it looks. (Adam's means are damped.)"
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Softmax before the loss.** Somebody ends a network of two classes with `Softmax`, and trains it with
    `CrossEntropyLoss`. The network is quite sure, and right: it gives 1 and 0. What is the loss?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_softmax = mo.ui.radio(["0", "0.313", "0.693"])
    guess_softmax
    return (guess_softmax,)


@app.cell(hide_code=True)
def _(guess_softmax, np, paragraph, plain, predicted, torch):
    _sure = torch.nn.CrossEntropyLoss()(torch.tensor([[1.0, 0.0]]), torch.tensor([0])).item()
    _p = np.exp(-_sure)
    assert np.isclose(_p, 1 / (1 + np.exp(-1)))
    predicted(
        guess_softmax,
        plain(_sure),
        paragraph(
            f"The loss takes logits, and does softmax itself; of 1 and 0 it makes {_p:.2f} and {1 - _p:.2f}. It can "
            f"never fall below {plain(_sure)}, and its gradients are small. Nothing complains. (Keras takes "
            "probabilities, unless told `from_logits=True`.)"
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** Adam, at step t = 1, 2, ..., with m and v 0 at first:

        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        theta = theta - lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)

    theta is 1, its gradient g is -50; lr is 0.001, beta1 0.9, beta2 0.999, and eps too small to count. What is theta
    after the first step?
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
def _(exercises, folded, paragraph, plain, scratch):
    _after = exercises.after_a_step(scratch.optim.Adam, exercises.GRADIENT)
    folded(
        "A solution (try for yourself first)",
        paragraph(
            "m = 0.1 g, corrected g. v = 0.001 g², corrected g². So the quotient is g / |g| = −1, and "
            f"theta = 1 + 0.001 = {plain(_after)}."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. SGD with momentum** as torch has it: theta after a step for each row of `gradients`. The first direction is the
    first gradient.
    """)
    return


@app.cell
def _():
    def my_momentum(theta, gradients, lr, momentum):
        return None  # an array shaped like theta

    return (my_momentum,)


@app.cell(hide_code=True)
def _(exercises, my_momentum):
    exercises.momentum(my_momentum)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_momentum)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. What BatchNorm remembers,** for C channels. `mean` and `var` are what it has kept so far, `x` is the batch, of
    shape (N, C). Return both new ones as an array of shape (2, C).
    """)
    return


@app.cell
def _():
    def my_running(mean, var, x, momentum):
        return None  # np.array([new mean, new variance])

    return (my_running,)


@app.cell(hide_code=True)
def _(exercises, my_running):
    exercises.running(my_running)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_running)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. Weights from Keras.** There a picture is (H, W, C), and so `Flatten` gives its numbers in that order; a dense
    weight has the shape (H * W * C, out). In torch a picture is (C, H, W), and the weight of a `Linear` behind a
    `Flatten` is (out, C * H * W). Turn the one into the other.
    """)
    return


@app.cell
def _():
    def my_dense(weight, C, H, W):
        out = weight.shape[1]
        return None  # an array of (out, C * H * W)

    return (my_dense,)


@app.cell(hide_code=True)
def _(exercises, my_dense):
    exercises.dense(my_dense)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_dense)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - Same names, same shapes, same seed: a model moves by changing an argument, its weights by `load_state_dict`.
    - Two right results differ by rounding. How much that may be is a law of the formula, and no guess.
    - Exchange one layer at a time, and test with random gradients: then a difference has an address.
    - A framework adds gradients that nobody has to write, and kernels. Batches make everything faster, and memory pays.
    - Read what an argument means. Momentum is the part of the old in SGD, and of the new in BatchNorm.

    The code that you have used: `scratch/interop.py`, `scratch/models.py`, `scratch/optim`,
    `parity_tests/harness/layerwise.py` and `benchmarks/step.py`. `python3 run.py compare yours.py:build` compares a
    model of your own with torch's, layer by layer.
    """)
    return


if __name__ == "__main__":
    app.run()
