"""Image processing from scratch: filters, pooling, and the Fourier transform."""
