"""Our layers inside torch: `as_torch(layer)` is a torch.nn.Module that computes with the layer, both ways.

So torch.autograd.gradcheck runs on a backward that was written by hand, and a torch model can be moved over one layer
at a time. Importing this module loads torch; importing `scratch` does not.

Source: https://docs.pytorch.org/docs/stable/notes/extending.html
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from scratch.array import Array, namespace_of, to_host
from scratch.layers.loss import Loss
from scratch.module import Module, remember, unchanged

try:
    import torch
    from torch.autograd.function import once_differentiable
except ModuleNotFoundError as missing:
    raise ImportError('torch is missing: pip install -c constraints.txt -e ".[torch]" brings it') from missing


def as_torch(module: Module) -> "torch.nn.Module":
    """Wrap a layer, a loss or a whole model of ours.

    The wrapper has parameters and buffers of its own, copied from the module's and under the same names, so that
    torch's optimisers, state_dict, `to(dtype)` and `train()` work as ever. The module itself is never changed: what
    was learned goes back by `module.load_state_dict(wrapper.state_dict())`.

    The memory of tensors on the CPU is shared with the module while it computes, not copied. Tensors on a GPU belong
    to a module of `gpu`.

    Parameters
    ----------
    module : of scratch, scratch.naive, gpu or gpu.on_numpy

    Returns
    -------
    torch.nn.Module; its result can go backward several times, but not twice through its own gradient

    Raises
    ------
    TypeError
        if it is no module of ours, or there is no layer in it

    Examples
    --------
    >>> import scratch
    >>> layer = as_torch(scratch.ReLU())
    >>> torch.autograd.gradcheck(layer, torch.tensor([-1.0, 2.0], dtype=torch.float64, requires_grad=True))
    True
    """
    if not isinstance(module, Module):
        raise TypeError(f"module is a {type(module).__name__}, not a Module of scratch or gpu")
    backends = [inside.backend for inside in module.modules() if hasattr(inside, "backend")]
    if not backends:
        raise TypeError("module has no layer that could compute anything")
    return FromScratch(module, backends[0].asarray)


class FromScratch(torch.nn.Module):
    """The wrapper; made by `as_torch`."""

    def __init__(self, module: Module, asarray: Callable[[Any], Array]) -> None:
        super().__init__()
        object.__setattr__(self, "scratch_module", module)  # not an attribute that torch would look into
        self.asarray = asarray
        for name, held in module.named_parameters():
            self._inner(name).register_parameter(name.rpartition(".")[2], torch.nn.Parameter(to_tensor(held.data)))
        for name, buffer in module.named_buffers():
            self._inner(name).register_buffer(name.rpartition(".")[2], to_tensor(buffer.data))

    def _inner(self, name: str) -> torch.nn.Module:
        """The module that holds what has this path; torch wants one for every dot."""
        holder: torch.nn.Module = self
        for part in name.split(".")[:-1]:
            if part not in holder._modules:  # noqa: SLF001 (getattr would find other attributes, too)
                holder.add_module(part, torch.nn.Module())
            holder = holder.get_submodule(part)
        return holder

    def forward(self, *inputs: torch.Tensor) -> Any:
        """Run the module's forward with this wrapper's parameters, buffers and mode."""
        return Run.apply(self, len(inputs), *inputs, *self.parameters())  # type: ignore[no-untyped-call]

    def extra_repr(self) -> str:
        """Show what is inside."""
        return repr(self.scratch_module)


class Run(torch.autograd.Function):
    """One forward of a wrapped module, and its backward.

    A module keeps what its latest forward needs, and here many forwards may wait for their backward. So each takes
    the state of the module with it.
    """

    @staticmethod
    def forward(ctx: Any, wrapper: FromScratch, count: int, *tensors: torch.Tensor) -> Any:
        """Give the module what the wrapper has, and run it."""
        module: Module = wrapper.scratch_module  # type: ignore[assignment]
        arrays = [to_array(tensor, wrapper.asarray) for tensor in tensors]
        buffers = dict(wrapper.named_buffers())
        with unchanged(module):
            module.train(wrapper.training)
            for (_, held), array in zip(module.named_parameters(), arrays[count:], strict=True):
                held.data, held.grad = array, None
            for name, buffer in module.named_buffers():
                buffer.data = to_array(buffers[name], wrapper.asarray)
            results = module(*arrays[:count])
            for name, buffer in module.named_buffers():
                buffers[name].copy_(to_tensor(buffer.data))
            ctx.module, ctx.as_it_was = module, remember(module)
        ctx.asarray, ctx.count = wrapper.asarray, count
        ctx.save_for_backward(*tensors)
        if isinstance(results, tuple):  # of a max pool, the indices
            y, indices = map(to_tensor, results)
            ctx.mark_non_differentiable(indices)
            return y, indices
        return to_tensor(results)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: torch.Tensor, *_: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Run the module's backward from the state after that forward."""
        _ = ctx.saved_tensors  # torch raises here if one of them was overwritten since: the module's arrays are views
        module: Module = ctx.module
        _, _, needs_dx, *_ = ctx.needs_input_grad
        with unchanged(module):
            ctx.as_it_was()
            upstream = to_array(dy, ctx.asarray)
            dx = module.backward(upstream) if isinstance(module, Loss) else module.backward(upstream, needs_dx)
            gradients = [to_tensor(parameter.grad) for parameter in module.parameters()]
        others = [None] * (ctx.count - 1)  # labels
        return None, None, to_tensor(dx) if needs_dx else None, *others, *gradients


def to_array(tensor: torch.Tensor, asarray: Callable[[Any], Array]) -> Array:
    """An array on a tensor's memory; of the stand-in for a GPU, a copy."""
    if tensor.is_cuda:
        import cupy

        array: Array = cupy.from_dlpack(tensor.detach())
        return array
    return asarray(tensor.detach().numpy())


def to_tensor(array: Any) -> torch.Tensor:
    """A tensor with a copy of an array's numbers.

    A copy: what torch gets it may write into, and an array may be read-only or share its memory with another. It is
    contiguous, too; torch.from_dlpack ends the process at a negative stride.
    """
    if namespace_of(array).__name__ == "cupy":
        return torch.utils.dlpack.from_dlpack(array.copy(order="C"))
    return torch.from_numpy(np.array(to_host(array), order="C"))
