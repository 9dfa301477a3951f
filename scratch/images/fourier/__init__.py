"""Images as sums of waves: the Fourier transform by its definition, fast, and what it is good for."""
