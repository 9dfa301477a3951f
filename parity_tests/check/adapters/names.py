"""What people call things: the arguments, attributes and methods that a name is enough to know."""

SYNONYMS = {
    "in_channels": (
        "input_channels", "channels_in", "in_ch", "c_in", "num_input_channels", "n_channels", "channels", "in_depth",
        "input_depth", "n_in", "num_channels", "nb_channels",
    ),
    "out_channels": (
        "num_filters", "n_filters", "filters", "output_channels", "channels_out", "out_ch", "c_out", "depth",
        "nb_filters", "num_kernels", "n_kernels", "out_depth", "output_depth", "n_out", "number_of_filters", "n_c",
    ),
    "kernel_size": (
        "filter_size", "pool_size", "kernel", "window_size", "window", "pool", "size", "k", "f", "filter_shape",
        "kernel_shape", "pool_shape", "kernel_dim", "filter_dim", "ksize", "kernel_width",
    ),
    "kernel_size[0]": ("pool_h", "pool_height", "kernel_h", "kernel_height", "filter_h", "filter_height", "kh", "fh"),
    "kernel_size[1]": ("pool_w", "pool_width", "kernel_w", "filter_w", "filter_width", "kw", "fw"),
    "stride": ("strides", "step", "s"),
    "padding": ("pad", "p", "pads", "zero_padding"),
    "dilation": ("dilations",),
    "bias": ("use_bias", "has_bias", "with_bias"),
    "in_features": (
        "input_size", "in_size", "input_dim", "in_dim", "n_in", "num_inputs", "n_inputs", "inputs", "fan_in",
        "input_features", "size_in", "in_units",
    ),
    "out_features": (
        "output_size", "out_size", "output_dim", "out_dim", "n_out", "num_outputs", "n_outputs", "units", "n_neurons",
        "num_neurons", "neurons", "n_units", "fan_out", "output_features", "size_out", "num_units", "hidden_size",
    ),
    "num_features": ("num_channels", "n_channels", "channels", "n_features", "features", "dim", "size", "input_size"),
    "normalized_shape": ("normalised_shape", "shape", "features", "d_model", "dim", "size", "n_features", "ndim"),
    "num_channels": ("channels", "n_channels", "num_features", "c", "in_channels"),
    "num_groups": ("groups", "g", "n_groups"),
    "output_size": ("out_size", "size", "target_size", "output_shape", "out_shape", "bins"),
    "size": ("output_size", "out_size", "target_size", "output_shape", "new_size"),
    "scale_factor": ("scale", "factor", "upscale_factor", "scales", "factors", "s"),
    "eps": ("epsilon",),
    "dim": ("axis",),
    "negative_slope": ("alpha", "slope", "leak", "leakiness", "negative_slope_value"),
    "approximate": ("approximation", "form"),
    "lr": ("learning_rate", "learn_rate", "learningrate", "eta", "alpha", "rate", "step_size"),
    "momentum": ("mu", "rho"),
    "betas[0]": ("beta1", "beta_1", "b1", "beta_one"),
    "betas[1]": ("beta2", "beta_2", "b2", "beta_two"),
    "weight_decay": ("decay_weight", "l2", "wd"),
}  # fmt: skip
"""torch's name of an argument -> other names for it; [0] and [1] are the first and the second of a pair."""

ATTRIBUTES = {
    "weight": (
        "weight", "weights", "W", "w", "kernel", "kernels", "filters", "filter", "gamma", "theta", "Weight", "Weights",
        "K", "F", "_weight", "_weights", "_W",
    ),
    "bias": ("bias", "biases", "b", "beta", "B", "Bias", "_bias", "_biases", "_b", "offset"),
    "running_mean": ("running_mean", "moving_mean", "run_mean", "mean_running"),
    "running_var": ("running_var", "moving_var", "running_variance", "moving_variance", "run_var", "var_running"),
    "num_batches_tracked": ("num_batches_tracked",),
}  # fmt: skip
"""torch's name in the state_dict -> how the attribute may be called."""

PARAMETERS = ("weight", "bias")
"""What is learned; the rest of a state are running statistics."""

GRADIENTS = (
    "d{}", "d_{}", "grad_{}", "{}_grad", "g{}", "g_{}", "gradient_{}", "{}_gradient", "{}_grads", "grads_{}",
    "grad{}", "{}grad", "delta_{}", "dL_d{}",
)  # fmt: skip
"""How the attribute may be called that holds the gradient of another one."""

CONTAINERS = ("grads", "gradients", "grad", "gradient", "derivatives", "dparams", "d_params", "_grads")
"""How a dictionary or list of gradients may be called."""

FORWARD = (
    "forward", "__call__", "forward_pass", "forward_propagation", "forwardprop", "fprop", "feedforward", "call",
    "apply", "calculate",
)  # fmt: skip
BACKWARD = (
    "backward", "backward_pass", "backward_propagation", "backprop", "backpropagation", "back_propagation",
    "backpropagate", "bprop", "back", "gradient", "grad", "derivative",
)  # fmt: skip
STEP = ("step", "update", "update_params", "apply_gradients", "optimize", "optimise", "apply", "__call__")
AROUND = ("pre_update_params", "post_update_params")
"""What is called before and after a step, if it is there."""

METHODS = (*FORWARD, *BACKWARD, *STEP, *AROUND)
"""How a method may be called; the first that there is counts."""

RESULT = ("output", "outputs", "out", "y", "Y", "result", "activations", "Z", "A")
INPUT_GRADIENT = (
    "dinputs", "dinput", "d_inputs", "d_input", "dx", "dX", "d_x", "grad_input", "input_grad", "grad_inputs", "dA_prev",
)  # fmt: skip
"""Where forward leaves y, and backward dx, if they return nothing."""

RATES = ("learning_rate", "lr", "learn_rate", "learningrate", "eta", "alpha", "rate", "step_size")
CACHES = ("cache", "caches", "ctx", "context", "saved", "memory", "cached", "state")
TRAINING = ("training", "train", "is_training", "train_flg", "train_flag", "is_train")
MODES = ("mode",)

X = (
    "x",
    "input",
    "inputs",
    "image",
    "images",
    "img",
    "a_prev",
    "data",
    "inp",
    "a",
    "x_in",
    "in_data",
    "batch",
    "i",
    "z",
)
DY = (
    "dy", "dout", "d_out", "dz", "da", "upstream", "grad_output", "grad_out", "grad", "dloss", "dl", "dvalues",
    "output_gradient", "gradient", "d_l_d_out", "accum_grad", "g", "delta", "d_y", "d_loss", "upstream_gradient", "d",
)  # fmt: skip
WEIGHT = (
    "w", "weight", "weights", "kernel", "kernels", "filter", "filters", "gamma", "f", "k", "mask", "h", "kern", "filt",
    "template", "stencil", "psf",
)  # fmt: skip
BIAS = ("b", "bias", "biases", "beta")
"""How the arrays that a function takes may be called, in small letters."""

OPTIONS = (
    "params", "param", "conv_param", "pool_param", "bn_param", "conv_params", "pool_params", "bn_params",
    "hparameters", "hparams", "hyperparameters", "hyperparams", "parameters", "options", "config", "settings", "opts",
)  # fmt: skip
"""How a dictionary of options may be called."""

LOGITS = (
    "logits", "x", "scores", "score", "y_pred", "pred", "preds", "prediction", "predictions", "predicted", "output",
    "outputs", "y_hat", "yhat", "z", "inputs", "input", "a", "out", "p", "probs", "probabilities",
)  # fmt: skip
TARGET = (
    "labels", "label", "target", "targets", "y_true", "t", "truth", "true", "actual", "expected", "ground_truth",
    "classes", "one_hot", "onehot",
)  # fmt: skip
"""How the two arguments of a loss may be called."""

PARAMS = (
    "params", "parameters", "param", "parameter", "model_parameters", "weights", "variables", "trainable_params",
    "w", "theta", "x", "weight", "var", "param_list",
)  # fmt: skip
GRADS = (
    "grads", "gradients", "grad", "gradient", "dparams", "dw", "dweights", "g", "d_params", "grad_wrt_w", "dtheta",
    "dx",
)  # fmt: skip
LAYER = ("layer", "layers", "model", "module")
"""How what an optimiser works on may be called."""
