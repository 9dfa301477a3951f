"""Lays the pages of the site together: those of docs/, and those that nobody writes by hand.

A page of the checkout leads to files of the checkout. On the site such a link leads to a page that shows the file.
"""

import posixpath
import re
import shutil
from pathlib import Path

from website.reference import reference

ROOT = Path(__file__).resolve().parents[1]

RENAMED = {
    "docs/README.md": "index.md",
    "README.md": "project.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages of the checkout -> where they lie on the site, if not where one would look for them."""

LESSONS = "lessons/notebooks"
"""Who leads there leads to the lessons' own pages, which are written by `lessons`."""

LANGUAGES = {".py": "python", ".cu": "cuda", ".cuh": "cuda", ".h": "cuda", ".toml": "toml", ".json": "json"}

LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)((?:#[^)\s]*)?)\)")
FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def assemble(folder: Path) -> None:
    """Write all pages into a folder.

    Raises
    ------
    FileNotFoundError
        if a page leads to what is not in the checkout
    """
    shown: dict[str, str] = {}
    docs = (path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("docs/**/*.md")))
    for page in {*RENAMED, *docs}:
        text, leads_to = rewritten((ROOT / page).read_text(encoding="utf-8"), page)
        write(folder / site_path(page), text)
        for target in leads_to - {*RENAMED, LESSONS}:
            path = ROOT / target
            if path.is_dir() or not target.startswith("docs/"):
                shown[site_path(target)] = folder_page(target) if path.is_dir() else source_page(target)
            elif path.suffix != ".md":
                (folder / site_path(target)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, folder / site_path(target))
    for name, text in (reference() | shown).items():
        write(folder / name, text)


def write(path: Path, text: str) -> None:
    """Write a page, and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def site_path(target: str) -> str:
    """Where something of the checkout lies on the site.

    >>> site_path("docs/support.md"), site_path("README.md"), site_path("scratch/naive/conv.py"), site_path("scratch")
    ('support.md', 'project.md', 'source/scratch/naive/conv.py.md', 'source/scratch.md')
    """
    if target in RENAMED:
        return RENAMED[target]
    if target == LESSONS:
        return "lessons/index.html"
    return target.removeprefix("docs/") if target.startswith("docs/") else f"source/{target}.md"


def rewritten(text: str, page: str) -> tuple[str, set[str]]:
    """A page whose links are the site's, and what it leads to in the checkout; what is code stays as it is.

    >>> rewritten("[loops](../scratch/naive/conv.py#L3)", "docs/support.md")
    ('[loops](source/scratch/naive/conv.py.md#L3)', {'scratch/naive/conv.py'})
    """
    found = set()
    here = posixpath.dirname(site_path(page)) or "."

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), match[1]))
        if not (ROOT / target).exists():
            raise FileNotFoundError(f"{page} leads to {match[1]}, which does not exist")
        found.add(target)
        return f"]({posixpath.relpath(site_path(target), here)}{match[2]})"

    parts = FENCED.split(text)
    return "".join(part if n % 2 else LINK.sub(link, part) for n, part in enumerate(parts)), found


def source_page(target: str) -> str:
    """A file of the checkout, as a page."""
    path = ROOT / target
    fence = "`" * 4
    language = LANGUAGES.get(path.suffix, "text")
    code = path.read_text(encoding="utf-8").rstrip()
    return f'# {target}\n\n{fence}{language} linenums="1"\n{code}\n{fence}\n'


def folder_page(target: str) -> str:
    """A folder of the checkout, as a page: the files in it."""
    names = sorted(each.name + "/" * each.is_dir() for each in (ROOT / target).iterdir() if each.name[0] not in "_.")
    return "\n".join([f"# {target}/", "", *(f"- `{name}`" for name in names), ""])
