"""The pages of the site: all that docs/ has, and every link into the checkout leads to a page that shows the file."""

import pytest

from website.pages import ROOT, assemble, rewritten, site_path
from website.reference import modules


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages, as MkDocs gets them."""
    folder = tmp_path_factory.mktemp("pages")
    assemble(folder)
    return folder


def test_every_page_of_the_checkout_is_there(site):
    for page in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]:
        assert (site / site_path(page.relative_to(ROOT).as_posix())).is_file()


def test_every_page_has_its_place_in_the_menu(site):
    menu = (ROOT / "website" / "mkdocs.yml").read_text(encoding="utf-8").partition("nav:")[2]
    for page in site.glob("*.md"):
        assert f" {page.name}\n" in menu


def test_pictures_lie_where_the_pages_expect_them(site):
    assert (site / "pictures/crossover.svg").read_bytes() == (ROOT / "docs/pictures/crossover.svg").read_bytes()


def test_a_file_is_shown_as_it_is(site):
    shown = (site / "source/scratch/naive/conv.py.md").read_text(encoding="utf-8")
    assert shown.startswith("# scratch/naive/conv.py\n")
    assert (ROOT / "scratch/naive/conv.py").read_text(encoding="utf-8").rstrip() in shown


def test_a_folder_is_shown_by_what_is_in_it(site):
    shown = (site / "source/scratch/optim.md").read_text(encoding="utf-8")
    assert "- `sgd.py`\n" in shown
    assert "__" not in shown


@pytest.mark.parametrize(
    ("text", "page", "becomes"),
    [
        ("[a](scratch/naive/conv.py)", "README.md", "[a](source/scratch/naive/conv.py.md)"),
        ("[a](../README.md#speed)", "docs/support.md", "[a](project.md#speed)"),
        ("[a](README.md)", "docs/support.md", "[a](index.md)"),
        ("[a](../lessons/notebooks)", "docs/support.md", "[a](lessons/index.html)"),
        ("[a](#below) [b](https://torch.org/x)", "docs/support.md", "[a](#below) [b](https://torch.org/x)"),
        ("```text\n[a](no.py)\n```\n[b](../run.py)", "docs/x.md", "```text\n[a](no.py)\n```\n[b](source/run.py.md)"),
    ],
)
def test_a_link(text, page, becomes):
    assert rewritten(text, page)[0] == becomes


def test_a_link_that_leads_nowhere_is_an_error():
    with pytest.raises(FileNotFoundError, match=r"docs/support\.md leads to \.\./no\.py, which does not exist"):
        rewritten("[a](../no.py)", "docs/support.md")


def test_the_reference_has_the_modules_and_no_tests():
    names = [name for name, _ in modules()]
    assert {"scratch.layers.conv", "scratch.module", "gpu.device", "benchmarks.timing", "lessons.pieces"} <= {*names}
    assert len(names) == len({*names})
    parts = {part for name in names for part in name.replace("parity_tests", "").split(".")}
    assert not [part for part in parts if part.startswith("test_") or part.endswith("_tests")]
    assert "notebooks" not in parts
    assert all(about for _, about in modules())
