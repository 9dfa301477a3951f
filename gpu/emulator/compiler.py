"""Compile a .cu file with g++, once: the result is kept in the user's cache folder.

What is kept is named by a hash of all that went into it: the text, the headers, the compiler, its options. It is
written under another name and then moved, so processes that compile the same file at the same time do not meet.
"""

import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

HEADERS = Path(__file__).with_name("include")
OPTIONS = (
    "-std=c++20",
    "-O1",
    "-g1",  # line numbers, for the source line of a stray access
    "-fPIC",
    "-pthread",
    "-fvisibility=hidden",
    "-fno-gnu-unique",  # two compiled files may have the same kernel, and each its own shared memory
    "-fno-strict-aliasing",  # float4 loads from arrays of float are as usual in CUDA as they are undefined in C++
    # What overflows or leaves an array of known size calls the handlers in report.h.
    "-fsanitize=signed-integer-overflow,integer-divide-by-zero,shift,bounds,alignment,null",
    "-Wno-unknown-pragmas",  # #pragma unroll
    "-Wno-attributes",
)
OLDEST = 11  # the first g++ whose C++20 has <source_location> and <bit>
OWN_HEADER = re.compile(r'#\s*include\s+"([^"]+)"')
DYNAMIC = re.compile(r"extern\s+__shared__\s+((?:__align__\s*\(\s*\d+\s*\)\s*)?[\w\s]+?)\s*(\w+)\s*\[\s*\]")
DYNAMIC_BYTES = 227 * 1024  # the most that a block can have, on compute capability 9.0
HOST_CODE = (
    "It has host code, kernel<<<grid, block>>>(...), which is not emulated: put that between `#ifdef __CUDACC__` and "
    "`#endif`, which hide it from every compiler but CUDA's, or the kernels into a file of their own."
)
INSTALL = "Install it, on Debian or Ubuntu with `apt-get install g++`."


class NoCompiler(RuntimeError):  # noqa: N818 (what is the matter)
    """There is no g++ here, or not one that will do; the message says what would."""


class CompileError(Exception):
    """g++ refuses a kernel; the message is g++'s, with the lines of the .cu file."""


@functools.cache
def why_not() -> str | None:
    """Why kernels cannot be emulated here, in one sentence, or None if they can; found once, then remembered."""
    if sys.platform != "linux":
        return f"the emulator runs on Linux, not on {platform.system()}: use WSL, a container or a virtual machine."
    if platform.machine() not in ("x86_64", "aarch64"):
        return f"the emulator runs on x86-64 and arm64, not on {platform.machine()}."
    compiler = shutil.which("g++")
    if compiler is None:
        return f"the emulator compiles CUDA kernels with g++, which is not installed. {INSTALL}"
    found = subprocess.run([compiler, "-dumpversion"], capture_output=True, text=True, check=False)
    version = found.stdout.strip()
    if found.returncode or not version.split(".")[0].isdigit():
        return f"{compiler} -dumpversion does not give a version: {(found.stdout + found.stderr).strip()!r}. {INSTALL}"
    if int(version.split(".")[0]) < OLDEST:
        return f"the emulator needs g++ {OLDEST} or newer, {compiler} is {version}."
    return None


def compile_kernels(source: str, name: str, expressions: Sequence[str], folders: Sequence[Path] = ()) -> Path:
    """Compile the kernels that `expressions` name, such as "scale<float>", and return the shared library.

    Parameters
    ----------
    source : the text of a .cu file
    name : of the file, for messages
    expressions : C++ names of kernels, templates with their arguments
    folders : where its own headers are, `#include "..."`

    Raises
    ------
    NoCompiler
        without a g++ that will do
    CompileError
        if g++ refuses the text
    """
    reason = why_not()
    if reason is not None:
        raise NoCompiler(reason)
    own_headers = headers_of(source, folders)
    unit = translation_unit(source, name, expressions, own_headers)
    compiler = shutil.which("g++") or "g++"
    library = cache_folder() / f"{key(unit, own_headers, compiler)}.so"
    if not library.exists():
        with tempfile.TemporaryDirectory(dir=library.parent) as folder:
            built = build(unit, name, folders, compiler, Path(folder))
            built.replace(library)
    return library


def headers_of(source: str, folders: Sequence[Path]) -> dict[str, str]:
    """The texts of the headers that a .cu file includes from one of the folders, and of those that they include."""
    found: dict[str, str] = {}
    texts = [(source, Path())]
    while texts:
        text, beside = texts.pop()
        for included in OWN_HEADER.findall(without_comments(text)):
            # A header's own folder comes first, as for a compiler.
            places = [(folder / each, each) for each in (beside / included, Path(included)) for folder in folders]
            path, name = next(((path, each.as_posix()) for path, each in places if path.is_file()), (None, ""))
            if name not in found and path is not None:
                found[name] = path.read_text(encoding="utf-8")
                texts.append((found[name], Path(name).parent))
    return found


def translation_unit(source: str, name: str, expressions: Sequence[str], own_headers: Mapping[str, str]) -> str:
    """Put the header before a .cu file, and after it the memory and the entries that it needs."""
    everything = without_comments("\n".join([*own_headers.values(), source]))
    arrays = {variable: of.strip() for of, variable in DYNAMIC.findall(everything)}
    if len(arrays) > 1:
        raise CompileError(
            f"{name}: {' and '.join(arrays)} are both `extern __shared__`, the same memory on a GPU: use one name"
        )
    ending = [f'#line 1 "entries of {name}"']
    for variable, of in arrays.items():  # 16 is what CUDA aligns it to
        ending.append(f"alignas(16) __shared__ {of} {variable}[{DYNAMIC_BYTES} / sizeof({bare(of)})];")
    dynamic = "".join(f"reinterpret_cast<char*>({variable}), sizeof {variable}" for variable in arrays)
    ending.append(f"emulator::Dynamic emulator::dynamic_memory() {{ return {{{dynamic or 'nullptr, 0'}}}; }}")
    ending.extend(f"EMULATOR_ENTRY({number}, {each})" for number, each in enumerate(expressions))
    return "\n".join(["#include <cuda_on_cpu.h>", f'#line 1 "{name}"', source, *ending, ""])


def bare(of: str) -> str:
    """A type without its alignment."""
    return re.sub(r"__align__\s*\(\s*\d+\s*\)\s*", "", of)


def without_comments(source: str) -> str:
    """A C++ text without its comments; the lines stay where they are."""
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), source, flags=re.DOTALL)
    return re.sub(r"//[^\n]*", "", text)


def key(unit: str, own_headers: Mapping[str, str], compiler: str) -> str:
    """Hash all that goes into a compiled file."""
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    parts = [unit, version, compiler, platform.machine(), *OPTIONS]
    parts.extend(header.read_text(encoding="utf-8") for header in sorted(HEADERS.glob("*.h")))
    parts.extend(part for header in sorted(own_headers.items()) for part in header)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def cache_folder() -> Path:
    """Give the folder of compiled kernels: in $XDG_CACHE_HOME or ~/.cache, or a temporary one if that is read-only."""
    above = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = above / "nn-parity" / "emulator"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"nn-parity-emulator-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def build(unit: str, name: str, folders: Sequence[Path], compiler: str, folder: Path) -> Path:
    """Compile and link in a folder. Linked without -fsanitize, or g++ would bring handlers of its own."""
    folder = folder.resolve()
    text, compiled, library = folder / "kernels.cpp", folder / "kernels.o", folder / "kernels.so"
    text.write_text(unit, encoding="utf-8")
    # Where g++ runs it looks for the file that #line names, to quote its lines in errors.
    shown = folder / "shown"
    shown.mkdir()
    if Path(name).name == name:
        (shown / name).write_text(unit.partition(f'#line 1 "{name}"\n')[2], encoding="utf-8")
    # Own headers first, whatever they are called: -iquote is for "..." alone, and comes before -I.
    search = [f"-I{HEADERS}", *(option for each in folders for option in ("-iquote", str(Path(each).resolve())))]
    english = {**os.environ, "LC_ALL": "C"}
    for command in (
        [compiler, *OPTIONS, *search, "-c", str(text), "-o", str(compiled)],
        [compiler, "-shared", "-pthread", "-Wl,-z,defs", str(compiled), "-o", str(library)],
    ):
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False, env=english, cwd=shown
        )
        if done.returncode:
            hint = f"\n{HOST_CODE}" if "<<<" in without_comments(unit) else ""
            raise CompileError(f"{name} does not compile:\n{done.stderr.strip()}{hint}")
    return library
