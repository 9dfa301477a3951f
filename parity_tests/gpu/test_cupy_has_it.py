"""What the stand-in offers, CuPy has: each function, method and operator, with the same names of arguments.

Runs where CuPy can be imported; it needs no GPU.
"""

import inspect
import re
from functools import partial
from importlib.util import find_spec

import pytest

from gpu.on_numpy import stand_in, stand_in_array

if find_spec("cupy") is None:
    pytest.skip("CuPy is not installed: nothing to compare the stand-in's signatures with", allow_module_level=True)

import cupy  # which fails, rather than skips, if it is there and broken

FUNCTIONS = [name for name in stand_in.__all__ if inspect.isfunction(getattr(stand_in, name))]
INSIDE = ["fft.irfft2", "fft.rfft2", "lib.stride_tricks.as_strided", "linalg.norm"]  # functions of its submodules
UFUNCS = {name: f.args[0] for name, f in vars(stand_in).items() if isinstance(f, partial)}
UFUNCS |= {ufunc.__name__: ufunc for ufunc in stand_in_array.OPERATORS}
MEMBERS = [name for name in vars(stand_in.ndarray) if not name.startswith("_")]
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def same_arguments(ours, theirs):
    """Each argument of ours is one of theirs, those by position at the same position."""
    names = list(theirs)
    for place, (name, argument) in enumerate(ours.items()):
        assert name in names
        assert argument.kind not in POSITIONAL or names.index(name) == place


def test_no_name_is_forgotten():
    others = {name.split(".")[0] for name in INSIDE} | {"nan", "ndarray"}
    assert {*FUNCTIONS, *others} | set(UFUNCS) & set(stand_in.__all__) == set(stand_in.__all__)
    assert [f"fft.{name}" for name in stand_in.fft.__all__] == [name for name in INSIDE if name.startswith("fft.")]


@pytest.mark.parametrize("name", [*FUNCTIONS, *INSIDE])
def test_functions(name):
    ours, theirs = stand_in, cupy
    for part in name.split("."):
        ours, theirs = getattr(ours, part), getattr(theirs, part)
    same_arguments(inspect.signature(ours).parameters, inspect.signature(theirs).parameters)


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs(name):
    theirs = getattr(cupy, name)
    # CuPy's matmul is the function behind an operator that takes two arrays and nothing else.
    assert name == "matmul" or (theirs.nin, theirs.nout) == (UFUNCS[name].nin, 1)
    assert "out" in theirs.__doc__


@pytest.mark.parametrize("name", MEMBERS)
def test_members_of_the_array(name):
    ours, theirs = getattr(stand_in.ndarray, name), getattr(cupy.ndarray, name)
    if isinstance(ours, property):
        assert not callable(theirs)
        return
    # A method in Cython has no signature but the first line of its documentation.
    line = re.match(rf"_ndarray_base\.{name}\((.*?)\)( ->|\n|$)", theirs.__doc__)[1]
    names = [re.split("[ *]", argument.split("=")[0])[-1] for argument in line.split(", ")]
    same_arguments(inspect.signature(ours).parameters, names)


def test_largest_at_some_places():
    """A method of a ufunc, in Cython: it has no signature but the first line of its documentation."""
    assert cupy.maximum.at.__doc__.startswith("ufunc.at(self, a, indices, b=None)")
    assert list(inspect.signature(stand_in.maximum.at).parameters) == ["a", "indices", "b"]


def test_namespace_of_finds_cupy():
    assert cupy.ndarray.__module__ == "cupy"
    assert stand_in.ndarray.__module__ == stand_in.__name__
    assert hasattr(cupy.ndarray, "__array_namespace__") == hasattr(stand_in.ndarray, "__array_namespace__")
