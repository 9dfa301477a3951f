"""Filter images: cross-correlation and convolution, in several methods that give the same.

    correlate2d   y[i, j] = sum over u, v of  image[i*sH + u - top, j*sW + v - left] * kernel[u, v]
    convolve2d    the same with the kernel turned by 180 degrees

What neural networks call convolution is the first. Only the second is commutative and associative, and only it puts a
copy of the kernel, not of its mirror image, where the image has one bright pixel.

`padding` says how far the kernel reaches over the edge, `border` what it finds there:

    padding             rows above and below                  size of the result, stride 1
    "valid"             none                                  H - kH + 1
    "same"              kH - 1 in all, see below              H
    "full"              kH - 1 above and below                H + kH - 1
    p or (pH, pW)       pH above and below                    H + 2 pH - kH + 1

With "same", kernel[kH // 2, kW // 2] of the kernel as it is given lies on the pixel that is computed: its middle, and
in a kernel of even size the first cell behind the middle. So do scipy.ndimage.correlate and convolve, and
scipy.signal.correlate; scipy.signal.correlate2d and convolve2d, and torch's padding="same", take (kH - 1) // 2. A
stride takes every sH-th row and sW-th column of the result with stride 1, the first one included.

Every namespace has these functions, as `nn.images`: they are the methods of a `Filters`, each bound to the backend of
its namespace.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from scratch.array import Array, HostArray, to_host
from scratch.backend import Backend, backend_of
from scratch.contracts.image_filter import Correlate2dAlgorithm, Correlate2dByTransform
from scratch.geometry import Padding, Pair, Window2d, pair
from scratch.images import by_fft, direct, loops, separable
from scratch.images.borders import Border, check_border, pad
from scratch.images.layout import check_output, finish, from_planes, image_of, to_planes, working_dtype

Method: TypeAlias = Literal["auto", "loops", "direct", "separable", "fft", "stencil"]
PaddingLike: TypeAlias = int | Pair | Literal["valid", "same", "full"]

METHODS: dict[str, Correlate2dAlgorithm] = {"loops": loops, "direct": direct, "separable": separable, "fft": by_fft}

# From how many products for each computed pixel on "fft" is faster: kH * kW of a kernel that is used as it is, and
# kH + kW of a separable one. Measured on two cores of a 2.3 GHz Xeon (AVX-512) with NumPy 2.4, not quite alone, by
# `python3 run.py bench --crossover`; milliseconds for k x k kernels on float32 images:
#
#     k              7      9     11     13     15     19     25     31     51
#     direct      0.82    1.5      2      3    3.8      6     11     16     45      256 x 256
#     separable   0.42   0.49   0.55   0.66    0.7   0.81    1.1    1.3    3.3
#     fft          1.2    1.2    1.2    1.2    1.2    1.3    1.4    1.3    3.7
#     direct        11     22     30     44     57     88    155    286    652      1024 x 1024
#     separable      5    6.2    7.7    7.8    8.5     11     22     24     48
#     fft           13     12     16     12     12     15     18     24     16
FFT_FROM = {"direct": 80, "separable": 44}

# A product in one of the two passes costs about as much as three: the result of the first goes through memory.
SEPARABLE_COST = 3


@dataclass(frozen=True)
class Job:
    """What a method gets: `padded` (N, H, W) and `kernel` of one floating dtype, and the stride."""

    padded: Array
    kernel: HostArray
    stride: Pair


@dataclass(frozen=True)
class Filters:
    """The filters of one namespace: the public functions of its `images` are these methods.

    Attributes
    ----------
    namespace : its name; its backend is asked for in each call, and may be made after its filters
    choose : the method that "auto" takes; "fft" only if it serves
    """

    namespace: str
    choose: Callable[[Job], str]

    def correlate2d(
        self,
        image: Any,
        kernel: Any,
        *,
        stride: int | Pair = 1,
        padding: PaddingLike = "same",
        border: Border = "zero",
        method: Method = "auto",
        clip: tuple[float, float] | None = None,
        dtype: Any = None,
    ) -> Array:
        """Cross-correlate an image with a kernel: what frameworks call convolution. The kernel is not flipped.

        Parameters
        ----------
        image : (H, W) grey, (H, W, C) colour, each channel by itself, or (N, H, W, C) array; not modified
        kernel : (kH, kW) array of finite numbers, taken in the dtype that is computed in
        stride : in pixels
        padding : in pixels, or "valid", "same", "full": see the top of scratch/images/filters.py
        border : "zero", "replicate", "reflect", "symmetric" or "circular": see scratch/images/borders.py
        method : "loops", "direct", "separable", "fft" or "stencil", of those that the namespace has, or "auto":
            `choose_method` tells which that takes
        clip : (lowest, highest) to which the result is limited, such as (0, 255)
        dtype : of the result; integers are rounded, halves to even

        Returns
        -------
        array with the axes of the image; float32 for a float32 image and otherwise float64, if no dtype is given. "fft"
        is exact to rounding errors of the size of the brightest pixels; the other methods to those of each sum, so they
        are exact for integers (below 2**53).

        Raises
        ------
        TypeError, ValueError
            if an argument is not as described; if the kernel is larger than the padded image; if the named method
            cannot serve: "separable" a kernel that is not separable, "fft" NaN, infinities and numbers so large that
            its sums could overflow; if the result does not fit into dtype

        Examples
        --------
        >>> step = np.repeat([[0, 0, 0, 0, 1, 1, 1, 1]], 8, axis=0)
        >>> correlate2d(step, [[-1, 0, 1]] * 3, padding="valid")[0]
        array([0., 0., 3., 3., 0., 0.])
        """
        return self._filtered(image, kernel, False, stride, padding, border, method, clip, dtype)

    def convolve2d(
        self,
        image: Any,
        kernel: Any,
        *,
        stride: int | Pair = 1,
        padding: PaddingLike = "same",
        border: Border = "zero",
        method: Method = "auto",
        clip: tuple[float, float] | None = None,
        dtype: Any = None,
    ) -> Array:
        """Convolve an image with a kernel: cross-correlation with the kernel turned by 180 degrees.

        Parameters, returns, raises: as `correlate2d`.

        Examples
        --------
        >>> impulse = np.zeros((3, 3))
        >>> impulse[1, 1] = 1
        >>> convolve2d(impulse, np.arange(9).reshape(3, 3))
        array([[0., 1., 2.],
               [3., 4., 5.],
               [6., 7., 8.]])
        """
        return self._filtered(image, kernel, True, stride, padding, border, method, clip, dtype)

    def choose_method(
        self, image: Any, kernel: Any, *, stride: int | Pair = 1, padding: PaddingLike = "same", border: Border = "zero"
    ) -> str:
        """Tell which method `method="auto"` takes.

        By which rule, each namespace says for itself: `fastest` in scratch/images/filters.py, `fewest_operations` in
        gpu/images.py; scratch.naive has loops alone. "fft" is never taken where it cannot serve.

        Parameters, raises: as `correlate2d`.

        Examples
        --------
        >>> image = np.zeros((64, 64))
        >>> laplacian = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
        >>> choose_method(image, laplacian), choose_method(image, np.ones((9, 9))), choose_method(image, np.eye(31))
        ('direct', 'separable', 'fft')
        """
        backend = backend_of(self.namespace)
        return self.choose(prepare(backend, image_of(backend, image), kernel, False, stride, padding, border))

    def _filtered(
        self,
        given: Any,
        kernel: Any,
        flip: bool,
        stride: int | Pair,
        padding: PaddingLike,
        border: Border,
        method: Method,
        clip: tuple[float, float] | None,
        dtype: Any,
    ) -> Array:
        """Do what `correlate2d` and `convolve2d` (flip) have in common: everything."""
        backend = backend_of(self.namespace)
        methods = backend.correlate2d
        if method != "auto" and method not in methods:
            raise ValueError(f"method={method!r} must be one of {', '.join(map(repr, ['auto', *methods]))}")
        limits, out_dtype = check_output(clip, dtype)
        image = image_of(backend, given)
        job = prepare(backend, image, kernel, flip, stride, padding, border)
        algorithm = methods[self.choose(job) if method == "auto" else method]
        if (
            method != "auto"  # which has asked
            and isinstance(algorithm, Correlate2dByTransform)
            and not algorithm.serves(job.padded, job.kernel)
        ):
            raise ValueError(
                f"method={method!r} spreads a NaN, an infinity or an overflow over its neighbourhood, and this image "
                "holds one, or numbers so large that sums could overflow: take method='auto' or 'direct'"
            )
        with np.errstate(invalid="ignore"):  # an infinity less another is NaN, and no reason to warn
            y = algorithm.correlate(job.padded, job.kernel, job.stride)
        return finish(from_planes(y, image), limits, out_dtype)


def prepare(
    backend: Backend, image: Array, kernel: Any, flip: bool, stride: int | Pair, padding: PaddingLike, border: Border
) -> Job:
    """Check the arguments, bring both arrays to the dtype that is computed in, and pad."""
    compute = working_dtype(image.dtype)
    kernel = check_kernel(to_host(kernel) if isinstance(kernel, backend.array_type()) else kernel, compute)
    step = pair(stride, "stride", least=1)
    check_border(border)
    sides = padding_of(padding, kernel.shape, flip)
    size = (image.shape[0], image.shape[1]) if image.ndim < 4 else (image.shape[1], image.shape[2])
    Window2d(kernel.shape, step, sides, (1, 1)).output_size(size)  # raises if the kernel does not fit
    padded = pad(to_planes(image).astype(compute, copy=False), sides, border)
    return Job(padded, np.ascontiguousarray(kernel[::-1, ::-1]) if flip else kernel, step)


def fastest(job: Job) -> str:
    """Choose a method of `scratch`: the fastest, by this table.

        the kernel is                  products for each computed pixel      method
        a column times a row, and
        3 (kH + kW) < kH * kW          kH + kW                               "separable"   below FFT_FROM["separable"]
        anything else                  kH * kW                               "direct"      below FFT_FROM["direct"]
                                                                             "fft"         from there on

    "fft" computes all pixels, whatever the stride, so its limits are multiplied by sH * sW. It is not taken where it
    cannot serve.
    """
    kH, kW = job.kernel.shape
    name, products = "direct", kH * kW
    if SEPARABLE_COST * (kH + kW) < kH * kW and separable.factors(job.kernel) is not None:
        name, products = "separable", kH + kW
    if products >= FFT_FROM[name] * job.stride[0] * job.stride[1] and by_fft.serves(job.padded, job.kernel):
        return "fft"
    return name


def check_kernel(given: Any, dtype: np.dtype[Any]) -> HostArray:
    """Take a kernel in the dtype that is computed in, or refuse it."""
    kernel: HostArray = np.asarray(given)
    if kernel.dtype.kind not in "iubf":
        raise TypeError(f"kernel of dtype {kernel.dtype}: integers or floating numbers are needed")
    if kernel.ndim != 2 or kernel.size == 0:
        raise ValueError(f"kernel of shape {kernel.shape}: (kH, kW) is needed, at least (1, 1)")
    with np.errstate(over="ignore"):  # what overflows is refused in the next line
        kernel = kernel.astype(dtype)
    if not np.isfinite(kernel).all():
        raise ValueError(f"kernel: all numbers must be finite, as {dtype} too")
    return kernel


def padding_of(padding: Any, kernel_size: Pair, flip: bool) -> Padding:
    """Turn `padding` into rows and columns on each side.

    The cell k // 2 of a kernel of k cells lies on the pixel, so k // 2 cells reach out before it, and the other
    k - 1 - k // 2 behind it. Flipped, they change sides.

    >>> padding_of("same", (3, 4), flip=False), padding_of("same", (3, 4), flip=True)
    (((1, 1), (2, 1)), ((1, 1), (1, 2)))
    """
    kH, kW = kernel_size
    if isinstance(padding, str):
        if padding == "valid":
            return (0, 0), (0, 0)
        if padding == "full":
            return (kH - 1, kH - 1), (kW - 1, kW - 1)
        if padding == "same":
            before, behind = (kH // 2, kW // 2), (kH - 1 - kH // 2, kW - 1 - kW // 2)
            if flip:
                before, behind = behind, before
            return (before[0], behind[0]), (before[1], behind[1])
        raise ValueError(f"padding={padding!r}: a padding in words is 'valid', 'same' or 'full'")
    vertical, horizontal = pair(padding, "padding", least=0)
    return (vertical, vertical), (horizontal, horizontal)


def output_size(
    size: int | Pair, kernel_size: int | Pair, stride: int | Pair = 1, padding: PaddingLike = "valid"
) -> Pair:
    """The size of a filtered image, of a convolutional layer's output, of a pooled image.

        out = floor((n + p_before + p_behind - k) / s) + 1

    Parameters
    ----------
    size, kernel_size, stride : an int, or (vertical, horizontal)
    padding : as in `correlate2d`

    Raises
    ------
    TypeError, ValueError
        if an argument is not as described, or the kernel does not fit

    Examples
    --------
    >>> output_size(8, 3), output_size(8, 3, padding="same"), output_size(8, 3, stride=2)
    ((6, 6), (8, 8), (3, 3))
    >>> output_size((8, 7), 3, stride=2, padding=1)
    (4, 4)
    """
    kernel = pair(kernel_size, "kernel_size", least=1)
    step = pair(stride, "stride", least=1)
    return Window2d(kernel, step, padding_of(padding, kernel, False), (1, 1)).output_size(pair(size, "size", least=1))


filters = Filters("scratch", fastest)
correlate2d, convolve2d, choose_method = filters.correlate2d, filters.convolve2d, filters.choose_method
