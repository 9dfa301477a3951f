// Philox4x32-10: four random words from a counter and a key, without a state.
// In loops, with its picture: scratch/naive/dropout.py; how the words are counted: scratch/philox.py.
//
// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
#pragma once

struct Words {
    unsigned int word[4];
};

__device__ inline Words philox4x32(Words counter, unsigned int key0, unsigned int key1) {
    unsigned int a = counter.word[0], b = counter.word[1], c = counter.word[2], d = counter.word[3];
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const unsigned long long left = 0xD2511F53ull * a, right = 0xCD9E8D57ull * c;  // of 64 bits each
        a = (unsigned int)(right >> 32) ^ b ^ key0, b = (unsigned int)right;
        c = (unsigned int)(left >> 32) ^ d ^ key1, d = (unsigned int)left;
        key0 += 0x9E3779B9u, key1 += 0xBB67AE85u;  // unsigned: they wrap around
    }
    return {{a, b, c, d}};
}
