"""The command line, the time limit, and children that die: what was found is kept."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.gpu_check import __main__ as door
from benchmarks.gpu_check import child, run_parts
from benchmarks.gpu_check.deadline import Deadline
from benchmarks.gpu_check.faults import DeviceLost, checked
from benchmarks.gpu_check.parts import AGAIN, WEIGHTS
from benchmarks.gpu_check.run_parts import Outcome, run_all
from parity_tests.gpu_check import stand_in

STAND_IN = "parity_tests.gpu_check.stand_in:Device"
CHECKOUT = Path(__file__).parents[2]


class Part:
    """Three items, of which some do something else."""

    def __init__(self, **others):
        self.others = others

    def items(self, device):
        return ["a", "b", "c"]

    def run(self, item, device, deadline):
        yield {"what": item, "agrees": True}
        yield from self.others.get(item, lambda: ())()


def events(part, done=(), device=None, seconds=60.0):
    lines = []
    code = child.run_part(part, device or stand_in.Device(), Deadline(seconds), done, lines.append)
    return code, [" ".join(map(str, (each["event"], each.get("item", "")))).strip() for each in lines], lines


def raising(error):
    def run():
        raise error
        yield

    return run


ALL_OF = ["begin a", "record a", "end a"]


def test_items_in_their_order():
    code, said, _ = events(Part())
    assert code == 0
    assert said == [*ALL_OF, "begin b", "record b", "end b", "begin c", "record c", "end c", "done"]


def test_what_is_done_is_not_done_again():
    assert events(Part(), done=["a", "c"])[1] == ["begin b", "record b", "end b", "done"]


def test_without_time_no_item_begins():
    assert events(Part(), seconds=0)[:2] == (0, ["cut"])


def test_an_item_that_raises_leaves_the_others():
    code, said, lines = events(Part(b=raising(ValueError("x is 3"))))
    assert (code, said[3:7]) == (0, ["begin b", "record b", "failure b", "end b"])
    assert said[-1] == "done"
    assert lines[5]["sentence"] == "ValueError: x is 3"
    assert "Traceback" in lines[5]["traceback"]


def test_a_device_that_is_lost_ends_the_process_and_keeps_the_records():
    lost = DeviceLost("an access outside", [{"what": "b", "cases": 1}])
    code, said, lines = events(Part(b=raising(lost)))
    assert (code, said) == (AGAIN, [*ALL_OF, "begin b", "record b", "record b", "failure b"])
    assert lines[5]["record"] == {"what": "b", "cases": 1}


def test_a_device_that_does_not_answer_after_an_error_is_lost():
    device = stand_in.Device()
    device.finish = raising_now = lambda: (_ for _ in ()).throw(RuntimeError("illegal memory access"))
    assert events(Part(b=raising(ValueError("x"))), device=device)[0] == AGAIN
    with pytest.raises(DeviceLost, match="ValueError: x; the device then failed: RuntimeError: illegal memory access"):
        checked(SimpleNamespace(finish=raising_now), ValueError("x"), list)


def test_a_part_that_cannot_be_loaded(tmp_path):
    file = tmp_path / "lines"
    assert child.main(["ceilings", "5", str(file), "no_such_module:Device"]) == 1
    [line] = map(json.loads, file.read_text().splitlines())
    assert line["sentence"].startswith("ModuleNotFoundError: ")


@pytest.fixture
def children(monkeypatch):
    """Children that only write what they are told to; the time that each part was given."""
    given = {}

    def run_child(arguments, deadline):
        part, seconds, file, *_ = arguments
        given.setdefault(part, float(seconds))
        lines = [{"event": "begin", "item": "x"}]
        ending = {"environment": {"event": "done"}, "suite": {"event": "cut"}}.get(part, {"event": "done"})
        Path(file).write_text("".join(json.dumps(each) + "\n" for each in [*lines, ending]))
        if part == "contest":
            raise KeyboardInterrupt
        return 0, ""

    monkeypatch.setattr(run_parts, "run_child", run_child)
    monkeypatch.setattr(run_parts, "clocks", dict)
    return given


def test_time_is_shared_and_ctrl_c_keeps_what_was_found(children):
    kept = []
    with pytest.raises(KeyboardInterrupt):
        run_all([*WEIGHTS], "x:y", Deadline(540), lambda outcomes: kept.append([o.state for o in outcomes]))
    assert kept[0] == ["complete", *["not begun"] * 6]
    assert kept[-1] == ["complete"] * 4 + ["cut"] * 2 + ["not begun"]
    grace = run_parts.GRACE
    assert children["suite"] == pytest.approx((540 * 22 / 76) - grace, abs=2)  # those before took no time
    assert children["contest"] == pytest.approx((540 * 36 / 54) - grace, abs=2)


def test_without_time_no_child_begins(children):
    outcomes = run_all(["ceilings"], "x:y", Deadline(1), lambda _: None)
    assert (outcomes[0].state, children) == ("not begun", {})


def options(tmp_path, *parts, minutes=2.0):
    return door.parser().parse_args(
        ["--out", str(tmp_path / "out"), "--minutes", str(minutes), *(f"--part={part}" for part in parts)]
    )


def test_everything_in_real_children(tmp_path, capsys):
    """Two small parts, in processes of their own, on the stand-in."""
    code = door.check(options(tmp_path, "ceilings", "determinism"), STAND_IN, Deadline(120))
    said = capsys.readouterr()
    assert code == 0, said
    assert said.out.startswith("AGREE: 2 checks hold; 0 times measured\n")
    content = json.loads((tmp_path / "out" / "gpu-check.json").read_text(), parse_constant=pytest.fail)
    assert [(each["part"], each["state"]) for each in content["parts"]] == [
        ("ceilings", "complete"), ("determinism", "complete"),
    ]  # fmt: skip
    assert (tmp_path / "out" / "gpu-check.txt").read_text() == said.out
    assert "determinism complete" in said.err


def test_a_child_that_dies_takes_one_row_along(tmp_path, capsys):
    code = door.check(options(tmp_path, "contest"), "parity_tests.gpu_check.stand_in:Dying", Deadline(120))
    assert code == 1
    [part] = json.loads((tmp_path / "out" / "gpu-check.json").read_text())["parts"]
    assert part["state"] == "complete"
    assert [(each["item"], each["sentence"]) for each in part["failures"]] == [
        ("conv", "its process died of SIGSEGV"), ("max pool", "its process died of SIGSEGV"),
    ]  # fmt: skip
    assert capsys.readouterr().out.startswith("BROKEN: 0 checks hold; 0 times measured; 2 did not run to the end\n")


def test_ctrl_c(tmp_path, capsys, children, monkeypatch):
    monkeypatch.setattr(door, "run", lambda chosen: door.check(chosen, "x:y", Deadline(120)))
    assert door.main(["--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err.endswith(f"stopped; what was found is in {tmp_path / 'out'}\n")
    content = json.loads((tmp_path / "out" / "gpu-check.json").read_text())
    assert [each["state"] for each in content["parts"]][-3:] == ["cut", "cut", "not begun"]


def test_tables_that_cannot_be_drawn_do_not_stop_it(tmp_path, capsys, children, monkeypatch):
    monkeypatch.setattr("benchmarks.gpu_check.text.SECTIONS", {})
    assert door.check(options(tmp_path, "environment", "ceilings"), "x:y", Deadline(120)) == 0
    assert "The tables could not be drawn: KeyError: 'environment'" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "gpu-check.json").read_text())["complete"]


def test_without_a_gpu(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(door, "no_device", lambda: "NVIDIA driver: there is none.")
    assert door.main(["--out", str(tmp_path / "out")]) == 3
    assert capsys.readouterr() == ("", "gpu-check: nothing to check here: NVIDIA driver: there is none.\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--minutes", "0"], "--minutes 0: from 0.2 on."),
        (["--minutes", "nan"], "--minutes nan: from 0.2 on."),
        (["--out", __file__], "this is a file; name a folder."),
    ],
)
def test_one_sentence(tmp_path, capsys, arguments, words):
    assert door.main(["--out", str(tmp_path / "out"), *arguments]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_folder_that_cannot_be_made(tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    chosen = options(tmp_path)
    chosen.out = tmp_path / "out" / "inside"
    assert door.check(chosen, "x:y", Deadline(120)) == 2
    assert "cannot write there" in capsys.readouterr().err


def test_a_gpu_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(door, "ASKING", "import time; time.sleep(60)")
    monkeypatch.setattr(door, "PATIENCE", 0.5)
    assert door.no_device() == "the GPU does not answer within 0.5 s."
    monkeypatch.setattr(door, "PATIENCE", 30)
    monkeypatch.setattr(door, "ASKING", "raise ImportError('broken')")
    assert door.no_device().endswith("ImportError: broken")


SLEEPING = """
import subprocess, sys, time
from benchmarks.gpu_check import __main__ as door, run_parts
run_parts.CHILD = "timeit"
run_parts.clocks = dict
door.run = lambda options: door.check(options, "x:y", door.Deadline(120))
door.signal.signal(door.signal.SIGTERM, door.interrupted)
run_child = run_parts.run_child
run_parts.run_child = lambda arguments, deadline: run_child(["-n", "1", "import time; time.sleep(50.25)"], deadline)
print("ready", flush=True)
sys.exit(door.main(["--out", sys.argv[1]]))
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the system does not list a process's children")
def test_who_ends_it_ends_its_children(tmp_path):
    command = [sys.executable, "-c", SLEEPING, str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        children, limit = Path(f"/proc/{process.pid}/task/{process.pid}/children"), Deadline(30)
        while not (begun := children.read_text().split()) and not limit.over:
            time.sleep(0.05)
        process.terminate()
    assert process.returncode == 130
    assert begun
    while left := [each for each in begun if Path(f"/proc/{each}").exists()]:
        assert not limit.over, left  # whoever takes them over may need a moment to bury them
        time.sleep(0.05)


def test_a_signal_while_a_child_begins_ends_it(monkeypatch):
    begun, popen = [], subprocess.Popen

    def begin(*words, **options):
        begun.append(popen(*words, **options))
        signal.raise_signal(signal.SIGINT)
        return begun[0]

    monkeypatch.setattr(subprocess, "Popen", begin)
    monkeypatch.setattr(run_parts, "CHILD", "timeit")
    with pytest.raises(KeyboardInterrupt):
        run_parts.run_child(["-n", "1", "import time; time.sleep(60)"], Deadline(60))
    assert begun[0].poll() is not None


def test_the_door_says_whether_there_is_a_gpu():
    """In a process of its own: either there is none, with the reason, or one."""
    assert isinstance(door.no_device(), str)


def test_the_door_loads_neither_torch_nor_cupy():
    code = "import benchmarks.gpu_check.__main__, sys; sys.exit(bool({'torch', 'cupy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_outcome_is_plain():
    assert json.dumps(Outcome("suite", "cut").as_dict())


def test_the_end_of_what_a_child_prints_is_kept(tmp_path):
    code, said = run_parts.run_child(["no such part", "5", str(tmp_path / "lines")], Deadline(30))
    assert code == 1
    assert "not enough values to unpack" in said


def test_a_child_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(run_parts, "GRACE", 0.1)
    monkeypatch.setattr(run_parts, "CHILD", "timeit")
    start = Deadline(60)
    assert run_parts.run_child(["-s", "import time", "time.sleep(60)"], Deadline(0.5)) == (None, "")
    assert start.left() > 40
