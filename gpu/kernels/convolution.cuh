// What a convolution is, for every kernel that computes one.
#pragma once

struct Convolution {
    int N, C, H, W;         // of x
    int O, outH, outW;      // of y
    int Cg, kH, kW;         // of weight: Cg = C / groups channels for each output
    int Og;                 // O / groups
    int sH, sW, top, left;  // stride and padding
    int dH, dW;             // dilation
};
