"""A suspect: a typical error, with what it would make of any case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

import numpy as np

from parity_tests.diagnosis.scene import Predicted, Predictions, Refused, Scene


class Outcome(Enum):
    """What a suspect that alters a tensor says to what the layer gave.

    REPRODUCED    these are the layer's numbers
    TOLERATED     these are the layer's numbers, but that some are NaN, where the input is not finite: a mask that is
                  multiplied rather than selected makes 0 * inf of it; or what the numbers should be is not known
    CONTRADICTED  these are not the layer's numbers
    """

    REPRODUCED = "reproduced"
    TOLERATED = "tolerated"
    CONTRADICTED = "contradicted"


class Suspicion(Protocol):
    """What the engine asks."""

    @property
    def id(self) -> str:
        """The name."""

    @property
    def sentence(self) -> str:
        """What is wrong, and how it is mended."""

    def outcomes(self, scene: Scene) -> dict[str, Outcome]:
        """Say for each tensor that it alters whether it is the layer's."""


@dataclass(frozen=True)
class Suspect:
    """An error that predicts numbers.

    Attributes
    ----------
    id : its name
    sentence : what is wrong, and how it is mended
    predict : what the tensors would be; nothing for a case that it cannot alter
    looks : whether it looks at what the layer gave; if not, it predicts the same for every layer
    """

    id: str
    sentence: str
    predict: Callable[[Scene], Predictions]
    looks: bool = False

    def predictions(self, scene: Scene) -> tuple[Predictions, set[str]]:
        """What it predicts, and the tensors of which that is not the right answer; remembered unless it looks."""
        if not self.looks and self.predict in scene.remembered:
            return scene.remembered[self.predict]
        predicted = self.predict(scene)
        found = predicted, {name for name, one in predicted.items() if name in scene.truth and scene.alters(name, one)}
        if not self.looks:
            scene.remembered[self.predict] = found
        return found

    def outcomes(self, scene: Scene) -> dict[str, Outcome]:
        """Compare what is predicted with what is right, and with what the layer gave."""
        try:
            predictions, altered = self.predictions(scene)
        except Refused:
            return dict.fromkeys(scene.disagrees, Outcome.TOLERATED)
        found = {}
        for tensor, predicted in predictions.items():
            if tensor not in scene.got:
                continue
            said = outcome(scene, tensor, predicted)
            only_nan = tensor in scene.disagrees and said is Outcome.TOLERATED
            if only_nan or tensor in altered:
                found[tensor] = said
        return found


def outcome(scene: Scene, tensor: str, predicted: Predicted) -> Outcome:
    """Compare a prediction with what the layer gave."""
    got = scene.got[tensor]
    if scene.agrees(got, predicted):
        return Outcome.REPRODUCED
    spread = np.isnan(got)
    if scene.finite or got.shape != predicted.value.shape or not spread.any() or spread.all():
        return Outcome.CONTRADICTED
    with_more = replace(predicted, value=np.where(spread, np.nan, predicted.value))
    return Outcome.TOLERATED if scene.agrees(got, with_more) else Outcome.CONTRADICTED


def only(predictions: Mapping[str, Predicted], *tensors: str) -> Predictions:
    """Some of the predictions, those that are there."""
    return {name: predictions[name] for name in tensors if name in predictions}
