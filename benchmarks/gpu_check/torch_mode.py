"""How torch computes: in full float32 or in TF32, in its default layout or in the one that suits the device best."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Mode:
    """One choice.

    Attributes
    ----------
    name : as it is printed
    tf32 : whether products of convolutions and matrices may be rounded to TF32, 10 bits rather than 23
    best : images channels last, and cuDNN tries its algorithms before it takes one
    """

    name: str
    tf32: bool = False
    best: bool = False

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let torch compute so within the block."""
        # The older names of both settings: torch refuses to mix them with the newer ones.
        cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
        before = cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark
        cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark = self.tf32, self.tf32, self.best
        try:
            yield
        finally:
            cudnn.allow_tf32, matmul.allow_tf32, cudnn.benchmark = before


STRICT = Mode("torch")
MODES = [STRICT, Mode("torch.best", best=True), Mode("torch.tf32", tf32=True), Mode("torch.tf32.best", True, True)]


def modes(products: bool, images: bool) -> list[Mode]:
    """Those that make a difference: TF32 to products, the layout to images."""
    return [mode for mode in MODES if products >= mode.tf32 and images >= mode.best]
