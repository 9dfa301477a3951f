"""One HTML page that shows on a picture what this chapter does: `python -m scratch.images [PICTURE]`.

Each topic has a file here, which computes arrays and numbers, and a template of the same name, which says what they
mean. `draw` makes pictures of the arrays, `page` puts everything together.

    picture          which picture, in which size
    filtered         what each kernel does, by sums over pixels and by the Fourier transform; how far they may differ
    flip             correlation and convolution
    edges            the five borders
    sizes            stride, padding and the size of the result
    pooling          maximum and average; a picture that moves
    waves            spectrum and phase, low and high frequencies, the way back
    off_by_one       the tutorial's mistake
"""
