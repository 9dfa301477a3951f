"""What the kernels of a CUDA C++ text are called, and what they take, as it is written there."""

import re
from dataclasses import dataclass

from gpu.emulator.compiler import DYNAMIC, without_comments

BOUNDS = re.compile(r"__launch_bounds__\s*\([^)]*\)")
KERNEL = re.compile(r"__global__\s+(?:\w+\s+)*?(\w+)\s*\(")
TEMPLATE = re.compile(r"\btemplate\s*<([^;{}()]*)>\s*[\w\s\"]*$")
PARAMETER = re.compile(r"(.*?[\s*&])(\w+)\s*(\[[^]]*\])?", re.DOTALL)


@dataclass(frozen=True)
class Taken:
    """One parameter: `const float* __restrict__ x` has the type `const float*` and the name x, "" if it has none."""

    type: str
    name: str

    @property
    def is_array(self) -> bool:
        """Whether it is a pointer."""
        return self.type.endswith("*")

    def __str__(self) -> str:
        return f"{self.type} {self.name}".rstrip()


@dataclass(frozen=True)
class Signature:
    """A kernel.

    Attributes
    ----------
    name, parameters : as they are written
    template : its parameters too, such as ("typename T", "int SIZE")
    is_dynamic : whether it uses dynamic shared memory, declared within it
    """

    name: str
    parameters: tuple[Taken, ...]
    template: tuple[str, ...]
    is_dynamic: bool

    def __str__(self) -> str:
        types = f"<{', '.join(self.template)}>" if self.template else ""
        return f"{self.name}{types}({', '.join(map(str, self.parameters))})"


def signatures(text: str) -> dict[str, Signature]:
    """All kernels of a text, by name.

    >>> kernels = signatures("template <typename T>__global__ void scale(const T* x, T *y, int n) {}")
    >>> print(kernels["scale"])
    scale<typename T>(const T* x, T* y, int n)
    """
    plain = BOUNDS.sub("", without_comments(text))
    found = {}
    for kernel in KERNEL.finditer(plain):
        before = TEMPLATE.search(plain[: kernel.start()])
        template = pieces(before[1]) if before else []
        inside = plain[kernel.end() : end_of_brackets(plain, kernel.end())]
        body = plain[kernel.end() :].partition("__global__")[0]
        is_dynamic = DYNAMIC.search(body) is not None
        found[kernel[1]] = Signature(kernel[1], tuple(map(taken, pieces(inside))), tuple(template), is_dynamic)
    return found


def end_of_brackets(text: str, start: int) -> int:
    """Where the bracket that was opened before `start` is closed."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


def pieces(text: str) -> list[str]:
    """Take a list apart at its commas, but not within brackets.

    >>> pieces("Pair<int, float> p, int n")
    ['Pair<int, float> p', 'int n']
    """
    depth, parts = 0, [""]
    for letter in text:
        depth += (letter in "(<[{") - (letter in ")>]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [each for each in (" ".join(part.split()) for part in parts) if each]


def taken(text: str) -> Taken:
    """Read one parameter.

    >>> taken("float (&x)[3]"), taken("const float *__restrict__ x"), taken("unsigned n"), taken("float")
    (Taken(type='float (&x)[3]', name=''), Taken(type='const float*', name='x'), Taken(type='unsigned', name='n'),
     Taken(type='float', name=''))
    """
    plain = " ".join(re.sub(r"\b__restrict(__)?\b", " ", text.partition("=")[0]).split())
    found = PARAMETER.fullmatch(plain)
    if found is None or found[2] in ("int", "char", "long", "short", "double"):  # the end of `unsigned int`
        return Taken(plain, "")
    of = re.sub(r"\s*\*", "*", found[1]).strip()
    return Taken(of + "*" * (found[3] is not None), found[2])
