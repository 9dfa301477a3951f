"""Pictures from files and addresses: what is read, and the one sentence for what cannot be."""

import io
import struct
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from scratch.images import PictureError, grayscale, read_image, resize, write_image

GREY = np.random.default_rng(0).integers(0, 256, (9, 7), np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (9, 7, 3), np.uint8)
CLEAR = np.random.default_rng(2).integers(0, 256, (9, 7, 4), np.uint8)


def png(image):
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def bomb(width, height):
    """A PNG that claims a size and holds nothing."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("image", [GREY, COLOUR, CLEAR], ids=["grey", "colour", "transparent"])
def test_what_is_written_is_read(image, tmp_path):
    write_image(tmp_path / "picture.png", image)
    again = read_image(tmp_path / "picture.png")
    assert again.dtype == np.uint8
    assert np.array_equal(again, image)
    assert np.array_equal(read_image(str(tmp_path / "picture.png")), image)


@pytest.mark.parametrize(
    ("mode", "shape"), [("1", (9, 7)), ("P", (9, 7, 3)), ("LA", (9, 7, 4)), ("CMYK", (9, 7, 3)), ("I;16", (9, 7))]
)
def test_other_modes(mode, shape, tmp_path):
    name = tmp_path / ("picture.tif" if mode == "CMYK" else "picture.png")
    picture = Image.fromarray(GREY.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(COLOUR).convert(mode)
    picture.save(name)
    image = read_image(name)
    assert image.shape == shape
    if mode == "I;16":
        assert np.array_equal(image, GREY)


BROKEN = {
    "no picture": (b"hello, this is text", "this is not a picture that Pillow knows."),
    "nothing": (b"", "this is not a picture that Pillow knows."),
    "cut short": (png(COLOUR)[:-30], "the picture is broken or cut short ("),
    "cut short in the header": (png(COLOUR)[:40], "this is not a picture that Pillow knows."),
    "damaged": (png(COLOUR)[:45] + b"\xff" * 20 + png(COLOUR)[65:], "the picture is broken or cut short ("),
    "bomb": (bomb(9000, 9000), "9000 x 9000 pixels are more than 50,000,000 (max_pixels)."),
    "enormous bomb": (bomb(60000, 60000), "the picture claims so many pixels that Pillow refuses it."),
}


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (6, -1), (3, 2), (8, 1)])
def test_a_photograph_is_upright_however_the_camera_was_held(orientation, turns, tmp_path):
    """EXIF's orientation says how the stored picture must be turned: 6 by a quarter clockwise, and so on."""
    stored = np.random.default_rng(0).integers(0, 256, (5, 8, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "held.png", exif=exif)
    assert np.array_equal(read_image(tmp_path / "held.png"), np.rot90(stored, turns))


@pytest.mark.parametrize("kind", BROKEN)
def test_one_sentence_for_a_bad_file(kind, tmp_path):
    content, sentence = BROKEN[kind]
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(PictureError) as caught:
        read_image(tmp_path / "bad.png")
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'bad.png'}: {sentence}")
    assert said.endswith(".")
    assert "\n" not in said


def test_missing_folder_and_too_large(tmp_path):
    with pytest.raises(PictureError, match=r"none\.png: there is no such file\.$"):
        read_image(tmp_path / "none.png")
    with pytest.raises(PictureError, match=r"the file cannot be read \(Is a directory\)\.$"):
        read_image(tmp_path)
    (tmp_path / "large.png").write_bytes(png(COLOUR))
    with pytest.raises(PictureError, match=r"more than 50 bytes \(max_bytes\)\.$"):
        read_image(tmp_path / "large.png", max_bytes=50)
    with pytest.raises(PictureError, match=r"7 x 9 pixels are more than 62 \(max_pixels\)\.$"):
        read_image(tmp_path / "large.png", max_pixels=62)
    assert read_image(tmp_path / "large.png", max_pixels=63).shape == (9, 7, 3)
    with pytest.raises(PictureError, match=r"cannot be written"):
        write_image(tmp_path / "none" / "picture.png", GREY)
    with pytest.raises(PictureError, match=r"cannot be written"):
        write_image(tmp_path / "picture.unknown", GREY)


class Answers(BaseHTTPRequestHandler):
    """What the local server does, by path."""

    def log_message(self, *arguments):
        pass

    def start(self, length=None, code=200, **headers):
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self):  # noqa: PLR0912 - one branch for each address
        content = png(COLOUR)
        try:
            match self.path:
                case "/picture.png":
                    self.start(len(content))
                    self.wfile.write(content)
                case "/endless":
                    self.start()
                    while True:
                        self.wfile.write(b"x" * 10_000)
                case "/short":
                    self.start(len(content))
                    self.wfile.write(content[:50])
                case "/silent":
                    time.sleep(4)
                case "/stalls":
                    self.start(len(content))
                    self.wfile.write(content[:50])
                    time.sleep(4)
                case "/trickles":
                    self.start(len(content))
                    for byte in content[:40]:
                        self.wfile.write(bytes([byte]))
                        time.sleep(0.1)
                case "/moved":
                    self.start(0, 302, Location="/picture.png")
                case "/to-a-file":
                    self.start(0, 302, Location="file:///etc/hostname")
                case "/round":
                    self.start(0, 302, Location="/round")
                case "/text":
                    self.start(5)
                    self.wfile.write(b"hello")
                case _:
                    self.start(0, 404)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the reader has had enough, as it should


@pytest.fixture(scope="module")
def server():
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture(autouse=True)
def without_a_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize("path", ["/picture.png", "/moved"])
def test_a_picture_from_an_address(server, path):
    assert np.array_equal(read_image(server + path), COLOUR)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/none", "the server answers 404 Not Found."),
        ("/endless", "the address sends more than 100,000 bytes (max_bytes)."),
        ("/short", "only 50 of "),
        ("/silent", "no complete answer within 0.5 seconds (timeout)."),
        ("/stalls", "no complete answer within 0.5 seconds (timeout)."),
        ("/trickles", "no complete answer within 0.5 seconds (timeout)."),
        ("/to-a-file", "the server answers 302 "),
        ("/round", "the server answers 302 "),
        ("/text", "this is not a picture that Pillow knows."),
    ],
)
def test_one_sentence_for_a_bad_address(server, path, sentence):
    began = time.monotonic()
    with pytest.raises(PictureError) as caught:
        read_image(server + path, max_bytes=100_000, timeout=0.5)
    said = str(caught.value)
    assert said.startswith(f"{server}{path}: {sentence}")
    assert time.monotonic() - began < 3, "it has waited for the server"


def test_nobody_answers(server):
    with pytest.raises(PictureError, match=r"^http://127\.0\.0\.1:1/: the address cannot be reached \(.*\)\.$"):
        read_image("http://127.0.0.1:1/", timeout=2)
    with pytest.raises(PictureError, match=r"^http://\[::bad: "):
        read_image("http://[::bad")


def test_grayscale_is_pillow_s():
    want = np.asarray(Image.fromarray(COLOUR).convert("L")).astype(int)
    assert np.abs(grayscale(COLOUR) - want).max() <= 1  # Pillow computes in 16-bit fixed point
    assert np.array_equal(grayscale(CLEAR), grayscale(CLEAR[..., :3]))
    assert np.array_equal(grayscale(GREY), GREY)
    assert np.array_equal(grayscale(GREY[..., None]), GREY)
    assert grayscale(COLOUR[None]).shape == (1, 9, 7, 1)
    assert grayscale(COLOUR.astype(np.float32)).dtype == np.float32
    assert np.array_equal(grayscale(np.full((2, 2, 3), 255, np.uint8)), np.full((2, 2), 255))


@pytest.mark.parametrize("image", [GREY, COLOUR, CLEAR], ids=["grey", "colour", "transparent"])
def test_resize(image):
    assert resize(image, (5, 4)).shape == (5, 4, *image.shape[2:])
    assert resize(image, 12).shape == (12, 12, *image.shape[2:])
    assert np.array_equal(resize(image, (9, 7)), image)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: write_image("x.png", GREY.astype(float)), TypeError, r"dtype float64: a picture is of uint8"),
        (lambda: write_image("x.png", COLOUR[None]), ValueError, r"a picture is \(H, W\), \(H, W, 3\) or"),
        (lambda: resize(GREY, (0, 4)), ValueError, r"size=\(0, 4\) must be at least 1"),
        (lambda: resize(GREY, 2.5), TypeError, r"size=2\.5: an int or a pair"),
        (lambda: grayscale(GREY > 3), TypeError, r"dtype bool"),
    ],
)
def test_refusals(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_without_pillow(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(ImportError, match=r'Pillow is missing: pip install -c constraints\.txt -e "\.\[images\]"'):
        read_image("picture.png")
