import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Images are arrays")


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    # Images are arrays

    A picture in a computer is an array of numbers. Cutting, mirroring, brightening and mixing colours are then what one
    does with arrays anyway. But the numbers of a photograph are small whole ones, and that has consequences.

    After this lesson you can

    - say what each axis of a picture means, cut parts out of it, make it grey, and read its histogram;
    - tell why the sum of two bright pixels may be dark, and compute with pictures so that it is not;
    - bring photographs into the order that a layer expects, and see when somebody has done it wrong.

    You need NumPy arrays and slices, no more. Where a prediction is asked for, make it before you look. Every number
    here is computed by the library itself.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import numpy as np

    import scratch
    from lessons.boards import plain, row
    from lessons.exercises import pixels as exercises
    from lessons.histograms import counted, histogram
    from lessons.pictures import Shot, pictures
    from lessons.pieces import folded, paragraph, predicted, solution
    from lessons.tiles import Tiles, channels, memory
    from scratch.images import correlate2d, grayscale, read_image, resize, show_grid
    from scratch.images.files import BT601
    from scratch.images.gallery import draw
    from scratch.images.gallery.picture import ASTRONAUT, CREDIT
    from scratch.images.kernels import SHARPEN

    return (
        ASTRONAUT,
        BT601,
        CREDIT,
        SHARPEN,
        Shot,
        Tiles,
        channels,
        correlate2d,
        counted,
        draw,
        exercises,
        folded,
        grayscale,
        histogram,
        memory,
        mo,
        np,
        paragraph,
        pictures,
        plain,
        predicted,
        read_image,
        resize,
        row,
        scratch,
        show_grid,
        solution,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A picture is an array

    `read_image` reads a file, here a photograph that comes with the project.
    """)
    return


@app.cell
def _(ASTRONAUT, read_image):
    photograph = read_image(str(ASTRONAUT))
    return (photograph,)


@app.cell(hide_code=True)
def _(CREDIT, Shot, draw, photograph, pictures):
    pictures(
        Shot(draw.plain(photograph), CREDIT, "Portrait of an astronaut in an orange suit, a flag behind"), width=300
    )
    return


@app.cell(hide_code=True)
def _(mo, photograph):
    mo.md(f"""
    **Predict.** The photograph is {photograph.shape[1]} pixels wide and {photograph.shape[0]} pixels high. Each pixel
    has three numbers: how much red, green and blue. What is `photograph.shape`?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_shape = mo.ui.radio(["(300, 225, 3)", "(225, 300, 3)", "(3, 225, 300)"])
    guess_shape
    return (guess_shape,)


@app.cell(hide_code=True)
def _(guess_shape, np, paragraph, photograph, predicted):
    assert photograph.dtype == np.uint8
    predicted(
        guess_shape,
        str(photograph.shape),
        paragraph(
            "Height, width, channels, in short H, W, C. Rows come first, as in a matrix: `photograph[i, j]` is in "
            "row i, counted from the top, and in column j. Its numbers are of the dtype uint8, whole numbers from 0 "
            f"to 255, each in one byte. So the photograph takes {photograph.nbytes:,} bytes in memory."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Look closer

    Move through the photograph from left to right: flag, suit, helmet, rocket. What is in the yellow frame is shown
    enlarged, and below it in numbers, a board for each channel. Equal numbers of all three are grey; 0 0 0 is black,
    255 255 255 is white. What numbers are orange?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    left = mo.ui.slider(0, 295, value=106, full_width=True)
    left
    return (left,)


@app.cell(hide_code=True)
def _(Shot, channels, draw, left, photograph, pictures, row):
    _top, _left = 166, left.value
    _patch = photograph[_top : _top + 4, _left : _left + 5]
    _marked = photograph.copy()
    _marked[_top - 4 : _top + 8, max(_left - 4, 0) : _left + 9] = (255, 220, 0)
    _marked[_top : _top + 4, _left : _left + 5] = _patch

    pictures(
        Shot(draw.plain(_marked), "the photograph", "The photograph, with a yellow frame around a few pixels"),
        Shot(
            draw.plain(_patch.repeat(40, axis=0).repeat(40, axis=1)),
            f"photograph[{_top}:{_top + 4}, {_left}:{_left + 5}]",
            "The pixels in the frame, each enlarged to a square",
        ),
        width=260,
    ) + row(
        "The red, the green and the blue of the four by five pixels in the frame, in numbers.",
        *channels(_patch),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## A crop is a slice

    Rows first, then columns. A slice is a view: it has no pixels of its own, and who writes into `part` writes into the
    photograph. (An `assert` that holds says nothing.) Change the numbers in this cell and run it; the pictures below
    follow. Under each title `show_grid` writes the shape of the array, and its smallest and largest number.
    """)
    return


@app.cell
def _(np, photograph):
    part = photograph[20:148, 40:168]
    assert np.shares_memory(part, photograph)
    assert not np.shares_memory(part.copy(), photograph)
    return (part,)


@app.cell(hide_code=True)
def _(Shot, draw, part, pictures, resize, show_grid):
    _H, _W = part.shape[:2]
    _small = (max(_H // 4, 1), max(_W // 4, 1))
    _shown = {
        "part": part,
        "part[::-1]": part[::-1],
        "part[:, ::-1]": part[:, ::-1],
        "part[..., ::-1]": part[..., ::-1],
        "part[::4, ::4]": part[::4, ::4],
        f"resize(part, {_small})": resize(part, _small),
    }
    pictures(
        Shot(
            draw.plain(show_grid(list(_shown.values()), list(_shown), columns=3)),
            "show_grid(...)",
            "Six pictures: a crop, upside down, mirrored, with red and blue exchanged, every fourth pixel, and resized",
        ),
        width=740,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    The last two have the same number of pixels. `part[::4, ::4]` keeps every fourth row and column and never looks at
    the others; `resize` mixes all of them, and looks calmer.

    ## Grey is a weighted sum

    A grey picture has one number for each pixel, mixed from its three:

        grey[i, j] = w_red * red[i, j] + w_green * green[i, j] + w_blue * blue[i, j]

    The weights add up to 1, so that white stays white. They are not equal, because we do not see all colours equally
    well.

    **Predict.** Three lamps, a red, a green and a blue one, each at 255. Which looks brightest, so which channel gets
    the largest weight?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_grey = mo.ui.radio(["red", "green", "blue"])
    guess_grey
    return (guess_grey,)


@app.cell(hide_code=True)
def _(BT601, Tiles, grayscale, guess_grey, np, paragraph, predicted, row):
    _lamps = 255 * np.eye(3, dtype=np.uint8)[None]
    _greys = grayscale(_lamps)
    assert np.isclose(sum(BT601), 1)
    predicted(
        guess_grey,
        ("red", "green", "blue")[np.argmax(_greys)],
        row(
            f"A red, a green and a blue pixel, and their grey levels {_greys[0, 0]}, {_greys[0, 1]} and "
            f"{_greys[0, 2]}.",
            Tiles("lamps", np.full((1, 3), 255), grounds=_lamps),
            "→",
            Tiles("grey", _greys, grounds=_greys[..., None].repeat(3, axis=2)),
        )
        + paragraph(
            f"`grayscale` takes {BT601[0]} red + {BT601[1]} green + {BT601[2]} blue, and rounds. (These are the "
            "weights of ITU-R BT.601, a standard for television; others differ a little.)"
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Try other weights, such as (0, 0, 1), blue alone. In which channel is the suit bright, and in which is it black?
    """)
    return


@app.cell
def _(BT601):
    weights = BT601
    return (weights,)


@app.cell(hide_code=True)
def _(Shot, draw, grayscale, part, pictures, plain, show_grid, weights):
    pictures(
        Shot(
            draw.plain(show_grid([part, grayscale(part, weights)], ["part", "grayscale(part, weights)"])),
            "the same pixels: with three channels, and with one",
            f"The crop in colour, and in grey, with the weights {', '.join(map(plain, weights))}",
        ),
        width=560,
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## How many of each: the histogram

    A histogram counts how many pixels have each level. In this one four neighbouring levels share a bar.

    **Predict.** All pixels of the picture are put into random places. What becomes of its histogram?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_places = mo.ui.radio(["it stays as it is", "it becomes flat", "it becomes a bell"])
    guess_places
    return (guess_places,)


@app.cell
def _(grayscale, np, photograph):
    grey = grayscale(photograph[:, 20:270])
    shuffled = np.random.default_rng(0).permutation(grey.ravel()).reshape(grey.shape)
    return grey, shuffled


@app.cell(hide_code=True)
def _(Shot, counted, draw, grey, guess_places, histogram, np, paragraph, pictures, predicted, shuffled):
    predicted(
        guess_places,
        "it stays as it is" if np.array_equal(counted(grey), counted(shuffled)) else "it becomes flat",
        pictures(
            Shot(draw.plain(grey), "grey", "The photograph in grey"),
            Shot(draw.plain(shuffled), "shuffled", "The same pixels in random places: noise"),
        )
        + histogram("The histogram, the same for both: many bright pixels, some black ones.", "of both", grey)
        + paragraph("It counts, and knows nothing of places."),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Move along the levels. The pixels that the bar has counted are orange in the picture.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    level = mo.ui.slider(0, 255, value=2, full_width=True)
    level
    return (level,)


@app.cell(hide_code=True)
def _(Shot, counted, draw, grey, histogram, level, paragraph, pictures):
    _low = level.value // 4 * 4
    _counted = grey // 4 == level.value // 4
    assert _counted.sum() == counted(grey)[level.value // 4]
    _marked = grey[..., None].repeat(3, axis=2)
    _marked[_counted] = (255, 120, 0)
    (
        histogram(f"The histogram; the bar of levels {_low} to {_low + 3} is marked.", "of grey", grey, level.value)
        + pictures(
            Shot(draw.plain(_marked), f"levels {_low} to {_low + 3}", "The photograph, the counted pixels orange"),
            width=300,
        )
        + paragraph(f"{_counted.sum():,} of {grey.size:,} pixels have a level from {_low} to {_low + 3}.")
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Numbers that wrap

    Two pixels, 200 and 100, are added.

    **Predict.** What is `a + b`?
    """)
    return


@app.cell
def _(np):
    a = np.array([200], dtype=np.uint8)
    b = np.array([100], dtype=np.uint8)
    return a, b


@app.cell(hide_code=True)
def _(mo):
    guess_sum = mo.ui.radio(["300", "255", "44"])
    guess_sum
    return (guess_sum,)


@app.cell(hide_code=True)
def _(a, b, guess_sum, np, paragraph, predicted):
    _sum = a + b
    assert _sum.dtype == np.uint8
    predicted(
        guess_sum,
        str(_sum[0]),
        paragraph(
            f"Eight bits hold the numbers 0 to 255. After 255 comes 0 again: {200 + 100} - 256 = {_sum[0]}. Below 0 "
            f"it goes on with 255: b - a is {(b - a)[0]}. NumPy gives no warning."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Make the picture brighter. In the middle uint8 is added to uint8. On the right the sum is taken in floating-point
    numbers, limited to 0 ... 255, and only then stored as uint8.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    brighter = mo.ui.slider(0, 255, value=80, full_width=True)
    brighter
    return (brighter,)


@app.cell(hide_code=True)
def _(Shot, brighter, draw, grey, histogram, np, paragraph, pictures):
    _wrapped = grey + np.uint8(brighter.value)
    _clipped = np.clip(grey.astype(np.float64) + brighter.value, 0, 255).astype(np.uint8)
    assert np.array_equal(_wrapped, (grey.astype(int) + brighter.value) % 256)
    _lost = (grey.astype(int) + brighter.value > 255).sum()
    (
        pictures(
            Shot(draw.plain(grey), "grey", "The photograph in grey"),
            Shot(
                draw.plain(_wrapped), f"+ {brighter.value}, wrapped", "What was bright is now dark, with hard borders"
            ),
            Shot(draw.plain(_clipped), f"+ {brighter.value}, clipped", "The photograph, brighter"),
        )
        + histogram("The histogram moved to the right; what left it has come in at 0.", "wrapped", _wrapped)
        + histogram("The histogram moved to the right; what left it stands in the last bar.", "clipped", _clipped)
        + paragraph(
            f"{_lost:,} of {grey.size:,} pixels were to become brighter than 255. Clipped, they are all 255; what "
            "they were cannot be found out from it any more. So clip once, at the end."
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    A filter meets the same limits. Sharpening takes 5 times a pixel less its four neighbours (the next lesson slides
    such kernels over pictures), and that can be anything. So the filters of the library compute in floating-point
    numbers, and clip only if they are told to.
    """)
    return


@app.cell
def _(SHARPEN, correlate2d, grey, np):
    sharp = correlate2d(grey, SHARPEN, border="replicate")
    wrapped = sharp.astype(np.int64).astype(np.uint8)
    clipped = correlate2d(grey, SHARPEN, border="replicate", clip=(0, 255), dtype=np.uint8)
    return clipped, sharp, wrapped


@app.cell(hide_code=True)
def _(SHARPEN, Shot, clipped, correlate2d, draw, grey, np, paragraph, pictures, plain, sharp, wrapped):
    assert sharp.dtype == np.float64
    assert sharp.min() < 0
    assert sharp.max() > 255
    try:
        correlate2d(grey, SHARPEN, border="replicate", dtype=np.uint8)
        _said = ""
    except ValueError as _error:
        _said = str(_error)
    assert "has no place" in _said
    pictures(
        Shot(
            draw.plain(wrapped),
            "wrapped",
            "The photograph sharpened; along edges there are specks of the opposite shade",
        ),
        Shot(draw.plain(clipped), "clipped", "The photograph sharpened"),
        width=300,
    ) + paragraph(
        f"The sharpened picture runs from {plain(sharp.min())} to {plain(sharp.max())}. With dtype uint8 and no clip "
        f"the library refuses, rather than wrap: “{_said}”."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Where the numbers lie

    Memory is one long row. A photograph, H, W, C, is laid out in it so that the last index runs fastest: red, green and
    blue of the first pixel, then those of the pixel to its right. A layer wants it otherwise: N, C, H, W, first which
    picture, then which channel, then row and column. There each channel is a plane by itself.

    Here is a picture of 2 by 3 pixels, whose numbers say at which place of its memory they stand; below it, the same
    picture as a layer wants it. The strides say how many bytes one step along each axis is. Move through the six
    pixels.
    """)
    return


@app.cell
def _(np):
    tiny = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)  # H, W, C
    view = tiny.transpose(2, 0, 1)[None]  # N, C, H, W: the same memory, other strides
    batch = np.ascontiguousarray(view)  # the same, in memory of its own
    return batch, tiny, view


@app.cell(hide_code=True)
def _(mo):
    pixel = mo.ui.slider(0, 5, value=1)
    pixel
    return (pixel,)


@app.cell(hide_code=True)
def _(batch, memory, np, paragraph, pixel, row, tiny, view):
    assert np.shares_memory(view, tiny)
    assert not np.shares_memory(batch, tiny)
    assert np.array_equal(batch, view)
    _i, _j = divmod(pixel.value, 3)
    (
        row("The memory of tiny: the numbers of each pixel stand together.", memory("tiny", tiny, pixel.value))
        + row("The memory of batch: all red, all green, all blue.", memory("batch", batch, pixel.value))
        + paragraph(
            f"tiny[{_i}, {_j}] = {tiny[_i, _j].tolist()} stands together; batch[0, :, {_i}, {_j}] = "
            f"{batch[0, :, _i, _j].tolist()} stands {batch.strides[1]} apart. `view`, between them, has moved "
            f"nothing: its strides are {view.strides}."
        )
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **Predict.** A square crop of the photograph has the shape (128, 128, 3). `crop.reshape(3, 128, 128)` has the shape
    that a layer wants, too. What is its first plane?
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    guess_plane = mo.ui.radio(
        ["the red channel", "red, green and blue of the upper third", "nothing: it raises an error"]
    )
    guess_plane
    return (guess_plane,)


@app.cell(hide_code=True)
def _(Shot, draw, guess_plane, np, paragraph, photograph, pictures, predicted):
    _crop = photograph[20:148, 40:168]
    _plane = _crop.reshape(3, 128, 128)[0]
    assert np.array_equal(_plane.ravel(), _crop.ravel()[: 128 * 128])
    predicted(
        guess_plane,
        "red, green and blue of the upper third",
        pictures(
            Shot(
                draw.plain(_crop.transpose(2, 0, 1)[0]), "transpose(2, 0, 1)[0]", "The red channel of the crop, in grey"
            ),
            Shot(
                draw.plain(_plane),
                "reshape(3, 128, 128)[0]",
                "A streaked picture in which the crop is hard to recognise",
            ),
        )
        + paragraph(
            "`reshape` reads the memory from its beginning and cuts it into new rows, so the first plane is the "
            "first third of all numbers. `transpose` exchanges axes, and every number keeps its meaning. Nothing "
            "complains; only a look at the picture, or a test with three different sizes, finds it."
        ),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    Now the photograph can go through a layer, as 32-bit floating-point numbers from 0 to 1. Four kernels make four
    planes of it, two rows and two columns smaller.
    """)
    return


@app.cell
def _(np, photograph, scratch):
    x = photograph.transpose(2, 0, 1)[None].astype(np.float32) / 255
    layer = scratch.Conv2d(in_channels=3, out_channels=4, kernel_size=3)
    y = layer(x)
    assert (x.shape, y.shape) == ((1, 3, 225, 300), (1, 4, 223, 298))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Exercises

    Write into the cells, and run them. The cell below each tells whether it is right, and if not, gives a hint.

    **1. On paper.** A pixel has red 200, green 100 and blue 50. Which grey level, a whole number, does `grayscale` give
    it? The weights are 0.299, 0.587 and 0.114.
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
def _(BT601, exercises, folded, paragraph, plain):
    _terms = [f"{weight} · {light}" for weight, light in zip(BT601, exercises.PIXEL, strict=True)]
    _sum = sum(weight * light for weight, light in zip(BT601, exercises.PIXEL, strict=True))
    folded(
        "A solution (try for yourself first)",
        paragraph(f"{' + '.join(_terms)} = {plain(_sum)}, and rounded {round(_sum)}"),
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **2. A crop** of `height` rows and `width` columns, whose upper left pixel is `picture[top, left]`.
    """)
    return


@app.cell
def _():
    def my_crop(picture, top, left, height, width):
        return None  # an array of (height, width, 3)

    return (my_crop,)


@app.cell(hide_code=True)
def _(exercises, my_crop):
    exercises.crop(my_crop)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_crop)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **3. Brighter, or darker.** The picture is uint8, and so is the result; `by` is a whole number, which may be
    negative. What would leave 0 ... 255 stays at its end.
    """)
    return


@app.cell
def _():
    def my_brighter(picture, by):
        return None  # a uint8 array

    return (my_brighter,)


@app.cell(hide_code=True)
def _(exercises, my_brighter):
    exercises.brighter(my_brighter)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_brighter)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    **4. A batch.** Photographs in a uint8 array of (N, H, W, C) become what a layer wants: (N, C, H, W), float32, from
    0 to 1.
    """)
    return


@app.cell
def _():
    def my_batch(photographs):
        return None  # a float32 array

    return (my_batch,)


@app.cell(hide_code=True)
def _(exercises, my_batch):
    exercises.batch(my_batch)
    return


@app.cell(hide_code=True)
def _(exercises, solution):
    solution(exercises.my_batch)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## What to take along

    - A photograph is H, W, C, of whole numbers 0 to 255; `photograph[i, j]` is row i, column j. A slice of it is a
      view.
    - Grey is a weighted sum of red, green and blue, in which green counts most. A histogram counts levels and forgets
      places.
    - uint8 wraps around without a word. Compute in floating-point numbers, clip once, at the end, then round and store.
    - A batch for a layer is N, C, H, W. `transpose` exchanges axes; `reshape` cuts the memory anew, and mixes channels.

    The code that you have used: `scratch/images/files.py`, `scratch/images/grid.py` and `scratch/images/layout.py`.
    Next: “Sliding a kernel”.
    """)
    return


if __name__ == "__main__":
    app.run()
