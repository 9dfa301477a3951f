"""Dropout and its random words."""

from gpu.kernels import dropout
from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase
from parity_tests.kernels.bug import ORDER, OUTSIDE, OVERFLOW, UNWRITTEN, Bug

CASES = [
    LayerCase(Spec.of("Dropout", 0.3), (5, 7, 23)),
    LayerCase(Spec.of("Dropout", 0.5), (3,), upstream="inf"),
    LayerCase(Spec.of("Dropout", 0.3), (6, 5), "nan"),
    LayerCase(Spec.of("Dropout", 1.0), (3, 7), "inf"),
]

BUGS = [
    Bug("one number too few", dropout, "at < count) y", "at < count - 1) y", UNWRITTEN),
    Bug("no bound at all", dropout, "if (at < count) y", "y", OUTSIDE),
    Bug("offsets that overflow", dropout, "(long long)blockIdx.x *", "(int)(blockIdx.x + 20000000) * (int)", OVERFLOW),
    Bug("numbers a block apart", dropout, "4 * group + n", "group + n * ((count + 3) / 4)", ORDER),
    Bug("the words in another order", dropout, "random.word[n]", "random.word[3 - n]"),
    Bug("every number has a counter", dropout, "{{(unsigned int)group,", "{{(unsigned int)(4 * group),"),
    Bug("the key's words swapped", dropout, "counter, key0, key1", "counter, key1, key0"),
    Bug("a word that is kept drops", dropout, ">= threshold ?", "< threshold ?"),
    Bug("what is left not scaled", dropout, "? S(scale)", "? S(1)"),
    Bug(
        "a selection, not a product",
        dropout,
        "T(S(x[at]) * (random.word[n] >= threshold ? S(scale) : S(0)))",
        "T(random.word[n] >= threshold ? S(x[at]) * S(scale) : S(0))",
    ),
    Bug("nine rounds", dropout, "round < 10", "round < 9", file="philox.cuh"),
    Bug("one key for all rounds", dropout, "key0 += 0x9E3779B9u, key1 += 0xBB67AE85u;", "", file="philox.cuh"),
    Bug("products of 32 bits", dropout, "0xD2511F53ull * a", "0xD2511F53u * a", file="philox.cuh"),
]
