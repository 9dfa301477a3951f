"""Parameters side by side in one buffer, so that one kernel steps all of them.

model           weight           bias    weight
buffers[DATA]   [. . . . . . . . | . . | . . . . . . .]        parameter.data is a view of its piece
buffers["b"]    [. . . . . . . . | . . | . . . . . . .]        so is state[i]["b"], once there is something in it
                 `------ a run -------'                        parameters that one launch steps
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from scratch.array import Array, namespace_of
from scratch.module import Parameter

DATA = "data"

State = dict[str, Any]


class Run(NamedTuple):
    """Parameters side by side that take the same step.

    Attributes
    ----------
    numbers : their positions in the optimiser
    arrays : of each buffer the part that is theirs, by name
    g : their gradients, side by side
    stage : what their states have in common
    """

    numbers: list[int]
    arrays: dict[str, Array]
    g: Array
    stage: Any


class Flat:
    """The parameters of one dtype, and what is kept of them. To make one copies; nothing is changed before `show`.

    Parameters
    ----------
    parameters, state : all of the optimiser
    numbers : the positions of those that are of one dtype
    kept : the names of what is kept; what a state has not is 0
    """

    def __init__(
        self, parameters: Sequence[Parameter], state: Sequence[State], numbers: list[int], kept: tuple[str, ...]
    ) -> None:
        self.numbers, self.kept = numbers, kept
        arrays = [parameters[i].data for i in numbers]
        xp, dtype = namespace_of(arrays[0]), arrays[0].dtype
        ends = list(accumulate((array.size for array in arrays), initial=0))
        self.spans = {i: slice(ends[n], ends[n + 1]) for n, i in enumerate(numbers)}
        self.buffers = {DATA: joined(arrays)}
        for name in kept:
            found = [state[i].get(name) for i in numbers]
            self.buffers[name] = joined(
                [
                    xp.zeros(array.size, dtype) if value is None else value.astype(dtype, copy=False)
                    for array, value in zip(arrays, found, strict=True)
                ]
            )
        self.views = {
            i: {name: buffer[self.spans[i]].reshape(array.shape) for name, buffer in self.buffers.items()}
            for i, array in zip(numbers, arrays, strict=True)
        }
        self.shown = set[int]()  # whose state shows its views

    def holds(
        self, parameters: Sequence[Parameter], state: Sequence[State], numbers: list[int], kept: tuple[str, ...]
    ) -> bool:
        """Whether nobody has put other arrays in the place of the views."""
        return (self.numbers, self.kept) == (numbers, kept) and all(
            parameters[i].data is self.views[i][DATA] and all(self._is_ours(i, state[i], name) for name in kept)
            for i in numbers
        )

    def _is_ours(self, i: int, state: State, name: str) -> bool:
        value = state.get(name)
        return value is self.views[i][name] or (value is None and i not in self.shown)

    def runs(self, parameters: Sequence[Parameter], stages: Mapping[int, Any]) -> Iterator[Run]:
        """Gather the gradients, and cut into runs; whoever has no gradient is in no run, and ends one."""
        gradients = {i: parameters[i].grad for i in self.numbers}
        g, start = joined([grad for grad in gradients.values() if grad is not None]), 0
        for stage, members in groupby(self.numbers, lambda i: None if gradients[i] is None else (stages[i],)):
            numbers = list(members)
            span = slice(self.spans[numbers[0]].start, self.spans[numbers[-1]].stop)
            if stage is not None:
                stop = start + span.stop - span.start
                yield Run(numbers, {name: each[span] for name, each in self.buffers.items()}, g[start:stop], stage[0])
                start = stop

    def show(self, parameters: Sequence[Parameter], state: Sequence[State], stepped: set[int]) -> None:
        """Let the parameters be views, and what is kept of those that have stepped, now or before."""
        for i in self.numbers:
            parameters[i].data = self.views[i][DATA]
            shown = {name: self.views[i][name] for name in self.kept if i in stepped or name in state[i]}
            state[i].update(shown)
            if shown:
                self.shown.add(i)


def joined(arrays: Sequence[Array]) -> Array:
    """The numbers of arrays, one after another; a copy, always."""
    xp = namespace_of(arrays[0])
    flat: Array = xp.concatenate([array.reshape(-1) for array in arrays])
    return flat
