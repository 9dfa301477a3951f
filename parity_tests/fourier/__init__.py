"""The Fourier chapter: its transforms against numpy.fft and torch, its theorems, and how far rounding may go."""
