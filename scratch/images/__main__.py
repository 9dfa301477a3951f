"""The door of the chapter: `python -m scratch.images [PICTURE] [-o FILE.html]`."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from scratch.images.errors import PictureError
from scratch.images.gallery.filtered import Compared
from scratch.images.gallery.page import Topic, small, write
from scratch.images.gallery.picture import load

NEEDED = {"PIL": "Pillow", "jinja2": "Jinja2"}
"""What the extra `images` brings."""


class Stop(Exception):  # noqa: N818  (a reason to stop, not a defect)
    """One sentence for the user, and the exit code."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, and return the exit code: 0 agree, 1 disagree, 2 usage, 3 environment, 130 Ctrl-C."""
    options = parser().parse_args(arguments)
    try:
        compared = run(options.picture, options.output)
        sys.stdout.flush()
    except Stop as stop:
        sys.stderr.write(f"images: {stop}\n")
        return stop.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # nobody reads the verdict; without this Python complains when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0 if compared.agrees else 1


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="python -m scratch.images",
        description="Write one HTML page that shows on a picture what filters, pooling and the Fourier transform do",
    )
    made.add_argument("picture", metavar="PICTURE", nargs="?", help="a file or an http(s) address; ours if none")
    made.add_argument(
        "-o", "--output", metavar="FILE", type=Path, default=Path("images.html"), help="the page, here %(default)s"
    )
    return made


def run(picture: str | None, output: Path) -> Compared:
    """Read the picture, compute the page, write it, and print what it comes to."""
    missing = [name for module, name in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise Stop(f'{missing[0]} is missing: pip install -c constraints.txt -e ".[images]" brings it.', 3)
    try:
        shown = load(picture)
    except PictureError as error:
        raise Stop(str(error)) from error
    try:
        check_output(output, picture)
        page = write(shown, progress)
        output.write_text(page.html, encoding="utf-8")
    except OSError as error:
        raise Stop(f"-o {output}: cannot write there ({error.strerror}).") from error
    verdict = "AGREE" if page.compared.agrees else "DISAGREE"
    apart, allowed = small(page.compared.largest), small(page.compared.allowed)
    print(f"{verdict}: sums and Fourier differ by {apart} grey levels; rounding explains {allowed}")
    print(f"{output.resolve()}, {len(page.html) / 1e6:.1f} MB")
    return page.compared


def check_output(output: Path, picture: str | None) -> None:
    """Find out whether the page can be written before it is computed, and leave no empty file if it is not.

    Raises
    ------
    Stop
        if the picture itself would be overwritten
    OSError
        if nothing can be written there
    """
    new = not output.exists()
    if picture is not None and not new and Path(picture).exists() and output.samefile(picture):
        raise Stop(f"-o {output}: this is the picture itself, which would be overwritten.")
    output.open("a").close()
    if new:
        output.unlink()


def progress(topics: Iterable[Topic]) -> Iterable[Topic]:
    """Show on a terminal how far it is, if tqdm is there."""
    if find_spec("tqdm") is None:
        return topics
    from tqdm import tqdm

    shown: Iterable[Topic] = tqdm(topics, desc="making the page", leave=False, disable=None)
    return shown


if __name__ == "__main__":
    sys.exit(main())
