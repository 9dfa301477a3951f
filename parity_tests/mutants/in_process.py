"""A stand-in for check's child process: the same requests, answered here by the same function.

The layers of this folder neither hang nor crash, and a hundred of them are asked thirty thousand times: there is no
need for a process of their own.
"""

import json
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from parity_tests.check import child
from parity_tests.check.process import Process


class InProcess(Process):
    """A module that is imported already.

    Parameters
    ----------
    module : with the layers
    folder : an empty folder, for the exchange
    """

    def __init__(self, module: ModuleType, folder: Path) -> None:
        assert module.__file__ is not None
        super().__init__(Path(module.__file__), folder, np.inf, Path(module.__file__).name)
        self.module = module

    def ask(self, do: str, **request: Any) -> Any:
        """Answer a request.

        Raises
        ------
        Failure, Refused
            if the layer raises, or the child says so
        """
        asked = json.loads(json.dumps({"do": do, **request}))  # as it would get there
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            said = child.answer_to(asked, lambda: self.module, str(self.file))
        return self.told(json.loads(json.dumps(said)))
