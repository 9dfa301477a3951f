import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Fourier: pictures as waves")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # Fourier: pictures as waves

    A picture is a sum of waves, slow ones and fast ones. Once it is taken apart into them, a mask takes out its edges
    or its blur, and a convolution becomes one multiplication for each wave.

    After this lesson you can

    - read a spectrum: say which cell is which wave, and what is lost without it;
    - compute a convolution as a product of spectra, and say when that is the faster way;
    - find out by comparing that a result is shifted, by how much and why, and mend it.

    You need convolution (the lesson “Sliding a kernel”), and that exp(i t) = cos t + i sin t. Every number here is
    computed by the library itself; times are measured on your machine, while the lesson runs.
    """)
    return


@app.cell
def _():
    import inspect
    import math
    from functools import partial

    import marimo as mo
    import numpy as np

    from lessons.boards import Board, plain, row, sum_of_products
    from lessons.clock import seconds
    from lessons.curves import loglog
    from lessons.exercises import fourier as exercises
    from lessons.pictures import Shot, pictures
    from lessons.pieces import folded, paragraph, predicted, solution, source, without_types
    from parity_tests.fourier.tutorial import tutorial_convolve
    from parity_tests.harness.inputs import real_images
    from scratch import images
    from scratch.images.fourier import convolution, dft, fft, spectrum
    from scratch.images.gallery import draw
    from scratch.images.kernels import KERNELS

    return (
        Board,
        KERNELS,
        Shot,
        convolution,
        dft,
        draw,
        exercises,
        fft,
        folded,
        images,
        inspect,
        loglog,
        math,
        mo,
        np,
        paragraph,
        partial,
        pictures,
        plain,
        predicted,
        real_images,
        row,
        seconds,
        solution,
        source,
        spectrum,
        sum_of_products,
        tutorial_convolve,
        without_types,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A sum of waves

    Wave (k, l) goes through k periods from the top of a picture to its bottom, and through l from left to right. The
    spectrum of a picture has one cell for each wave. The slowest, (0, 0), which does not wave at all, stands in the
    middle; l grows to the right and k downwards.

    **Predict.** A wave is laid on grey: `128 + 50 * wave`. How many cells of the spectrum of that are not 0?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_cells = mo.ui.radio(["1", "2", "3", "all of them"])
    guess_cells
    return (guess_cells,)


@app.cell(hide_code=True)
def _(dft, guess_cells, np, paragraph, predicted):
    _X = dft.dft2d(128 + 50 * dft.wave(3, 5, (24, 32)).real)
    _cells = [tuple(map(int, at)) for at in np.argwhere(abs(_X) > 1e-6)]
    assert _cells == [(0, 0), (3, 5), (24 - 3, 32 - 5)]  # numpy.fft's order: the second half is negative
    predicted(
        guess_cells,
        str(len(_cells)),
        paragraph(
            "The middle holds the grey. The wave is in two cells, (k, l) and (−k, −l): cos t is half of exp(i t) and "
            "half of exp(−i t), two turns in opposite directions, whose imaginary parts cancel. So the spectrum of "
            "real numbers looks the same when it is turned by 180 degrees."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Choose k and l of a second wave. It is added to wave (1, 1), and to grey.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    wave_k = mo.ui.slider(-8, 8, value=3)
    wave_k
    return (wave_k,)


@app.cell(hide_code=True)
def _(mo):
    wave_l = mo.ui.slider(0, 12, value=5)
    wave_l
    return (wave_l,)


@app.cell(hide_code=True)
def _(Shot, dft, draw, pictures, plain, spectrum, wave_k, wave_l):
    def large(array):
        """Each cell as 6x6 pixels."""
        return array.repeat(6, axis=0).repeat(6, axis=1)

    _first, _second = (50 * dft.wave(*_kl, (24, 32)).real for _kl in ((1, 1), (wave_k.value, wave_l.value)))
    _name = f"wave ({plain(wave_k.value)}, {wave_l.value})"
    _sum = 128 + _first + _second
    _spectrum = spectrum.spectrum(_sum)
    pictures(
        Shot(draw.signed(large(_first), 60), "wave (1, 1)", "Bright and dark stripes, one period down and one across"),
        Shot(draw.signed(large(_second), 60), _name, "Stripes of the chosen wave"),
        Shot(draw.greys(large(_sum), 28, 228), "grey + both", "The sum: both patterns over each other"),
        Shot(
            draw.waves(large(_spectrum), 0, _spectrum.max()), "its spectrum", "Bright cells in a dark field, in pairs"
        ),
        width=165,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Measure a wave

    How much of a wave does a picture hold? Multiply the two cell by cell, and add up:

        X[k, l] = sum over h, w of  x[h, w] * exp(-2 pi i (k h / H + l w / W))

    This is the **discrete Fourier transform**. A row of four numbers is enough to see it, for there all waves consist
    of 0, 1 and −1. Move through its four waves.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    which_wave = mo.ui.slider(0, 3, value=1)
    which_wave
    return (which_wave,)


@app.cell(hide_code=True)
def _(Board, dft, np, paragraph, row, sum_of_products, which_wave):
    four = np.array([[3.0, 1, 0, 2]])
    _l = which_wave.value
    _wave = dft.wave(0, -_l, (1, 4)).round(9) + 0
    _X = dft.dft2d(four)[0, _l]
    assert np.isclose(np.sum(four * _wave), _X)
    (
        row(
            f"The four numbers, and the cosine and the sine of wave {_l}.",
            Board("x", four),
            "×",
            Board("real part", _wave.real),
            Board("imaginary part", _wave.imag),
        )
        + paragraph(f"X[{_l}]:  real part {sum_of_products(four, _wave.real)}")
        + paragraph(f"imaginary part {sum_of_products(four, _wave.imag)}")
    )
    return (four,)


@app.cell(hide_code=True)
def _(dft, folded, four, inspect, np, source):
    assert np.allclose(dft.inverse_dft2d(dft.dft2d(four)), four)
    folded(
        "By its definition, and back: the sum of all waves, over their number",
        source(inspect.getsource(dft.dft2d)) + source(inspect.getsource(dft.inverse_dft2d)),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A photograph

    A complex number is a size and an angle. The sizes are the **spectrum**, how strong each wave is; shown is `log(1 +
    size)`, or the middle would outshine all else. The angles are the **phase**, which says where each wave has its
    crests. Together they are all of the picture.
    """)
    return


@app.cell
def _(images, np, real_images):
    camera = real_images()["camera"].astype(np.float64)
    astronaut = images.grayscale(real_images()["astronaut"]).astype(np.float64)
    return astronaut, camera


@app.cell(hide_code=True)
def _(Shot, camera, draw, math, pictures, spectrum):
    _back = spectrum.from_spectrum(spectrum.spectrum(camera), spectrum.phase(camera))
    _error = abs(_back - camera).max()
    assert _error < 1e-9
    pictures(
        Shot(draw.plain(camera), "camera (Lav Varshney, CC0)", "A man behind a camera on a tripod, grey"),
        Shot(
            draw.waves(spectrum.spectrum(camera), 4, 13),
            "its spectrum",
            "Bright in the middle, darker outwards, with a cross",
        ),
        Shot(
            draw.signed(spectrum.phase(camera), math.pi),
            "its phase",
            "Noise of blue and orange, without any form to be seen",
        ),
        Shot(draw.plain(_back), f"made of both; largest error {_error:.0e}", "The same photograph again"),
        width=165,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A picture is made of the spectrum of the camera man and the phase of an astronaut. Whom does one see?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_phase = mo.ui.radio(["the camera man", "the astronaut", "both, one over the other"])
    guess_phase
    return (guess_phase,)


@app.cell(hide_code=True)
def _(
    KERNELS,
    Shot,
    astronaut,
    camera,
    draw,
    guess_phase,
    images,
    np,
    paragraph,
    pictures,
    plain,
    predicted,
    spectrum,
):
    _swapped = spectrum.from_spectrum(spectrum.spectrum(camera), spectrum.phase(astronaut))
    _other = spectrum.from_spectrum(spectrum.spectrum(astronaut), spectrum.phase(camera))

    def edges_alike(name, picture):
        """How edges of the mixed picture and of another one correlate."""
        found, wanted = (images.correlate2d(each, KERNELS["laplacian"]).ravel() for each in (_swapped, picture))
        return {name: np.corrcoef(found, wanted)[0, 1]}

    _alike = edges_alike("the camera man", camera) | edges_alike("the astronaut", astronaut)
    predicted(
        guess_phase,
        max(_alike, key=_alike.get),
        pictures(
            Shot(draw.plain(astronaut), "astronaut (NASA)", "Portrait of an astronaut, grey"),
            Shot(draw.plain(_swapped), "spectrum: camera, phase: astronaut", "The astronaut, under noise"),
            Shot(draw.plain(_other), "spectrum: astronaut, phase: camera", "The camera man, under noise"),
            width=200,
        )
        + paragraph(
            "An edge is a place where the crests of many waves meet, so it is the phase that knows where edges are. "
            "Those of the first mixed picture correlate with those of "
            + ", of ".join(f"{name} by {plain(round(r, 2))}" for name, r in _alike.items())
            + "."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Brushing

    Set some cells of the spectrum to 0, go back, and those waves are gone. Keep a disc around the middle: a **low
    pass**. Keep all but the disc: a **high pass**. Keep a ring between two radii: a **band**.

    Move both radii, in cells of the spectrum, which are periods in the picture.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    radius_1 = mo.ui.slider(0, 75, value=6)
    radius_1
    return (radius_1,)


@app.cell(hide_code=True)
def _(mo):
    radius_2 = mo.ui.slider(0, 75, value=20)
    radius_2
    return (radius_2,)


@app.cell(hide_code=True)
def _(
    Shot,
    camera,
    draw,
    np,
    paragraph,
    pictures,
    radius_1,
    radius_2,
    spectrum,
):
    _inner, _outer = sorted((radius_1.value, radius_2.value))
    _low, _high = spectrum.low_pass(camera, _inner), spectrum.high_pass(camera, _outer)
    _band = spectrum.low_pass(camera, _outer) - _low
    assert np.allclose(_low + _band + _high, camera)
    _shares = [part.var() / camera.var() for part in (_low, _band, _high)]
    assert np.isclose(sum(_shares), 1)
    _ring = spectrum.low_frequencies(camera.shape, _outer) & ~spectrum.low_frequencies(camera.shape, _inner)
    _spectrum = spectrum.spectrum(camera) * np.where(_ring, 1, 0.6)
    pictures(
        Shot(
            draw.plain(_low), f"low pass, up to {_inner}: {_shares[0]:.0%} of the contrast", "The photograph, blurred"
        ),
        Shot(draw.signed(_band, 60), f"band, {_inner} to {_outer}: {_shares[1]:.0%}", "What lies between both radii"),
        Shot(draw.signed(_high, 60), f"high pass, above {_outer}: {_shares[2]:.0%}", "Fine edges, in both signs"),
        Shot(draw.waves(_spectrum, 4, 13), "the band, bright", "The spectrum, with a brighter ring"),
        width=165,
    ) + paragraph(
        f"The low pass has {spectrum.low_frequencies(camera.shape, _inner).mean():.1%} of the waves, and "
        f"{_shares[0]:.0%} of the contrast (the variance)."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The three add up to the photograph, exactly. Neighbouring pixels are mostly alike, so slow waves are by far the
    strongest; compression lives on that. Beside strong edges the low pass leaves ripples: the price of a mask that
    ends abruptly.

    A mask may have any form. Here lie stripes over the photograph, one wave that does not belong there.

    **Predict.** *One* of the two cells of the stripes is set to 0. What becomes of the stripes?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_stripes = mo.ui.radio(["they vanish", "they become half as strong", "they stay as they are"])
    guess_stripes
    return (guess_stripes,)


@app.cell(hide_code=True)
def _(camera, dft, guess_stripes, np, paragraph, plain, predicted, spectrum):
    striped = camera + 60 * dft.wave(3, 2, camera.shape).real
    _X = spectrum.centred_transform(striped)
    _whole = abs(_X[48, 62])
    _X[48, 62] = 0
    _left = abs(spectrum.centred_transform(spectrum.image_of(_X))[48, 62]) / _whole
    assert np.isclose(_left, 0.5)
    predicted(
        guess_stripes,
        "they become half as strong",
        paragraph(
            f"The picture that goes back is no longer real; in its real part the other cell still makes {plain(_left)} "
            "of the stripes. Set cell (−3, −2) to 0 as well, the mirror image through the middle, and they are gone. "
            "The masks of the library keep both or neither."
        ),
    )
    return (striped,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Take it from here: the mask can be changed. Beside it is the middle of the spectrum: how strong each wave is, in
    grey levels.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mask_rows = mo.ui.matrix(
        [[0 if (k, l) == (3, 2) else 1 for l in range(-3, 4)] for k in range(-3, 4)], min_value=0, max_value=1, step=1
    )
    mask_rows
    return (mask_rows,)


@app.cell(hide_code=True)
def _(
    Board,
    Shot,
    camera,
    draw,
    mask_rows,
    np,
    pictures,
    row,
    spectrum,
    striped,
):
    _middle = np.s_[45 - 3 : 45 + 4, 60 - 3 : 60 + 4]
    _X = spectrum.centred_transform(striped)
    _mask = np.ones(camera.shape)
    _mask[_middle] = mask_rows.value
    brushed = spectrum.image_of(_X * _mask)
    row(
        "The middle of the spectrum. Away from the centre two cells are bright, (3, 2) and (−3, −2).",
        Board("how strong, in grey levels", abs(_X[_middle] / _X.size).round()),
        "×",
        Board("mask", _mask[_middle]),
    ) + pictures(
        Shot(draw.plain(striped), "striped", "The photograph, under slanted dark stripes"),
        Shot(draw.plain(brushed), "after the mask", "The photograph, with what the mask has left of the stripes"),
        width=240,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## The same sum, fast

    By the definition every wave meets every pixel. The **fast Fourier transform** uses that the sum over all cells is
    one over the even and one over the odd ones, which are transforms of half the length:

        X[k]       = E[k] + exp(-2 pi i k / n) * O[k]
        X[k + n/2] = E[k] - exp(-2 pi i k / n) * O[k]

    E and O are again made of halves, down to single numbers: log2(n) times n steps in place of n times n.

    **Predict.** For a picture of 32 x 32, n = 1024 cells, that is how many times fewer steps?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_steps = mo.ui.radio(["about 10", "about 100", "about 1000"])
    guess_steps
    return (guess_steps,)


@app.cell(hide_code=True)
def _(
    dft,
    fft,
    folded,
    guess_steps,
    inspect,
    loglog,
    math,
    np,
    paragraph,
    partial,
    predicted,
    seconds,
    source,
):
    _n = 32 * 32
    _times = _n**2 / (_n * math.log2(_n))
    _sides = np.array([4, 8, 16, 32])
    _pictures = [np.random.default_rng(0).standard_normal((side, side)) for side in _sides]
    _took = [
        seconds(
            {"definition": partial(dft.dft2d, x), "radix 2": partial(fft.fft2d, x), "NumPy": partial(np.fft.fft2, x)}
        )
        for x in _pictures
    ]
    assert np.allclose(dft.dft2d(_pictures[2]), fft.fft2d(_pictures[2]))
    predicted(
        guess_steps,
        min(guess_steps.options, key=lambda words: abs(math.log(_times / int(words.split()[1])))),
        loglog(
            "The time of the definition and of the fast transform over the side of the picture, logarithmic; the first "
            "rises far more steeply.",
            _sides,
            {name: [each[name] for each in _took] for name in ("definition", "radix 2")},
            "side of the picture",
            "seconds",
        )
        + paragraph(
            f"1024 · 1024 steps against 1024 · 10: {_times:.0f} times. On your machine, 32 x 32: by definition "
            f"{1e3 * _took[-1]['definition']:.1f} ms, radix 2 in NumPy {1e3 * _took[-1]['radix 2']:.2f} ms, numpy.fft, "
            f"which is compiled, {1e3 * _took[-1]['NumPy']:.3f} ms."
        )
        + folded("The fast one, all transforms of one length at a time", source(inspect.getsource(fft.fft))),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Convolution is a product

    A kernel changes each wave in its strength and in its phase, and makes no other wave of it. So in Fourier space a
    convolution is one multiplication for each wave:

        Y[k, l] = K[k, l] * X[k, l]

    But waves have no edge. The transform takes the picture as one tile of an endless wall of equal tiles.

    **Predict.** A bright pixel at the right edge, and a kernel of 3 x 3. Where does the kernel's part beyond the edge
    go?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_edge = mo.ui.radio(["it is cut off", "it comes in on the left", "it is added to the last column"])
    guess_edge
    return (guess_edge,)


@app.cell(hide_code=True)
def _(mo):
    place = mo.ui.slider(0, 29, value=17)
    place
    return (place,)


@app.cell(hide_code=True)
def _(
    Board,
    convolution,
    guess_edge,
    images,
    np,
    paragraph,
    place,
    predicted,
    row,
):
    counting = np.arange(1.0, 10).reshape(3, 3)
    _i, _j = divmod(place.value, 6)
    _point = np.zeros((5, 6))
    _point[_i, _j] = 1
    _circular, _linear = convolution.circular_convolve(_point, counting).round(9), images.convolve2d(_point, counting)
    assert _circular.sum() == counting.sum() >= _linear.sum()
    predicted(
        guess_edge,
        "it comes in on the left",
        row(
            f"A bright pixel in row {_i}, column {_j}. Circular convolution brings all nine numbers of the kernel, the "
            "linear one those that do not hang over.",
            Board("x", _point),
            Board("circular", _circular),
            Board("linear, zeros around", _linear),
        )
        + paragraph(
            "Move the pixel with the slider above, into a corner, and into the middle, where both are the same."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The first is **circular** convolution, the second is the **linear** one of the lesson on kernels. Who wants the
    linear one puts a border around the picture first, as wide as the kernel reaches; what comes around from the other
    side then only meets the border, which is cut off. With any border, and for kernels of any size:
    """)
    return


@app.cell
def _(camera, convolution, images, np):
    lopsided = np.random.default_rng(0).standard_normal((4, 7))
    for border in ("zero", "replicate", "reflect", "symmetric", "circular"):
        by_spectra = convolution.convolve_fourier(camera, lopsided, border)
        by_sums = images.convolve2d(camera, lopsided, border=border)
        assert np.allclose(by_spectra, by_sums)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A result that is shifted

    The kernel is written into a picture of zeros, and its centre must come to cell (0, 0), so it is rolled up and to
    the left by half its size. A tutorial does it like this:
    """)
    return


@app.cell(hide_code=True)
def _(source, tutorial_convolve, without_types):
    source(without_types(tutorial_convolve))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** What is `-3 // 2` in Python?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_floor = mo.ui.radio(["-1", "-1.5", "-2"])
    guess_floor
    return (guess_floor,)


@app.cell(hide_code=True)
def _(guess_floor, paragraph, predicted):
    predicted(
        guess_floor,
        str(-3 // 2),
        paragraph(
            "`//` rounds down, not towards 0, and the minus sign comes first: (−3) // 2. A kernel of 3 rows is rolled "
            "by 2 in place of 1, and the result is one pixel too high and too far to the left."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Would one see it? Choose a kernel. Below the pictures is the largest error of the tutorial's result after it has
    been moved: in the five rows by −2 … 2 pixels down, in the five columns by −2 … 2 to the right.
    """)
    return


@app.cell(hide_code=True)
def _(KERNELS, np):
    filters = {**KERNELS, "one of even size": np.arange(1.0, 9).reshape(2, 4)}
    return (filters,)


@app.cell(hide_code=True)
def _(filters, mo):
    filter_name = mo.ui.dropdown(list(filters), value="laplacian")
    filter_name
    return (filter_name,)


@app.cell(hide_code=True)
def _(
    Board,
    Shot,
    camera,
    convolution,
    draw,
    filter_name,
    filters,
    np,
    paragraph,
    pictures,
    row,
    tutorial_convolve,
):
    _kernel = filters[filter_name.value]
    _right, _theirs = convolution.circular_convolve(camera, _kernel), tutorial_convolve(camera, _kernel)
    _errors = np.zeros((5, 5))
    for _m, _n in np.ndindex(5, 5):
        _moved = np.roll(_theirs, (_m - 2, _n - 2), axis=(0, 1))
        _errors[_m, _n] = abs(_moved - _right).max().round(6)
    _m, _n = np.argwhere(_errors == 0)[0]
    assert (_m - 2, _n - 2) == (_kernel.shape[0] % 2, _kernel.shape[1] % 2)
    _reach = draw.reach(_right)
    _clipped = np.linalg.norm(_theirs.clip(0, 255) - _right.clip(0, 255)) / (np.linalg.norm(_theirs - _right) or 1)
    (
        pictures(
            Shot(draw.signed(_right, _reach), "right", f"The photograph after {filter_name.value}"),
            Shot(draw.signed(_theirs, _reach), "the tutorial's", "To the eye, the same picture"),
            Shot(draw.signed(_theirs - _right, _reach), "their difference", "Double edges where the two do not agree"),
            width=200,
        )
        + row(
            f"The largest error for each move from −2 to 2. It is 0 when moved {_m - 2} down and {_n - 2} right.",
            Board("largest error, moved", _errors.round(), (slice(_m, _m + 1), slice(_n, _n + 1))),
        )
        + paragraph(
            f"As it is, in the middle, the largest error is {_errors[2, 2]:.0f} grey levels; moved by {_m - 2} down "
            f"and {_n - 2} to the right it is 0. Clipped to 0 … 255, as pictures are shown, {_clipped:.0%} of the "
            "error (root mean square) are left: clipping hides mistakes."
        )
    )
    return


@app.cell(hide_code=True)
def _(KERNELS, camera, convolution, folded, images, paragraph):
    def apart(name):
        """How far circular convolution is from correlation with a repeated edge: everywhere, and inside."""
        edge = images.correlate2d(camera, KERNELS[name], border="replicate")
        far = abs(convolution.circular_convolve(camera, KERNELS[name]) - edge)
        return f"{name} {far.max():.0f}, inside {far[1:-1, 1:-1].max():.0f}"

    folded(
        "Its second mistake: two different things are compared",
        paragraph(
            "The tutorial then compares with correlation, without the flip, on a picture whose edge is repeated. Even "
            "with the centre in its place that agrees only inside, and only for kernels that look the same when "
            f"turned. Largest differences: {'; '.join(map(apart, ('gaussian', 'laplacian', 'sobel x', 'emboss')))}."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## How fast

    Sums take a product for each number of the kernel, at every pixel. Spectra take the same time for any kernel: a
    small one is a picture of zeros, too.

    **Predict.** `method="auto"` of the library takes what was measured to be the faster one. What does it take for a
    kernel of 3 x 3, and for one of 51 x 51?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_method = mo.ui.radio(["sums for both", "spectra for both", "sums for 3 x 3, spectra for 51 x 51"])
    guess_method
    return (guess_method,)


@app.cell(hide_code=True)
def _(
    guess_method,
    images,
    loglog,
    np,
    paragraph,
    partial,
    predicted,
    seconds,
):
    _draw = np.random.default_rng(0).standard_normal
    _image = _draw((160, 160)).astype(np.float32)
    _sizes = np.array([3, 5, 9, 15, 25])
    _took = {"sums": [], "spectra": []}
    for _k in map(_draw, zip(_sizes, _sizes, strict=True)):
        _ways = {"sums": "direct", "spectra": "fft"}.items()
        for _name, _time in seconds(
            {name: partial(images.convolve2d, _image, _k, method=m) for name, m in _ways}
        ).items():
            _took[_name].append(_time)
    _ratios = np.divide(_took["sums"], _took["spectra"])
    _auto = [images.choose_method(_image, _draw((k, k))) for k in (3, 51)]
    assert _auto == ["direct", "fft"]
    predicted(
        guess_method,
        "sums for 3 x 3, spectra for 51 x 51",
        loglog(
            "The time of both ways over the size of the kernel, logarithmic. That of the sums rises with the kernel.",
            _sizes,
            _took,
            "size of the kernel",
            "seconds",
        )
        + paragraph(
            "Measured just now, on a picture of 160 x 160 in float32, sums against spectra: "
            + ", ".join(f"{k} x {k}: {ratio:.2g} times" for k, ratio in zip(_sizes, _ratios, strict=True))
            + " the time. The tutorial quotes 255 times, for 51 x 51 on 1024 x 1024: such a number belongs to a "
            "machine and to two programs. `python3 run.py bench --suite images` measures yours."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** What is X[2], the Fourier transform at l = 2, of these four numbers?
    """)
    return


@app.cell(hide_code=True)
def _(Board, exercises, row):
    row("Four numbers: 3, 1, 4, 2.", Board("x", exercises.FOUR))
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
def _(dft, exercises, folded, paragraph, sum_of_products):
    folded(
        "A solution (try for yourself first)",
        paragraph(sum_of_products(exercises.FOUR, dft.wave(0, -2, (1, 4)).real.round(9))),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. The fast transform.** Of a row of n numbers, n a power of two; let the function call itself for E and for O.
    """)
    return


@app.cell
def _():
    def my_fft(x):
        n = len(x)
        return None  # n complex numbers

    return (my_fft,)


@app.cell(hide_code=True)
def _(exercises, my_fft):
    exercises.fast_transform(my_fft)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_fft)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. Find the shift.** Both pictures have the same size, and continue on the other side. By how many rows down and
    columns to the right must `result` be moved with `np.roll` to be like `right`? Each at least 0.
    """)
    return


@app.cell
def _():
    def my_shift(result, right):
        H, W = result.shape
        return None  # (rows, columns)

    return (my_shift,)


@app.cell(hide_code=True)
def _(exercises, my_shift):
    exercises.shift(my_shift)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_shift)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. Mend it.** The tutorial's function is yours. Let it give what `circular_convolve` gives, for kernels of odd
    and of even size.
    """)
    return


@app.cell
def _(np):
    def my_convolve(image, kernel):
        kH, kW = kernel.shape
        placed = np.zeros(image.shape)
        return None  # an array of the image's shape, of real numbers

    return (my_convolve,)


@app.cell(hide_code=True)
def _(exercises, my_convolve):
    exercises.mended(my_convolve)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_convolve)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - A picture is a sum of waves. Near the middle of the spectrum are the slow ones, its smooth parts; outside its
      edges.
    - The phase knows where things are, and a wave stands in two cells: a mask keeps both or neither.
    - A convolution is a product of spectra: circular, unless there is a border. For large kernels it is the faster
      way.
    - `-k // 2` is not `-(k // 2)`. Compare numbers, not clipped pictures, and with a kernel that is not symmetric.

    The code that you have used: `scratch/images/fourier/`, with `dft.py` to read first; `scratch/images/by_fft.py` is
    what `method="fft"` runs, in tiles. `python3 run.py images` shows the spectra of a picture of your own.
    """)
    return


if __name__ == "__main__":
    app.run()
