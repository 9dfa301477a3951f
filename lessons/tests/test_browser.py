"""The lessons in a browser: what moves, moves; nothing fails; and nobody else is asked for anything."""

import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from lessons.catalogue import LESSONS
from lessons.export import index, page

RUN = Path(__file__).parents[2] / "run.py"
CHROMIUM = shutil.which("chromium")
SECONDS = 60_000  # until this many milliseconds have passed, a slow machine is only slow

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)")


@contextmanager
def browser():
    """A tab, and two lists that it fills: the hosts that were asked, and what went wrong."""
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM) as chromium:
        hosts, wrong = set(), []
        tab = chromium.new_page()
        tab.set_default_timeout(SECONDS)
        tab.on("request", lambda request: hosts.add(":".join(urlsplit(request.url)[:2])))
        tab.on("websocket", lambda socket: hosts.add(":".join(urlsplit(socket.url)[:2])))
        tab.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
        tab.on("response", lambda got: wrong.append(f"{got.url}: {got.status}") if got.status >= 400 else None)
        tab.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        yield tab, hosts, wrong


@contextmanager
def opened(name, folder):
    """The address of a lesson, opened as a reader opens it."""
    command = [sys.executable, str(RUN), "--here", "lessons", name, "--no-browser"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as server:
        try:
            said = ""
            while not (address := re.search(r"http://\S+token=\S+", said)):
                line = server.stdout.readline()
                assert line, said  # it ended without an address
                said += line
            yield address[0].replace("localhost", "127.0.0.1")
        finally:
            server.terminate()


# Both in one test: two servers that start at once may want the same port.
def test_a_slider_moves_the_picture_and_an_answer_is_judged(tmp_path):
    with browser() as (tab, hosts, wrong):
        for name, before, after, answer in (
            ("sliding", "stands at row 1, column 1", "stands at row 1, column 2", "answer_1 = 10"),
            ("backward", "Weight (0, 1) has met", "Weight (1, 0) has met", "answer_1 = 4"),
        ):
            with opened(name, tmp_path) as address:
                tab.goto(address)
                expect(tab.get_by_label(before)).to_be_visible(timeout=SECONDS)
                expect(tab.get_by_text("Not answered yet.")).to_have_count(4, timeout=SECONDS)
                # Our style has come: results are not boxes to scroll in, and no text is called stale.
                limits = tab.locator(".output-area").evaluate_all("all => all.map(e => getComputedStyle(e).maxHeight)")
                assert set(limits) == {"none"}
                expect(tab.locator("[data-status=outdated]").filter(visible=True)).to_have_count(0)
                tab.get_by_role("slider").first.press("ArrowRight")
                expect(tab.get_by_label(after)).to_be_visible(timeout=SECONDS)
                expect(tab.get_by_label(before)).to_have_count(0)

                tab.locator(".cm-content", has_text="answer_1 = None").click()
                tab.keyboard.press("Control+a")
                tab.keyboard.type(answer)
                tab.keyboard.press("Control+Enter")
                expect(tab.get_by_role("status").filter(has_text="Right.")).to_be_visible(timeout=SECONDS)
                expect(tab.get_by_text("Not answered yet.")).to_have_count(3)
                assert wrong == []
                here = urlsplit(address).netloc
                assert hosts == {f"http:{here}", f"ws:{here}"}
                tab.goto("about:blank")  # before the server ends
            hosts.clear()
            wrong.clear()


def test_a_static_page_asks_nobody_for_anything(tmp_path):
    (tmp_path / "index.html").write_text(index(), encoding="utf-8")
    (tmp_path / "sliding.html").write_text(page(LESSONS["sliding"]), encoding="utf-8")
    with browser() as (tab, hosts, wrong):
        tab.context.set_offline(True)
        tab.goto((tmp_path / "index.html").as_uri())
        tab.get_by_role("link", name="Sliding a kernel").click()
        expect(tab.get_by_role("heading", name="What to take along")).to_be_visible()
        pictures = tab.locator("img")
        assert pictures.count() > 10
        assert all(pictures.evaluate_all("all => all.map(each => each.complete && each.naturalWidth > 0)"))
        assert hosts <= {"file:", "data:"}
        assert wrong == []
