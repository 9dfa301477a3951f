"""The link checker finds what leads nowhere, and nothing else."""

import pytest

from website.links import broken

GOOD = '<h1 id="top">x</h1><a href="#top">1</a><a href="sub/b.html#below">2</a><a href="https://torch.org">3</a>'
OTHER = '<h2 id="below">y</h2><a href="../a.html">1</a><img src="data:image/png;base64,AA">'


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("", None),
        ('<a href="sub/">1</a><link rel="canonical" href="https://torch.org">', None),
        ('<a href="c.html">1</a>', "a.html leads to c.html, which does not exist"),
        ('<img src="c.png">', "a.html leads to c.png, which does not exist"),
        ('<a href="#botom">1</a>', "a.html leads to #botom, and there is no such place on that page"),
        ('<a href="sub/b.html#x">1</a>', "a.html leads to sub/b.html#x, and there is no such place on that page"),
        ('<script src="https://cdn/x.js">', "a.html fetches https://cdn/x.js, so it needs a network"),
        ('<link rel="stylesheet" href="//cdn/x.css">', "a.html fetches //cdn/x.css, so it needs a network"),
    ],
)
def test_a_site(tmp_path, more, sentence):
    (tmp_path / "sub").mkdir()
    for name, html in {"a.html": GOOD + more, "sub/b.html": OTHER, "sub/index.html": ""}.items():
        (tmp_path / name).write_text(html, encoding="utf-8")
    assert list(broken(tmp_path)) == ([] if sentence is None else [sentence])
