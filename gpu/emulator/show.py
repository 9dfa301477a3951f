"""What `python -m gpu emulate` prints: the verdict, each finding with its source line, and the results in short."""

import textwrap
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path

from gpu.emulator.arguments import Given
from gpu.emulator.check import KINDS as COMPARED
from gpu.emulator.check import ORDER, OUTPUT_UNSET, SHARED_UNSET, UNWRITTEN
from gpu.emulator.module import Finding
from scratch.array import HostArray

WIDTH = 80
MEANING: Mapping[str, str] = {
    "barrier divergence": "All threads of a block (all lanes that a mask names) have to come to the same barrier, "
    "the same __syncthreads() or __shfl_...() in the text. On a GPU they wait for ever, or go on with wrong values.",
    "early return before a barrier": "All threads of a block (all lanes that a mask names) have to come to the "
    "barrier, also those with nothing to do: let them skip the work rather than return.",
    "overflow": "The type has no such number: divide by no zero, and compute indices in long long, as in "
    "(long long)a * b.",
    "index out of bounds": "The array has a size that the compiler knows, and the index is outside of it.",
    "bad pointer": "A load of several numbers at once, such as a float4, needs an address that is a multiple of its "
    "size; and nothing is at address 0.",
    "access outside an array": "Compare the index with the array's size before it is used; const arrays are not "
    "written to at all. A GPU reads and writes there without a word.",
    "shared memory overrun": "The kernel uses more dynamic shared memory than --shared grants.",
    "asynchronous copy": "A copy is of 4, 8 or 16 bytes to shared memory, and there only after its batch was closed, "
    "__pipeline_commit(), and waited for, __pipeline_wait_prior(n): all but the n latest batches.",
    "crash": "Its process ended, or did not end in time: an endless loop, or a failed assert.",
    UNWRITTEN: "No thread writes to these elements: too few threads, or an index that leaves them out. What the kernel "
    "is to leave as it is, give with += rather than =.",
    SHARED_UNSET: "On a GPU shared memory begins with whatever was there before. Either nobody writes what is read, or "
    "a barrier is missing between the writing and the reading, or a shuffle asks a lane that is not there.",
    OUTPUT_UNSET: "What the array held before goes into the result. If it is meant to, give it with += rather than =.",
    ORDER: "On a GPU no order is promised. Usually a barrier is missing between one thread's write and another's read, "
    "or several threads write to one place.",
}
"""What a finding of each kind means, and what usually mends it."""


def render(
    kernel: str,
    grid: Sequence[int],
    block: Sequence[int],
    findings: Sequence[Finding],
    given: Sequence[Given],
    saved: Sequence[Path],
) -> str:
    """Put everything together, in lines of 80 columns but for source lines."""
    size = f"{count(prod(grid), 'block')} of {count(prod(block), 'thread')}"
    parts = [fold(f"not clean: {count(len(findings), 'finding')} in {kernel}, {size}")]
    if not findings:
        parts = [fold(f"clean: nothing found in {kernel}, {size}, in forward, reverse and random order")]
    parts += [paragraph(finding) for finding in findings]
    if not ended(findings):
        parts.append("No results: the kernel was stopped.")
    elif any(each.is_output for each in given):
        parts.append(results(given, " in forward order" if findings else ""))
    if saved:
        parts.append("\n".join(["saved:", *(f"  {path}" for path in saved)]))
    return "\n\n".join(parts)


def ended(findings: Sequence[Finding]) -> bool:
    """Whether the kernel came to its end, and has results: what stops it is of no kind that is found by comparing."""
    return all(finding.kind in COMPARED for finding in findings)


def paragraph(finding: Finding) -> str:
    """One finding: its kind, the source line, who did it, what happened, and what it means."""
    lines = [finding.kind]
    if finding.line is not None:
        where = f"  {finding.file}, line {finding.line}:"
        fits = len(where) + 1 + len(finding.source_line) <= WIDTH
        lines += [f"{where} {finding.source_line}"] if fits else [where, f"    {finding.source_line}"]
    if finding.block is not None:
        lines.append(f"  block {finding.block}, thread {finding.thread}")
    return "\n".join([*lines, fold(finding.detail, "  "), fold(MEANING[finding.kind], "  ")])


def results(given: Sequence[Given], order: str) -> str:
    """The arrays that the kernel may write to: as many of their first values as fit into a line."""
    rows = [("result", "dtype", "shape", f"first values{order}")]
    for each in given:
        if each.is_output and each.array is not None:
            shape = "x".join(map(str, each.array.shape))
            rows.append((each.name, each.array.dtype.name, shape, ""))
    widths = [max(len(row[column]) for row in rows) + 2 for column in range(3)]
    heads = ["".join(word.ljust(width) for word, width in zip(row, widths, strict=False)) for row in rows]
    outputs = [each.array for each in given if each.is_output and each.array is not None]
    lines = [heads[0] + rows[0][3]]
    lines += [head + first_values(array, WIDTH - len(head)) for head, array in zip(heads[1:], outputs, strict=True)]
    return "\n".join(lines)


def first_values(array: HostArray, width: int) -> str:
    """The first numbers of an array, at least one, and how it goes on.

    >>> import numpy as np
    >>> first_values(np.arange(100.0), 16)
    '0 1 2 3 4 5 ...'
    """
    words = [f"{value:.6g}" if array.dtype.kind == "f" else f"{value}" for value in array.reshape(-1)[:WIDTH].tolist()]
    if len(words) == array.size and len(" ".join(words)) <= width:
        return " ".join(words)
    while len(words) > 1 and len(" ".join([*words, "..."])) > width:
        words.pop()
    return " ".join([*words, "..."])


def count(number: int, what: str) -> str:
    """`1 block`, `2 blocks`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def fold(text: str, indent: str = "") -> str:
    """Break a paragraph into lines of 80 columns."""
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
