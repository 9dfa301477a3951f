"""The golden files: what the reports of `made_up` and `made_up_layers` look like, word for word.

After a change that is meant, write them anew and look at the difference:

    python -m parity_tests.report_tests.renew
    git diff parity_tests/report_tests/golden
"""

from collections.abc import Callable
from pathlib import Path

from parity_tests.check import show
from parity_tests.report import text
from parity_tests.report_tests import made_up, made_up_layers

FOLDER = Path(__file__).with_name("golden")

GOLDEN: dict[str, Callable[[], str]] = {
    "report_agree.txt": lambda: text.render(made_up.report(bad=False), detail=False),
    "report_disagree.txt": lambda: text.render(made_up.report(), detail=False),
    "report_detail.txt": lambda: text.render(made_up.report(), detail=True),
    "check_agree.txt": lambda: show.render_all([made_up_layers.right()], detail=False),
    "check_disagree.txt": lambda: show.render_all([made_up_layers.wrong()], detail=True),
    "check_several.txt": lambda: show.render_all(made_up_layers.checked(), detail=False),
}
"""Name of a file -> what writes its content."""

if __name__ == "__main__":
    for name, write in GOLDEN.items():
        FOLDER.joinpath(name).write_text(write(), encoding="utf-8")
