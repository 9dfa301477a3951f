"""The door: `python -m website [-o DIR]`."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

NEEDED = {"mkdocs": "MkDocs", "material": "Material for MkDocs", "mkdocstrings": "mkdocstrings", "marimo": "marimo"}
"""What the extra `docs` brings."""

SETTINGS = Path(__file__).parent / "mkdocs.yml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code: 0 fine, 1 a page is wrong, 2 usage, 3 environment."""
    made = argparse.ArgumentParser(prog="python -m website", description="Write the documentation as a site")
    made.add_argument("-o", "--output", metavar="DIR", type=Path, default=Path("site"), help="default: site")
    folder = made.parse_args(arguments).output
    missing = [name for module, name in NEEDED.items() if find_spec(module) is None]
    if missing:
        return said(f'{missing[0]} is missing: pip install -c constraints.txt -e ".[docs]" brings it.', 3)
    if folder.exists() and not (folder.is_dir() and (not any(folder.iterdir()) or (folder / "sitemap.xml").exists())):
        return said(f"--output {folder}: there is something else already; name a folder that is new or a site.", 2)
    return build(folder)


def said(sentence: str, code: int) -> int:
    """Say what is wrong, and return the exit code."""
    sys.stderr.write(f"docs: {sentence}\n")
    return code


def build(folder: Path) -> int:
    """Write the site and check its links."""
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, MkDocsException

    from lessons.__main__ import Stop, export
    from lessons.catalogue import LESSONS
    from website.links import broken
    from website.pages import assemble

    logging.basicConfig(level=logging.WARNING, format="docs: %(message)s")
    with tempfile.TemporaryDirectory() as pages:
        try:
            assemble(Path(pages))
            export(list(LESSONS.values()), Path(pages, "lessons"), home="../index.html")
            settings = load_config(str(SETTINGS), docs_dir=pages, site_dir=str(folder.resolve()), strict=True)
            mkdocs_build(settings)
        except (Abort, MkDocsException, FileNotFoundError, Stop) as error:
            return said(str(error), 1)
    found = list(broken(folder))
    for sentence in found:
        said(sentence, 1)
    if not found:
        print(f"{(folder / 'index.html').resolve()}: all links lead somewhere. Its search needs a server:")
        print(f"python3 -m http.server --bind 127.0.0.1 -d {folder}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
