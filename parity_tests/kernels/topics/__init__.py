"""What the kernels are tried on, one file a topic: CASES, that launch each of them, and BUGS, that the cases catch.

A bug is looked for with the cases of its own topic first.
"""

from importlib import import_module
from pkgutil import iter_modules

from parity_tests.harness.case import Case
from parity_tests.kernels.bug import Bug

_topics = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
CASES_OF: dict[Bug, list[Case]] = {bug: topic.CASES for topic in _topics for bug in topic.BUGS}
CASES: list[Case] = [case for topic in _topics for case in topic.CASES]
BUGS: list[Bug] = [bug for topic in _topics for bug in topic.BUGS]
