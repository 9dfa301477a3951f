"""Which lessons there are."""

from dataclasses import dataclass
from pathlib import Path

NOTEBOOKS = Path(__file__).parent / "notebooks"


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes
    ----------
    name : on the command line, and of its notebook
    title : for people
    about : what it is about, in a line
    gpu : whether it shows more on a machine with a GPU
    """

    name: str
    title: str
    about: str
    gpu: bool = False

    @property
    def notebook(self) -> Path:
        """The file."""
        return NOTEBOOKS / f"{self.name}.py"


LESSONS = {
    lesson.name: lesson
    for lesson in (
        Lesson("pixels", "Images are arrays", "pixels, channels, histograms; bytes that wrap, layouts that mix"),
        Lesson("sliding", "Sliding a kernel", "correlation, convolution, the flip; a gallery of kernels"),
        Lesson("sizes", "Stride, padding, pooling", "how large a result is, what is left out, what a number sees"),
        Lesson("fourier", "Fourier: pictures as waves", "waves, spectra, fast convolution, a shift found and mended"),
        Lesson("backward", "A layer backward by hand", "the gradient of a convolution on paper, the max-pool tie"),
        Lesson("training", "A network learns to tell lines", "the loss, the filters, the rate; what goes wrong"),
        Lesson("fast", "From loops to GEMM", "columns, memory, blocks, Winograd: measured, and what each costs"),
        Lesson(
            "to_gpu", "To the GPU", "NumPy to CuPy in one word; threads, kernels, and a race between them", gpu=True
        ),
        Lesson("framework", "To the framework", "the same model in torch: equal, faster, and where it surprises"),
        Lesson("referee", "Check your own layer", "the referee, its laws and its diagnosis; four layers to mend"),
    )
}
"""By name, in the order in which they are meant to be read."""
