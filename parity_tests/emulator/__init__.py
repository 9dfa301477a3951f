"""The emulator of CUDA kernels, the kernels of gpu/ in it, and the launches that both share."""
