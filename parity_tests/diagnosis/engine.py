"""Name the error of a layer that disagrees.

A suspect predicts what an error would make of a case. It stands for a tensor if the layer's numbers are those that it
predicts in every case where its prediction is not the right answer. The tensor's error is named if suspects that stand
for it explain every disagreement. Of all sets of suspects that explain everything which can be explained the smallest
is taken, so that consequences are not told as errors of their own: a flipped kernel gives a wrong y, dx and dweight.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import torch

from parity_tests.diagnosis.error_map import error_map
from parity_tests.diagnosis.evidence import Evidence
from parity_tests.diagnosis.facts import facts_of
from parity_tests.diagnosis.outcome import Diagnosis, Named
from parity_tests.diagnosis.repeated import REPEATED, repeated
from parity_tests.diagnosis.scene import Scene
from parity_tests.diagnosis.script import script
from parity_tests.diagnosis.suspect import Outcome, Suspicion
from parity_tests.diagnosis.suspects import suspects_of

Item = tuple[str, int]
"""One disagreement: a tensor, and the number of the scene."""

MOST = 4
"""So many errors at once are looked for."""

TRIALS = 3
"""In so many cases a suspect may be contradicted before it is dropped: some alter dx here and dweight there."""

IN_PLACE = "It changes {} in place, which the caller still needs: work on a copy."


@dataclass
class Standing:
    """What a suspect has to say for itself.

    Attributes
    ----------
    explained : the disagreements that it reproduces, of tensors for which nothing contradicts it
    contradicted : the tensors that it would have made wrong otherwise than they are
    """

    suspect: Suspicion
    explained: set[Item] = field(default_factory=set)
    contradicted: set[str] = field(default_factory=set)


def diagnose(evidence: Sequence[Evidence]) -> Diagnosis:
    """Name the errors that reproduce what a layer gave.

    Parameters
    ----------
    evidence : of one layer, what it gave in every case

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        if there is no evidence, or it is of several operations
    """
    ops = {each.case.op for each in evidence}
    if len(ops) != 1:
        raise ValueError(f"evidence of one operation is needed, not of {sorted(ops) or 'none'}")
    with np.errstate(all="ignore"), one_thread():  # what is wrong overflows, and most cases are small
        return diagnosis(ops.pop(), evidence)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work in one thread: small arrays are slower in several."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def diagnosis(op: str, evidence: Sequence[Evidence]) -> Diagnosis:
    """Confront all suspects with the evidence, choose, and add what else was seen."""
    scenes = sorted(map(Scene, evidence), key=lambda scene: scene.size)
    wanted = {(tensor, n) for n, scene in enumerate(scenes) for tensor in scene.disagrees}
    standings = [examine(suspect, scenes) for suspect in suspects_of(op)] if wanted else []
    standings.append(Standing(REPEATED, repeated(scenes)))
    explained, chosen = choose(wanted, standings)
    unexplained = sorted({tensor for tensor, _ in wanted - explained}, key=order(scenes).index)
    smallest = next((scene.evidence for scene in scenes if scene.disagrees), None)
    return Diagnosis(
        op,
        [*in_place(op, evidence), *names(op, chosen, explained, scenes)],
        unexplained,
        [*facts_of(scenes, unexplained), *partly(standings, scenes, unexplained)],
        smallest,
        "" if smallest is None else script(smallest),
        error_map(scenes, unexplained),
    )


def order(scenes: Iterable[Scene]) -> list[str]:
    """The tensors in torch's order."""
    return list(dict.fromkeys(tensor for scene in scenes for tensor in [*scene.truth, *scene.disagrees]))


def examine(suspect: Suspicion, scenes: Sequence[Scene]) -> Standing:
    """Confront a suspect with the disagreements, the smallest first, then with the agreements.

    It is dropped when it is contradicted in everything it has altered so far, in at least TRIALS cases.
    """
    found = Standing(suspect)
    proved: set[str] = set()
    touched: set[str] = set()
    active = 0
    for n, scene in sorted(enumerate(scenes), key=lambda each: not each[1].disagrees):
        if (active >= TRIALS and touched <= found.contradicted) or not (scene.disagrees or proved):
            break
        outcomes = suspect.outcomes(scene)
        active += any(outcome is not Outcome.TOLERATED for outcome in outcomes.values())
        touched |= outcomes.keys()
        for tensor, outcome in outcomes.items():
            if outcome is Outcome.CONTRADICTED:
                found.contradicted.add(tensor)
            elif tensor in scene.disagrees:
                found.explained.add((tensor, n))
                if outcome is Outcome.REPRODUCED:
                    proved.add(tensor)
    found.explained = {(tensor, n) for tensor, n in found.explained if tensor in proved - found.contradicted}
    return found


def choose(wanted: set[Item], standings: Sequence[Standing]) -> tuple[set[Item], list[list[Standing]]]:
    """Find the fewest suspects that explain all that can be explained.

    A tensor counts as explained only if all its disagreements are. Suspects that explain the same are twins; of those
    the ones stay that are contradicted by the fewest other tensors.

    Returns
    -------
    explained : the disagreements
    chosen : the suspects, with their twins
    """
    open_ends = {tensor for tensor, _ in wanted - {item for each in standings for item in each.explained}}
    explainable = {item for item in wanted if item[0] not in open_ends}
    twins: dict[frozenset[Item], list[Standing]] = {}
    for each in standings:
        if part := frozenset(each.explained & explainable):
            twins.setdefault(part, []).append(each)
    costs = {part: min(len(each.contradicted) for each in group) for part, group in twins.items()}
    for count in range(1, MOST + 1):
        sets = [some for some in combinations(twins, count) if frozenset().union(*some) == explainable]
        if sets and explainable:
            best = min(sets, key=lambda some: sum(costs[part] for part in some))
            chosen = [[each for each in twins[part] if len(each.contradicted) == costs[part]] for part in best]
            return explainable, chosen
    return set(), []


def names(op: str, chosen: Sequence[Sequence[Standing]], explained: set[Item], scenes: Sequence[Scene]) -> list[Named]:
    """Tell each suspect once, with its twins."""
    found = []
    for group in chosen:
        by_id = {each.suspect.id: each for each in reversed(group)}
        items = sorted(group[0].explained & explained, key=lambda item: item[1])
        tensors = sorted({tensor for tensor, _ in items}, key=order(scenes).index)
        cases = tuple(dict.fromkeys(str(scenes[n].case) for _, n in items))
        found += [
            Named(op, name, each.suspect.sentence, tuple(tensors), cases, tuple(by_id.keys() - {name}))
            for name, each in reversed(by_id.items())
        ]
    return found


def partly(standings: Iterable[Standing], scenes: Sequence[Scene], unexplained: Sequence[str]) -> list[str]:
    """The suspects that explain some of the disagreements of a tensor, and do not contradict the others."""
    lines = []
    for tensor in unexplained:
        bad = {(tensor, n) for n, scene in enumerate(scenes) if tensor in scene.disagrees}
        found = {each.suspect.id: (each, bad & each.explained) for each in standings if bad & each.explained}
        lines += [
            f"{tensor}: in {len(items)} of the {len(bad)} runs as if: {each.suspect.sentence}"
            for each, items in found.values()
        ]
    return lines


def in_place(op: str, evidence: Iterable[Evidence]) -> list[Named]:
    """The inputs that were changed."""
    guilty = [each for each in evidence if each.changed]
    changed = sorted({name for each in guilty for name in each.changed})
    cases = tuple(dict.fromkeys(str(each.case) for each in guilty))
    return [Named(op, "inputs-modified", IN_PLACE.format(" and ".join(changed)), (), cases)] if guilty else []
