"""No argument, input or implementation without a case: whoever adds one is told."""

from types import SimpleNamespace
from typing import Any

import pytest

from parity_tests import test_parity
from parity_tests.conftest import RUN, coverage_of_the_suite
from parity_tests.harness import coverage
from parity_tests.harness.case import Spec
from parity_tests.harness.cases import CASES
from parity_tests.harness.coverage import REASONS, Run, arguments, in_full, in_short, matrix, never_left_alone, planned
from parity_tests.harness.implementations import BACKEND_TABLE, IMPLEMENTATIONS, OPTIMISERS, WITHIN
from parity_tests.harness.layer_case import LayerCase
from scratch.layers import ReLU
from scratch.optim import Adam

HERE = [each for each in IMPLEMENTATIONS.values() if each.why_not() is None]


def test_no_cell_is_empty_without_a_reason():
    rows = matrix(planned(IMPLEMENTATIONS.values()))
    assert [cell for row in rows for cell in row.empty] == []


def test_defaults_are_tried_too():
    assert never_left_alone() == []


def test_a_reason_is_for_an_empty_cell():
    """Where there are cases, or nothing to try, a reason is out of date."""
    rows = {(row.op, row.what): row for row in matrix(planned(HERE))}
    assert REASONS.keys() <= rows.keys()
    assert [key for key in REASONS if any(sum(counts.values()) for counts in rows[key].runs.values())] == []


def test_the_suite_runs_what_the_matrix_counts():
    everybody = [param.values[0] for param in test_parity.EVERYBODY]
    runs = [
        Run(case, each.name, dtype) for case, dtype in (p.values for p in test_parity.WITH_DTYPES) for each in everybody
    ]
    assert set(runs) == set(planned(IMPLEMENTATIONS.values()))


@pytest.mark.parametrize("implementation", HERE, ids=lambda each: each.name)
def test_every_algorithm_is_run(implementation: Any):
    """An operation's cases run with every algorithm by name."""
    backend = implementation.nn.backend
    for table, algorithms in vars(backend).items():
        if isinstance(algorithms, dict):
            ops = [op for op, name in BACKEND_TABLE.items() if name == table]
            assert ops or (table in WITHIN and len(algorithms) == 1), table
            for op in ops:
                run = {name for case in CASES if case.op == op for name in case.algorithms(implementation)}
                assert run == set(algorithms), op
    for op in OPTIMISERS:
        run = {name for case in CASES if case.op == op for name in case.algorithms(implementation)}
        assert run == set(getattr(implementation.nn.optim, op).algorithms)


def test_an_argument_without_a_case_is_an_empty_cell():
    without = [case for case in CASES if case.op != "Conv2d" or "bias" not in coverage.tried_by(case)]
    empty = [cell for row in matrix(planned(HERE[:1], without)) for cell in row.empty]
    assert empty == [f"Conv2d, bias: no case in {HERE[0].name}, {dtype}" for dtype in ("float32", "float64")]


def test_a_dtype_that_is_left_out_is_an_empty_cell():
    runs = [run for run in planned(HERE[:1]) if run.case.op != "Adam" or run.dtype == "float32"]
    empty = [cell for row in matrix(runs) for cell in row.empty]
    assert empty == [
        f"Adam, {name}: no case in {HERE[0].name}, float64" for name in arguments(Adam) if name != "params"
    ] + [f"Adam, float16: no case in {HERE[0].name}, float16"]


def test_a_new_layer_and_a_new_argument_are_empty_cells(monkeypatch: pytest.MonkeyPatch):
    class LeakyReLU(ReLU):
        def __init__(self, negative_slope: float = 0.01) -> None: ...

    monkeypatch.setattr(coverage, "operations", lambda: {"ReLU": ReLU, "LeakyReLU": LeakyReLU})
    case = LayerCase(Spec.of("LeakyReLU", 0.2), (5,))
    none, some = ([c for row in matrix(planned(HERE[:1], [case][:n])) for c in row.empty] for n in (0, 1))
    assert none == []  # without a run there is no implementation to be empty
    assert f"LeakyReLU, NaN: no case in {HERE[0].name}, float32" in some
    assert not any("negative_slope" in cell for cell in some)
    assert any("ReLU, empty batch" in cell for cell in some)
    assert "LeakyReLU, negative_slope: no case leaves the default 0.01" in never_left_alone([case])


def test_what_a_case_tries():
    case = LayerCase(Spec.of("Conv2d", 1, 4, (3, 1), stride=1, padding="same"), (3, 5, 7), "images", upstream="inf")
    assert coverage.tried_by(case) == {
        "out_channels", "kernel_size", "padding", "photographs", "infinite dy", "no batch",
    }  # fmt: skip


@pytest.mark.parametrize("write", [in_full, in_short])
def test_it_is_readable_in_80_columns(write: Any):
    written = write(planned(IMPLEMENTATIONS.values()))
    assert max(map(len, written.splitlines())) <= 80
    assert all(op in written for op in coverage.operations())


def test_the_short_form_has_one_line_for_each_operation():
    lines = in_short(planned(HERE)).splitlines()
    (line,) = (line for line in lines if line.startswith("Softmax"))
    count = sum(len(case.formats) for case in CASES if case.op == "Softmax")
    assert line.split() == ["Softmax", "1/1", "7/7", str(count)]
    assert all(any(line.endswith(each.name) for line in lines) for each in HERE)


def test_implementations_that_ran_the_same_share_a_column():
    runs = planned(HERE)
    one, other, *rest = (each.name for each in HERE)
    lines = in_short([run for run in runs if run.implementation != one or run.case.op != "Softmax"]).splitlines()
    (line,) = (line for line in lines if line.startswith("Softmax"))
    assert line.split()[3:] == ["0", str(sum(len(case.formats) for case in CASES if case.op == "Softmax"))]
    assert next(line for line in lines if one in line).split()[-2:] == [one, other]
    assert rest


def test_a_run_ends_with_what_was_covered_in_it():
    """Of tests that passed or failed, not of those that were skipped; nothing where the suite was not run."""
    case = next(case for case in CASES if case.op == "Adam")
    told = [(RUN, [str(case), HERE[0].name, dtype]) for dtype in ("float32", "float64")]
    reports = [SimpleNamespace(user_properties=each) for each in ([told[0]], [told[1]], [], [("another", 1)])]
    written: list[str] = []
    for outcome in ("skipped", "passed", "failed"):
        for stats in ({outcome: reports}, {outcome: reports[2:]}):
            coverage_of_the_suite(SimpleNamespace(stats=stats, section=written.append, write_line=written.append))
        assert len(written) == {"skipped": 0, "passed": 2, "failed": 4}[outcome]
    (line,) = (line for line in written[1].splitlines() if line.startswith("Adam "))
    assert line.split() == ["Adam", "0/7", "0/1", "2"]
