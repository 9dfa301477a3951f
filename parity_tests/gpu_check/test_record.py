"""What is said of kernels and devices is true: in the README, and at the head of each .cu file."""

import json

import pytest

from benchmarks.gpu_check import record
from benchmarks.gpu_check.record import NOT_RUN, digests, not_run
from gpu.declaration import KERNELS
from parity_tests.documentation.pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BEGIN, END = "<!-- kernels that no device has run -->", "<!-- end -->"


def result(folder, name, agree, code):
    """Write a result that knows some code."""
    records = [{"what": "kernels", "digests": code}]
    document = {"agree": agree, "parts": [{"records": []}, {"records": records}]}
    (folder / name).write_text(json.dumps(document), encoding="utf-8")


def test_the_readme_lists_them():
    between = README.partition(BEGIN)[2].partition(END)[0]
    listed = [word for word in between.replace(",", " ").split() if word.endswith(".cu")]
    assert listed == not_run()


@pytest.mark.parametrize("file", digests())
def test_a_file_says_so_itself(file):
    head = (KERNELS / file).read_text(encoding="utf-8").split("\n\n")[0].replace("\n// ", " ")
    assert (NOT_RUN in head) == (file in not_run())


def test_a_kernel_has_run_if_a_result_that_agrees_knows_its_code(tmp_path):
    everything = list(digests())
    assert not_run(tmp_path) == everything
    result(tmp_path, "gpu-one.json", True, {"pool.cu": digests()["pool.cu"], "gemm.cu": "another"})
    result(tmp_path, "gpu-other.json", False, {"relu.cu": digests()["activation.cu"]})
    result(tmp_path, "cpu.json", True, {"stencil.cu": digests()["stencil.cu"]})
    assert not_run(tmp_path) == [file for file in everything if file != "pool.cu"]


def test_a_comment_is_no_other_code(tmp_path, monkeypatch):
    source = next(module.SOURCE for module in record.modules() if module.SOURCE.file == "pool.cu")
    before = source.digest
    text = (KERNELS / "pool.cu").read_text(encoding="utf-8")
    monkeypatch.setattr(source, "folder", tmp_path)
    for changed, same in (
        (text.replace(NOT_RUN, "Measured."), True),
        (text.replace("value > best", "value < best"), False),
    ):
        (tmp_path / "pool.cu").write_text(changed, encoding="utf-8")
        assert (source.digest == before) == same
