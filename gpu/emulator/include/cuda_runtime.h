// The host's side of CUDA is not emulated; kernels need nothing of it.
