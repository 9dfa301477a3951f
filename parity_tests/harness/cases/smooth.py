"""Sigmoid, tanh, SiLU, GELU, ELU, softplus.

"huge" numbers have a cube beyond float32. Of +infinity torch makes NaN by GELU(approximate="none") in float32, and
infinity in float64: so -infinity only is asked there. ELU's gradient at NaN is NaN in torch's vector code
and dy in what is left over at the end: so 32 numbers are asked, of which nothing is left over.
"""

from parity_tests.harness.case import Spec
from parity_tests.harness.layer_case import LayerCase

S = Spec.of

CASES = [
    *(
        case
        for spec in (
            S("Sigmoid"),
            S("Tanh"),
            S("SiLU"),
            S("GELU"),
            S("GELU", approximate="tanh"),
            S("ELU", 0.3),
            S("Softplus", 2, 2),
        )
        for case in (
            LayerCase(spec, (2, 3, 5, 4)),
            LayerCase(spec, ()),
            LayerCase(spec, (0, 3)),
            LayerCase(spec, (2, 3, 5, 4), "images"),
            LayerCase(spec, (3, 7), "ties"),
            LayerCase(spec, (4, 35), "spread"),
            LayerCase(spec, (3, 7), "large"),
            LayerCase(spec, (3, 7), "huge"),
            LayerCase(spec, (4, 8) if spec.op == "ELU" else (5, 7), "nan"),
            LayerCase(spec, (5, 27), "-inf" if spec == S("GELU") else "inf"),
            LayerCase(spec, (5, 27), upstream="inf"),
        )
    ),
    LayerCase(S("Sigmoid"), (3, 7), integer="int32"),
    LayerCase(S("Tanh"), (3, 7), integer="int64"),
    LayerCase(S("Softplus"), (4, 35), "spread"),
    LayerCase(S("Softplus", beta=-0.7), (4, 7)),
    LayerCase(S("Softplus", threshold=-0.5), (4, 7)),
    LayerCase(S("ELU"), (4, 7)),
    LayerCase(S("ELU", 0), (5, 27), "inf", upstream="inf"),
    LayerCase(S("ELU", -2.5), (4, 7)),
]
