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
    ("image_functions.py:edges_repeated", "Conv2d", "y", "a kernel of even size"),
    ("image_functions.py:by_fft", "Conv2d", "y", "not finite where torch has numbers"),
    ("losses.py:ForgetsTheBatch", "CrossEntropyLoss", "dx", "Diagnosis: gradient-summed-over-batch"),
    ("losses.py:WithoutShift", "CrossEntropyLoss", "loss dx", "Diagnosis: no-shift"),
    ("losses.py:IgnoresUpstream", "CrossEntropyLoss", "dx", "Diagnosis: upstream-ignored"),
    ("losses.py:OfProbabilities", "CrossEntropyLoss", "loss", "labels are class numbers"),
    ("losses.py:HalfSquares", "MSELoss", "dx", "Diagnosis: factor-two"),
    ("losses.py:summed_softmax_loss", "CrossEntropyLoss", "loss dx", "Diagnosis: batch-factor"),
    ("optimisers.py:DampedFirst", "SGD", "theta", ""),
    ("optimisers.py:OneVelocity", "SGD", "theta", ""),
    ("optimisers.py:WithoutCorrection", "Adam", "theta", ""),
    ("optimisers.py:EpsInsideTheRoot", "Adam", "theta", ""),
    ("optimisers.py:EpsBeforeCorrection", "Adam", "theta", ""),
    ("optimisers.py:Uphill", "SGD", "theta", ""),
    ("torch_modules.py:Reflected", "Conv2d", "y dx dweight", "Diagnosis: kernel-flipped"),
    ("torch_modules.py:OneAtZero", "ReLU", "dx", "Diagnosis: gradient-at-zero"),
    ("torch_modules.py:Bits", "CrossEntropyLoss", "loss dx", "Diagnosis: log-base"),
]


@pytest.mark.parametrize(("sample", "like", "tensors", "words"), WRONG)
def test_wrong_ones_do_not(check, sample, like, tensors, words):
    code, out, err = check(sample, "--like", like)
    assert (code, err) == (1, "")
    assert disagreeing(out) == dict.fromkeys(tensors.split(), "wrong")
    assert re.search(r" is wrong against torch\.(nn|optim)\.", verdict(out))
    assert words in flat(out)


def test_a_call_that_depends_on_the_one_before_breaks_a_promise(check):
    code, out, _ = check("layouts.py:Remembers", "--like", "Conv2d", "--dtype", "float64")
    assert code == 1
    assert verdict(out).startswith(
        "layouts.py:Remembers breaks a promise of torch.nn.Conv2d: dx of a second call depends"
    )
    assert "in a second call: at [" in flat(out)
    assert "Diagnosis: depends-on-earlier-call" in out
