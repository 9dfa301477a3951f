"""The page of `python -m scratch.images`: one well-formed file that needs nothing else, of any picture."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from parity_tests.images.gallery_page import PNG, Reader, its_page, part_of_ours, pixels, read_again
from scratch.images import PictureError
from scratch.images.gallery import page, picture
from scratch.images.gallery.picture import Shown, load

RNG = np.random.default_rng(0)


def test_our_picture():
    ours = load(None)
    assert (ours.image.shape, ours.image.dtype, ours.read) == ((225, 300, 3), np.uint8, (225, 300, 3))
    assert picture.ASTRONAUT.stat().st_size < 60_000
    assert picture.ASTRONAUT.name in (picture.ASTRONAUT.parent / "LICENCES.md").read_text("utf-8")


def test_the_whole_page_is_small_enough():
    written = page.write(load(None))
    Reader(written.html)
    assert len(written.html.encode()) < 6_000_000
    assert written.compared.agrees


def test_it_needs_nothing_else():
    written, read = its_page(), read_again()
    for tag, attributes in read.tags:
        assert tag not in {"script", "link", "iframe", "object"}
        assert not {name for name in attributes if name.startswith("on")}
        assert (tag == "img") == ("src" in attributes)
        assert attributes.get("src", PNG).startswith(PNG)
    assert read.links
    for link in read.links:
        assert link.startswith("#")
        assert link[1:] in read.ids
    style = written.html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "://" not in written.html


def test_pictures_have_sizes_and_words():
    read = read_again()
    for part, several in read.pictures.items():
        for drawn in several:
            assert pixels(drawn).size
            assert (
                ("alt" in drawn) if part == "" else drawn["alt"]
            )  # those at the top are links with words of their own


def test_every_topic_has_its_place():
    read = read_again()
    for topic in page.TOPICS:
        assert topic.name in read.ids
        assert f"#{topic.name}" in read.links
        assert topic.title in read.text(topic.name) or topic.title in read.text("")


PICTURES = {
    "grey": RNG.integers(0, 256, (40, 50), np.uint8),
    "smallest": RNG.integers(0, 256, (16, 16, 3), np.uint8),
    "wide": RNG.integers(0, 256, (16, 256, 3), np.uint8),
    "tall": RNG.integers(0, 256, (256, 16), np.uint8),
    "black": np.zeros((20, 31, 3), np.uint8),
    "white": np.full((31, 20), 255, np.uint8),
    "one bright pixel": np.pad([[np.uint8(255)]], ((7, 20), (11, 20))),
}


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.filterwarnings("error")
def test_odd_pictures(kind):
    image = PICTURES[kind]
    written = page.write(Shown("made.png", image, image.shape, ""))
    read = Reader(written.html)
    assert written.compared.agrees
    assert np.array_equal(pixels(read.pictures["picture"][0]), image)
    assert ("colour" in read.text("off_by_one").partition("rounding explains")[0]) == (image.ndim == 3)
    assert ("nothing that could be seen to move" in read.text("pooling")) == (kind == "black")


def test_a_name_cannot_break_the_page():
    shown = part_of_ours()
    name = "<img src=x onerror=alert(1)>&amp;\"'{{ 7 * 7 }}{% raw %}</style>.png"
    plain, hostile = (Reader(page.write(replace(shown, name=each)).html) for each in ("plain.png", name))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert hostile.text("picture") == plain.text("picture").replace("plain.png", name)
    assert hostile.pictures["picture"][0]["alt"] == f"The picture {name}"


def saved(array, folder):
    file = folder / "picture.png"
    Image.fromarray(array).save(file)
    return str(file)


def test_a_large_picture_is_reduced(tmp_path):
    shown = load(saved(RNG.integers(0, 256, (600, 800, 3), np.uint8), tmp_path))
    assert (shown.image.shape, shown.read, shown.name, shown.credit) == (
        (225, 300, 3),
        (600, 800, 3),
        "picture.png",
        "",
    )
    part = replace(shown, image=shown.image[:20, :20])
    assert "Reduced from 600 × 800 pixels" in Reader(page.write(part).html).text("picture")


def test_a_transparent_picture_lies_on_white(tmp_path):
    image = RNG.integers(0, 256, (20, 30, 4), np.uint8)
    image[:9, :, 3], image[9:, :, 3] = 0, 255
    shown = load(saved(image, tmp_path))
    assert np.array_equal(shown.image[:9], np.full((9, 30, 3), 255))
    assert np.array_equal(shown.image[9:], image[9:, :, :3])
    assert "here it lies on white" in Reader(page.write(shown).html).text("picture")


def test_16_bits(tmp_path):
    image = RNG.integers(0, 256, (20, 30), np.uint8)
    assert np.array_equal(load(saved(image.astype(np.uint16) * 257, tmp_path)).image, image)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (15, 100), (16, 257), (300, 17)])
def test_too_small_or_too_long(size, tmp_path):
    file = saved(np.zeros(size, np.uint8), tmp_path)
    with pytest.raises(PictureError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: the picture is {size[0]} pixels high and {size[1]} wide; ")
