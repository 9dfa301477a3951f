"""The optimisers: what is done with the gradients. They work in place on the parameters of any namespace.

`lr_scheduler` changes their learning rate from step to step; `clip_grad_norm_` and `clip_grad_value_`, which torch has
in torch.nn.utils, make gradients smaller before a step.

>>> import numpy as np
>>> from scratch import Parameter, optim
>>> theta = Parameter(np.array([1.0, -2.0]))
>>> optimizer = optim.SGD([theta], lr=0.1)
>>> scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
>>> for _ in range(2):
...     theta.grad = np.array([30.0, 40.0])
...     length = optim.clip_grad_norm_([theta], max_norm=5.0)
...     optimizer.step()
...     scheduler.step()
>>> theta.data.round(6), length
(array([ 0.55, -2.6 ]), np.float64(50.0))
"""

from scratch.optim import lr_scheduler
from scratch.optim.adam import Adam, AdamW
from scratch.optim.clipping import clip_grad_norm_, clip_grad_value_
from scratch.optim.optimizer import Optimizer
from scratch.optim.rmsprop import RMSprop
from scratch.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "clip_grad_norm_",
    "clip_grad_value_",
    "lr_scheduler",
]
