"""The kernels of our own: each .cu file is CUDA C++, and the .py file of the same name launches it.

Each is an algorithm like those in gpu/ itself, with the same functions; gpu/algorithms.py says which one is for what.
What several .cu files share is in .cuh files.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def modules() -> list[ModuleType]:
    """The modules that launch kernels, each with the SOURCE of its own.

    >>> {"conv_direct.cu", "conv_im2col.cu"} <= {module.SOURCE.file for module in modules()}
    True
    """
    found = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
    return [module for module in found if hasattr(module, "SOURCE")]
