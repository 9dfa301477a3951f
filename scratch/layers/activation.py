"""What changes each number by itself."""

from numbers import Real
from typing import Any

from scratch.array import Array
from scratch.contracts import Saved
from scratch.layers.base import Layer, check_floating


class ReLU(Layer):
    """max(x, 0), NaN kept: torch.nn.ReLU. The gradient is 0 at 0, and passes at NaN.

    >>> import numpy as np, scratch
    >>> scratch.ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        if x.dtype.kind not in "iu":
            check_floating("x", x)
        algorithm = self._choose(self.backend.relu)
        y, saved = algorithm.relu(x)
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.relu_backward(dy, inner)
        return dx


class LeakyReLU(Layer):
    """x, or where it is not above 0, negative_slope * x: torch.nn.LeakyReLU. At 0 the gradient is the slope's.

    Parameters
    ----------
    negative_slope : any number

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.LeakyReLU(0.5)(np.array([-1.0, 2.0]))
    array([-0.5,  2. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope: float = negative_slope
        if not isinstance(negative_slope, Real):
            raise TypeError(f"negative_slope={negative_slope!r} must be a number")

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.leaky_relu)
        y, saved = algorithm.leaky_relu(x, float(self.negative_slope))
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.leaky_relu_backward(dy, inner)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"negative_slope={self.negative_slope}"


class Sigmoid(Layer):
    """1 / (1 + exp(-x)): torch.nn.Sigmoid. Integers and booleans become float32, and have no gradient.

    >>> import numpy as np, scratch
    >>> scratch.Sigmoid()(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        algorithm = self._choose(self.backend.sigmoid)
        y, saved = algorithm.sigmoid(as_floating(x))
        return y, (algorithm, saved, x.dtype)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner, dtype = saved
        check_differentiable(dtype)
        dx: Array = algorithm.sigmoid_backward(dy, inner)
        return dx


class Tanh(Layer):
    """The hyperbolic tangent: torch.nn.Tanh. Integers and booleans become float32, and have no gradient.

    >>> import numpy as np, scratch
    >>> scratch.Tanh()(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        algorithm = self._choose(self.backend.tanh)
        y, saved = algorithm.tanh(as_floating(x))
        return y, (algorithm, saved, x.dtype)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner, dtype = saved
        check_differentiable(dtype)
        dx: Array = algorithm.tanh_backward(dy, inner)
        return dx


class SiLU(Layer):
    """x * sigmoid(x), also called swish: torch.nn.SiLU.

    >>> import numpy as np, scratch
    >>> scratch.SiLU()(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.2689,  0.    ,  0.7311])
    """

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.silu)
        y, saved = algorithm.silu(x)
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.silu_backward(dy, inner)
        return dx


class GELU(Layer):
    """x times the probability that a normal number is below x: torch.nn.GELU.

        "none"      y = x * (1 + erf(x / sqrt(2))) / 2
        "tanh"      y = x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x**3))) / 2

    Parameters
    ----------
    approximate : "none" or "tanh"

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.GELU()(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"approximate={approximate!r}: approximate argument must be either none or tanh.")
        self.approximate = approximate

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.gelu)
        y, saved = algorithm.gelu(x, self.approximate)
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.gelu_backward(dy, inner)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"approximate={self.approximate!r}"


class ELU(Layer):
    """x, or where it is not above 0, alpha * (exp(x) - 1): torch.nn.ELU. At 0 the gradient is alpha * dy.

    Parameters
    ----------
    alpha : any number; for 1 the slope does not jump at 0

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.ELU(0.5)(np.array([-1.0, 0.0, 2.0])).round(4)
    array([-0.3161,  0.    ,  2.    ])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha: float = alpha
        if not isinstance(alpha, Real):
            raise TypeError(f"alpha={alpha!r} must be a number")

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.elu)
        y, saved = algorithm.elu(x, float(self.alpha))
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.elu_backward(dy, inner)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"alpha={self.alpha}"


class Softplus(Layer):
    """log(1 + exp(beta * x)) / beta, a ReLU without a corner: torch.nn.Softplus.

    Where beta * x is above the threshold, y is x itself.

    Parameters
    ----------
    beta : any number; the larger, the closer y is to ReLU's
    threshold : any number

    Examples
    --------
    >>> import numpy as np, scratch
    >>> scratch.Softplus(beta=2)(np.array([-1.0, 0.0, 2.0])).round(4)
    array([0.0635, 0.3466, 2.0091])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta: float = beta
        self.threshold: float = threshold
        for name, value in (("beta", beta), ("threshold", threshold)):
            if not isinstance(value, Real):
                raise TypeError(f"{name}={value!r} must be a number")

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        check_floating("x", x)
        algorithm = self._choose(self.backend.softplus)
        y, saved = algorithm.softplus(x, float(self.beta), float(self.threshold))
        return y, (algorithm, saved)

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        algorithm, inner = saved
        dx: Array = algorithm.softplus_backward(dy, inner)
        return dx

    def extra_repr(self) -> str:
        """Tell the arguments as torch prints them."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Identity(Layer):
    """x itself, whatever the arguments are: torch.nn.Identity. It takes the place of a layer that is taken out.

    >>> import numpy as np, scratch
    >>> scratch.Identity(54, unused=0.1)(np.array([1, 2]))
    array([1, 2])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def _forward(self, x: Array) -> tuple[Array, Saved]:
        return x, None

    def _backward(self, dy: Array, saved: Saved, needs_dx: bool) -> Array | None:
        return dy


def as_floating(x: Array) -> Array:
    """Integers and booleans as float32, as torch promotes them; raises a TypeError for other dtypes than float64."""
    if x.dtype.kind in "biu":
        return x.astype("float32")
    check_floating("x", x)
    return x


def check_differentiable(dtype: Any) -> None:
    """Raise a TypeError where x was of integers or booleans, to which no gradient belongs."""
    if dtype.kind in "biu":
        raise TypeError(f"x had dtype {dtype}, which has no gradient; float32 or float64 is needed")
