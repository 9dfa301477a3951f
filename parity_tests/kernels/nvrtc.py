"""CUDA's own compiler, NVRTC, through ctypes: it needs no GPU, no driver and no CuPy.

The extra `kernels` brings the library and CUDA's headers, both beside Python's other packages.

References
----------
NVRTC, https://docs.nvidia.com/cuda/nvrtc
"""

import ctypes
import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any


@functools.cache
def installed() -> tuple[Any, Path] | None:
    """NVRTC and the folder of CUDA's headers, or None where one of them is not installed."""
    found = importlib.util.find_spec("nvidia")
    for folder in [] if found is None else map(Path, found.submodule_search_locations or []):
        for nvrtc in sorted(folder.glob("cu1*/lib/libnvrtc.so.*")):
            include = nvrtc.parents[1] / "include"
            if (include / "cuda_fp16.h").exists():
                return ctypes.CDLL(str(nvrtc)), include
    return None


def compile_for(
    architecture: str, text: str, file: str, expressions: Sequence[str], folders: Sequence[Path] = ()
) -> tuple[bool, str]:
    """Compile kernels for a real architecture, such as "sm_90", down to machine code.

    Returns
    -------
    ok : whether it compiles
    log : errors with their lines, or for each kernel its registers, stack and spills
    """
    found = installed()
    assert found is not None
    nvrtc, include = found
    program = ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text.encode(), file.encode(), 0, None, None)
    for each in expressions:
        nvrtc.nvrtcAddNameExpression(program, each.encode())
    options = [
        f"-arch={architecture}",
        "-std=c++17",
        "--ptxas-options=-v",
        *(f"-I{each}" for each in (include, *folders)),
    ]
    c_options = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    code = nvrtc.nvrtcCompileProgram(program, len(options), c_options)
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return code == 0, log.value.decode()
