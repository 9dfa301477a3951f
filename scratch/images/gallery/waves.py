"""The picture as a sum of waves: its spectrum and phase, its low and high frequencies, and the way back."""

from dataclasses import dataclass

import numpy as np

from scratch.array import Array
from scratch.images.fourier.spectrum import from_spectrum, high_pass, low_frequencies, low_pass, phase, spectrum
from scratch.images.gallery.picture import Shown


@dataclass(frozen=True)
class Pass:
    """The low and the high frequencies, on either side of a radius.

    Attributes
    ----------
    radius : in cells of the spectrum
    kept : (H, W) bool array, the low ones
    low, high : (H, W) float64 arrays; together they are the picture
    dimmed : the spectrum, dimmer outside the radius
    contrast : which share of the picture's variance the low ones hold
    """

    radius: int
    kept: Array
    low: Array
    high: Array
    dimmed: Array
    contrast: float


@dataclass(frozen=True)
class Waves:
    """All of it, of the grey picture.

    Attributes
    ----------
    spectrum, phase : (H, W) float64 arrays, the zero frequency in the middle
    back : the picture made of these two
    largest : how far back is from the picture, in grey levels
    changed : how many of its pixels are others, rounded to whole numbers
    passes : one for each radius
    only_magnitude : the picture's spectrum with the phase of noise
    only_phase : the picture's phase with the spectrum of noise
    """

    spectrum: Array
    phase: Array
    back: Array
    largest: float
    changed: int
    passes: list[Pass]
    only_magnitude: Array
    only_phase: Array


def waves(shown: Shown) -> Waves:
    """Take the picture apart and put it together again."""
    grey = shown.grey
    magnitudes, phases = spectrum(grey), phase(grey)
    back = from_spectrum(magnitudes, phases)
    noise = np.random.default_rng(0).integers(0, 256, grey.shape)
    shorter = min(grey.shape)
    radii = sorted({max(1, shorter // part) for part in (30, 12, 4)})
    return Waves(
        magnitudes,
        phases,
        back,
        float(np.abs(back - grey).max()),
        int(np.count_nonzero(np.rint(back) != grey)),
        [passed(grey, magnitudes, radius) for radius in radii],
        from_spectrum(magnitudes, phase(noise)),
        from_spectrum(spectrum(noise), phases),
    )


def passed(grey: Array, magnitudes: Array, radius: int) -> Pass:
    """Part the frequencies at a radius."""
    low = low_pass(grey, radius)
    kept = low_frequencies((grey.shape[0], grey.shape[1]), radius)
    whole = float(np.var(grey))
    contrast = float(np.var(low)) / whole if whole else 1.0
    return Pass(radius, kept, low, high_pass(grey, radius), np.where(kept, magnitudes, 0.75 * magnitudes), contrast)
