"""`check`: what people write, each in its own style; a line is a sample, how it is read, and the verdict."""

import re

import pytest

from parity_tests.command_line.reading import disagreeing, flat, verdict

RIGHT = [
    # Where the weights and the gradients are
    ("gradients.py:Dictionaries", "Linear", "weight is .params.W (in, out), bias is .params.b"),
    ("gradients.py:Attributes", "Linear", "y is .output weight is .weights (in, out), bias is .biases"),
    ("gradients.py:Attributes", "Linear", "backward(dy) leaves dx in .dinputs"),
    ("gradients.py:GradWeights", "Linear", "Read as a class of its own style."),
    ("gradients.py:WeightsGrad", "Linear", "weight is .W (in, out), bias is .b"),
    ("gradients.py:ShortNames", "Linear", "weight is .W (in, out), bias is .b"),
    ("gradients.py:Returned", "Linear", "backward(dy) returns (dx, dweight, dbias)"),
    ("gradients.py:ReturnedByName", "Linear", "backward(dy) returns (dx, dweight, dbias)"),
    ("gradients.py:Cached", "Linear", "and returns (y, cache)"),
    ("gradients.py:Cached", "Linear", "backward(dy, cache) returns (dx, dweight, dbias)"),
    ("gradients.py:Lists", "Linear", "weight is .params.0 (in, out), bias is .params.1"),
    ("gradients.py:TakesArrays", "Linear", "TakesArrays(W=weight, b=bias)"),
    ("gradients.py:RateOfItsOwn", "Linear", "gradient = (before - after) / learning_rate"),
    ("gradients.py:Lazy", "Linear", "its weights are made by the first forward"),
    ("gradients.py:Column", "Linear", "forward(x) takes a column (n, 1)"),
    ("gradients.py:Columns", "Linear", "forward(x) takes samples in columns (n, N)"),
    # How x lies, and how it is computed
    ("layouts.py:ChannelsLast", "Conv2d", "takes a batch, channels last weight is .W (H, W, in, out), bias is .b"),
    ("layouts.py:ChannelsLastInside", "Conv2d", "Read as torch-like."),
    ("layouts.py:InputShape", "Conv2d", "InputShape(input_shape, kernel_size, depth=out_channels)"),
    ("layouts.py:HeightAndWidth", "MaxPool2d", "pool_h=kernel_size[0], pool_w=kernel_size[1]"),
    ("layouts.py:OfRows", "BatchNorm2d", "forward(x) takes rows of features (N, C)"),
    ("layouts.py:BackwardOrder", "Linear", "Read as torch-like."),
    # Functions
    ("functions.py:conv_forward", "Conv2d", "conv_forward(x=x, w=weight, b=bias, conv_param=options) -> y, cache"),
    ("functions.py:conv_forward,conv_backward", "Conv2d", "the options are {stride, pad=padding}"),
    ("functions.py:affine_forward", "Linear", "x is a batch, weight in the order I, O"),
    ("functions.py:max_pool_forward", "MaxPool2d", "{stride, pool_height=kernel_size[0], pool_width=kernel_size[1]}"),
    ("functions.py:relu_forward", "ReLU", "relu_backward(dout=dy, cache=cache) -> dx"),
    ("functions.py:spatial_norm_forward", "BatchNorm2d", "mode, running_mean=running_mean, running_var=running_var}"),
    ("functions.py:conv2d", "Conv2d", "Read as a function. Assumed: conv2d(x=x, w=weight, b=bias, stride, padding)"),
    ("functions.py:avg_pool", "AvgPool2d", "avg_pool(x=x, kernel_size, stride) -> y"),
    ("functions.py:linear", "Linear", "linear(x=x, weight=weight, bias=bias) -> y"),
    ("functions.py:conv_last_forward", "Conv2d", "channels last, weight in the order H, W, I, O, bias (1, 1, 1, n)"),
    ("functions.py:pool_last_forward", "MaxPool2d", "the options are {f=kernel_size, stride}"),
    ("functions.py:dense_columns_forward", "Linear", "x is samples in columns (n, N), bias (n, 1)"),
    ("image_functions.py:correlate", "Conv2d", "Read as a function of one image."),
    ("image_functions.py:correlate2d", "Conv2d", "x is one plane (H, W)"),
    ("image_functions.py:filter_image", "Conv2d", "it keeps the size of the image"),
    # Losses
    ("losses.py:CrossEntropy", "CrossEntropyLoss", "labels are class numbers backward() returns dx"),
    ("losses.py:OneHotCrossEntropy", "CrossEntropyLoss", "labels are rows with a single 1 backward(dloss) returns dx"),
    ("losses.py:MeanSquares", "MSELoss", "forward(y_true=target, y_pred=x) returns loss gradient(y_true=target,"),
    ("losses.py:softmax_loss", "CrossEntropyLoss", "softmax_loss(x, y=target) returns loss, dx"),
    ("losses.py:squares", "MSELoss", "squares_backward(prediction=x, target, reduction) returns dx"),
    # Optimisers
    ("optimisers.py:SGD", "SGD", "step() works in place params are parameters with .data and .grad"),
    ("optimisers.py:DictMomentum", "SGD", "params are dictionaries of arrays"),
    ("optimisers.py:ListAdam", "Adam", "step(params, grads) returns what is new params are lists of arrays"),
    ("optimisers.py:OneArray", "SGD", "update(w=params, grad_wrt_w=grads) returns what is new"),
    ("optimisers.py:LayerSGD", "SGD", "params are an object with .weights, .dweights, .biases, .dbiases"),
    ("optimisers.py:HoldsArrays", "SGD", "HoldsArrays(parameters=params, lr) step(gradients=grads) works in place"),
    ("optimisers.py:Adam", "Adam", "50 steps in a row: before each theta is set to torch's, its own state goes on"),
    ("optimisers.py:sgd_momentum", "SGD", "the options are {learning_rate=lr, momentum}"),
    ("optimisers.py:adam", "Adam", "beta1=betas[0], beta2=betas[1]}"),
    # torch Modules
    ("torch_modules.py:Conv", "Conv2d", "Read as a torch Module, on arrays of torch."),
    ("torch_modules.py:Wrapped", "Conv2d", "weight is .conv.weight, bias is .conv.bias"),
    ("torch_modules.py:Dense", "Linear", "weight is .W (in, out), bias is .b y.backward(dy) of autograd"),
    ("torch_modules.py:Norm", "BatchNorm2d", "running_mean is .norm.running_mean"),
    ("torch_modules.py:Clamp", "ReLU", "y.backward(dy) of autograd gives dx and the gradients"),
    ("torch_modules.py:Nats", "CrossEntropyLoss", "loss.backward(dloss) of autograd gives dx"),
    ("torch_modules.py:Steps", "SGD", "Read as a class that is an optimiser, on arrays of torch."),
]  # fmt: skip


@pytest.mark.parametrize(("sample", "like", "words"), RIGHT)
def test_right_ones_agree_and_the_reading_is_told(check, sample, like, words):
    code, out, err = check(sample, "--like", like, "--dtype", "float32")
    assert (code, err) == (0, ""), out
    assert " agrees with torch." in verdict(out)
    assert not disagreeing(out)
    assert words in flat(out)


WRONG = [
    ("gradients.py:MeanOverTheBatch", "Linear", "dweight dbias", "Diagnosis: gradient-averaged-over-batch"),
    ("gradients.py:NotSummed", "Linear", "dbias", "has shape (3, 5), should have (5,)"),
    ("gradients.py:Transposed", "Linear", "dweight", "has shape (5, 7), the parameter has (7, 5)"),
    ("functions.py:unpadded_forward", "Conv2d", "dx", "Not offered: bias=False, dilation, groups"),
    ("functions.py:conv2d_padded_on_one_side", "Conv2d", "y", "Diagnosis: padding-on-one-side"),
    ("functions.py:mean_affine_forward", "Linear", "dweight dbias", "Diagnosis: gradient-averaged-over-batch"),
    ("image_functions.py:convolve", "Conv2d", "y", "Diagnosis: kernel-flipped"),
    ("image_functions.py:transposed", "Conv2d", "y", "Diagnosis: kernel-transposed"),
    ("image_functions.py:clipped", "Conv2d", "y", "Diagnosis: nothing that is known"),
    ("image_functions.py:edges_repeated", "Conv2d", "y", "Diagnosis: padding-not-zero"),
    ("image_functions.py:by_fft", "Conv2d", "y", "not finite where torch has numbers"),
    ("losses.py:ForgetsTheBatch", "CrossEntropyLoss", "dx", "Diagnosis: gradient-summed-over-batch"),
    ("losses.py:WithoutShift", "CrossEntropyLoss", "loss dx", "Diagnosis: no-shift"),
    ("losses.py:IgnoresUpstream", "CrossEntropyLoss", "dx", "Diagnosis: upstream-ignored"),
    ("losses.py:OfProbabilities", "CrossEntropyLoss", "loss", "labels are class numbers"),
    ("losses.py:HalfSquares", "MSELoss", "dx", "Diagnosis: factor-two"),
    ("losses.py:summed_softmax_loss", "CrossEntropyLoss", "loss dx", "Diagnosis: batch-factor"),
    ("optimisers.py:DampedFirst", "SGD", "theta", "Diagnosis: first-velocity-damped"),
    ("optimisers.py:OneVelocity", "SGD", "theta", ""),
    ("optimisers.py:WithoutCorrection", "Adam", "theta", "Diagnosis: bias-correction-missing"),
    ("optimisers.py:EpsInsideTheRoot", "Adam", "theta", "Diagnosis: eps-inside-root"),
    ("optimisers.py:EpsBeforeCorrection", "Adam", "theta", "Diagnosis: eps-before-correction"),
    ("optimisers.py:Uphill", "SGD", "theta", "Diagnosis: step-sign"),
    ("torch_modules.py:Reflected", "Conv2d", "y dx dweight", "Diagnosis: kernel-flipped"),
    ("torch_modules.py:OneAtZero", "ReLU", "dx", "Diagnosis: gradient-at-zero"),
    ("torch_modules.py:Bits", "CrossEntropyLoss", "loss dx", "Diagnosis: log-base"),
]


@pytest.mark.parametrize(("sample", "like", "tensors", "words"), WRONG)
def test_wrong_ones_do_not(check, sample, like, tensors, words):
    dtypes = () if like == "Adam" else ("--dtype", "float32")  # eps shows in float64 alone
    code, out, err = check(sample, "--like", like, *dtypes)
    assert (code, err) == (1, "")
    assert disagreeing(out) == dict.fromkeys(tensors.split(), "wrong")
    assert re.search(r" is wrong against torch\.(nn|optim)\.", verdict(out))
    assert words in flat(out)


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        (
            "activation OneBuffer ReLU",
            "breaks a promise of torch.nn.ReLU: a later call changes y after it was returned",
        ),
        (
            "conv_gradient BufferNotCleared Conv2d",
            "torch.nn.Conv2d: y of a second call depends on the first, though all",
        ),
    ],
)
def test_calls_are_independent(mine, mutant, words):
    file, name, like = mutant.split()
    source = f"from parity_tests.mutants.{file} import {name}"
    code, out, _ = mine(source, f"mine.py:{name}", "--like", like, "--dtype", "float32")
    assert code == 1
    assert words in verdict(out)


def test_a_call_that_depends_on_the_one_before_breaks_a_promise(check):
    code, out, _ = check("layouts.py:Remembers", "--like", "Conv2d", "--dtype", "float64")
    assert code == 1
    assert verdict(out).startswith(
        "layouts.py:Remembers breaks a promise of torch.nn.Conv2d: dx of a second call depends"
    )
    assert "in a second call: at [" in flat(out)
    assert "Diagnosis: depends-on-earlier-call" in out


# Functions, losses and optimisers that do not answer as they should


BAD = """import numpy as np, os, time
def conv_none(x, w, b): pass
def conv_list(x, w, b): return [[1.0]]
def conv_raises(x, w, b): raise KeyError("no such thing")
def conv_exits(x, w, b): os._exit(3)
def conv_hangs(x, w, b): time.sleep(60)
def conv_nan(x, w, b):
    return np.full((len(x), len(w), x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1), np.nan)
def conv_shape(x, w, b): return conv_nan(x, w, b)[..., :-1]
def conv_prints(x, w, b): print("here"); return conv_nan(x, w, b)
def conv_overwrites(x, w, b): x *= 0; return conv_nan(x, w, b)
def relu(x): return np.where(x <= 0, 0, x).astype(x.dtype), x
def relu_none(dout, cache): pass
def relu_tuple(dout, cache): return np.where(cache <= 0, 0, dout), None
def relu_unhappy(dout, cache): raise ValueError("nothing back")
def mse_none(x, t): pass
def mse_words(x, t): return "much"
def mse_each(x, t): return (x - t) ** 2
class SgdRaises:
    def __init__(self, params, lr): self.params = params
    def step(self): self.unknown()
class SgdForgets:
    def __init__(self, lr): pass
    def update(self, params, grads): params = [p - g for p, g in zip(params, grads)]
class SgdHangs:
    def __init__(self, params, lr): pass
    def step(self): time.sleep(60)
class SgdNan:
    def __init__(self, params, lr): self.params = params
    def step(self):
        for p in self.params: p.data = p.data * np.nan
class ReluChanges:
    count = 0
    def forward(self, x):
        self.x = x
        return np.where(x <= 0, 0, x).astype((np.float32, np.float64)[x.size % 2])
    def backward(self, dy): return np.where(self.x <= 0, 0, dy)
"""


@pytest.mark.parametrize(
    ("name", "like", "code", "words"),
    [
        ("conv_none", "Conv2d", 1, "is a NoneType, not an array"),
        ("conv_list", "Conv2d", 1, "is a list, not an array"),
        ("conv_raises", "Conv2d", 1, "it raises KeyError: 'no such thing' (mine.py, line 4, in conv_raises"),
        ("conv_exits", "Conv2d", 1, "it crashes: it ended the process with exit code 3"),
        ("conv_hangs", "Conv2d", 1, "it hangs in 3 of 3 cases"),
        ("conv_nan", "Conv2d", 1, "it has nan, torch has"),
        ("conv_shape", "Conv2d", 1, "should have (1, 1, 1, 1)"),
        ("conv_prints", "Conv2d", 1, "the first: here"),
        ("conv_overwrites", "Conv2d", 1, ", and it changes x in place."),
        ("relu,relu_none", "ReLU", 1, "is a NoneType, not an array"),
        ("relu,relu_tuple", "ReLU", 0, "relu_tuple(dout=dy, cache=cache) -> (dx)"),
        ("relu,relu_unhappy", "ReLU", 1, "it raises ValueError: nothing back"),
        ("mse_none", "MSELoss", 1, "is a NoneType, not an array"),
        ("mse_words", "MSELoss", 1, "is a str, not an array"),
        ("mse_each", "MSELoss", 1, "has shape (3, 5), should have ()"),
        ("SgdRaises", "SGD", 1, "it raises AttributeError"),
        ("SgdForgets", "SGD", 1, "theta in "),
        ("SgdHangs", "SGD", 1, "it hangs, giving no answer within 0.4 s"),
        ("SgdNan", "SGD", 1, "it has nan, torch has"),
        ("ReluChanges", "ReLU", 0, "For float32 input it returns float64"),
    ],
)
def test_what_does_not_answer_is_a_verdict_in_words(mine, name, like, code, words):
    done, out, err = mine(BAD, f"mine.py:{name}", "--like", like, "--dtype", "float32", "--timeout", "0.4")
    assert (done, err) == (code, "")
    assert words in flat(out)


PAIRS = """import numpy as np
from parity_tests.mutants.conv import StrideSwapped
class Square:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1):
        self.weight = np.zeros((out_channels, in_channels, kernel_size, kernel_size))
        self.bias, self.s = np.zeros(out_channels), stride
    def forward(self, x):
        k = self.weight.shape[2]
        views = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, :: self.s, :: self.s]
        return np.einsum("ncijuv,ocuv->noij", views, self.weight) + self.bias[:, None, None]
"""


def test_a_pair_that_is_taken_is_offered_and_one_that_is_not_is_not(mine):
    """Raising for all pairs is not offering them; raising only where they differ is an error, which forward tells."""
    code, out, _ = mine(PAIRS, "mine.py:Square", "--like", "Conv2d", "--dtype", "float64")
    assert code == 0, out
    assert {"a pair as kernel_size", "a pair as stride"} & set(re.split(r", | \(", flat(out).split("Not offered: ")[1]))
    code, out, _ = mine(PAIRS, "mine.py:StrideSwapped", "--like", "Conv2d", "--dtype", "float64")
    assert code == 1
    assert re.search(r"y in (\d+), it raises in \1 of ", verdict(out))
    assert "Diagnosis: stride-swapped." in out
