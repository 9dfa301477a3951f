// The emulator has __half in half.h, which every compiled file already includes.
