// The emulator has the primitives of asynchronous copies in async_copy.h, which every compiled file includes.
