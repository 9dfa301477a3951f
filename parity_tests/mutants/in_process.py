"""A stand-in for check's child process: the same requests, answered here by the same functions.

The layers of this folder neither hang nor crash, and a hundred of them are asked thirty thousand times: there is no
need for a process of their own.
"""

import json
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from parity_tests.check import child
from parity_tests.check.process import Failure, Process, Refused

SERVED: dict[str, Callable[..., Any]] = {"contents": child.contents, "describe": child.describe, "run": child.run}


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
        Failure
            if the layer raised
        Refused
            if the child says so
        """
        given = json.loads(json.dumps(request))  # as it would get there
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                answer = SERVED[do](self.module, **given)
        except child.Refusal as refusal:
            raise Refused(str(refusal)) from None
        except Exception as error:  # noqa: BLE001  (a mutant may raise anything)
            here = [frame for frame in traceback.extract_tb(error.__traceback__) if "mutants" in frame.filename]
            where = f"{Path(here[-1].filename).name}, line {here[-1].lineno}" if here else ""
            raise Failure("raises", f" {type(error).__name__}: {error}", where) from None
        return json.loads(json.dumps(answer))
