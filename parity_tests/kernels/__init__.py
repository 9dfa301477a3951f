"""The kernels of gpu/kernels without a GPU: compiled for every architecture, run in the emulator, with bugs planted."""
