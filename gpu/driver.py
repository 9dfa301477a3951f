"""What the NVIDIA driver says, asked through ctypes: no CuPy, no CUDA toolkit, only the driver's own library.

CuPy is the wrong one to ask: its "CUDA driver version is insufficient" can mean that there is no driver.

References
----------
CUDA driver API, https://docs.nvidia.com/cuda/cuda-driver-api
"""

import ctypes
import sys
from dataclasses import dataclass

LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE
CAPABILITY_MAJOR, CAPABILITY_MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR


class DriverError(Exception):
    """A function of the driver returned `code`, not 0."""

    def __init__(self, function: str, code: int, meaning: str) -> None:
        super().__init__(f"{function} returned {code}, {meaning}")
        self.code = code


@dataclass(frozen=True)
class Driver:
    """The newest CUDA that the driver serves, the GPUs' names, the compute capability of the first GPU."""

    cuda: tuple[int, int]
    gpus: tuple[str, ...]
    capability: tuple[int, int]


def ask_driver() -> Driver:
    """Initialise the driver, which takes no time when it is done again, and ask.

    Raises
    ------
    OSError
        The driver's library does not load.
    DriverError
        The driver refuses; its code is NO_DEVICE where there is no GPU, or CUDA_VISIBLE_DEVICES hides all.
    """
    library = ctypes.CDLL(LIBRARY)

    def call(function: str, *arguments: object) -> None:
        code = getattr(library, function)(*arguments)
        if code != 0:
            meaning = ctypes.c_char_p()
            library.cuGetErrorString(code, ctypes.byref(meaning))
            raise DriverError(function, code, (meaning.value or b"an unknown error").decode())

    def ask(function: str, *arguments: int) -> int:
        answer = ctypes.c_int()
        call(function, ctypes.byref(answer), *arguments)
        return answer.value

    def name(device: int) -> str:
        text = ctypes.create_string_buffer(256)
        call("cuDeviceGetName", text, len(text), device)
        return text.value.decode()

    call("cuInit", 0)
    version = ask("cuDriverGetVersion")  # 12040 is 12.4
    devices = [ask("cuDeviceGet", ordinal) for ordinal in range(ask("cuDeviceGetCount"))]
    if not devices:
        raise DriverError("cuDeviceGetCount", NO_DEVICE, "no GPU")
    major = ask("cuDeviceGetAttribute", CAPABILITY_MAJOR, devices[0])
    minor = ask("cuDeviceGetAttribute", CAPABILITY_MINOR, devices[0])
    return Driver((version // 1000, version % 1000 // 10), tuple(map(name, devices)), (major, minor))
