"""What `find_types` was asked, and what each method can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from pk_research.clusters.mixed import KINDS, Kind
from pk_research.clusters.partition import Points, Scale
from pk_research.errors import BadInput, Problem
from pk_research.indicators.spatial import Neighbours

Method = Literal[
    "k_means",
    "gaussian_mixture",
    "ward",
    "spatial_ward",
    "hdbscan",
    "k_medoids",
    "latent_classes",
    "famd_k_means",
]
Gaps = Literal["leave_out", "keep", "impute"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a method takes.

    Attributes
    ----------
    kinds
        Kinds of variables.
    gaps
        What can be done about missing values, the usual way first.
    neighbours
        Whether it needs to know who is whose neighbour.
    finds_k
        Whether it finds the number of types itself.
    repeats
        Whether it can be repeated on villages drawn anew.
    is_in_space
        Whether villages are points with coordinates, so that a thorough comparison can be made.
    """

    kinds: tuple[Kind, ...] = ("numeric",)
    gaps: tuple[Gaps, ...] = ("leave_out",)
    neighbours: bool = False
    finds_k: bool = False
    repeats: bool = True
    is_in_space: bool = True


NEEDS: Mapping[Method, Needs] = MappingProxyType(
    {
        "k_means": Needs(gaps=("leave_out", "impute")),
        "gaussian_mixture": Needs(gaps=("leave_out", "impute")),
        "ward": Needs(gaps=("leave_out", "impute")),
        "spatial_ward": Needs(neighbours=True, repeats=False),
        "hdbscan": Needs(finds_k=True, repeats=False),
        "k_medoids": Needs(kinds=KINDS, gaps=("keep", "leave_out"), is_in_space=False),
        "latent_classes": Needs(
            kinds=("ordinal", "nominal", "asymmetric"), gaps=("keep", "leave_out"), is_in_space=False
        ),
        "famd_k_means": Needs(kinds=KINDS),
    }
)


@dataclass(frozen=True, eq=False)
class Request:
    """What was asked, defaults filled in; the meaning of each part is that of `find_types`."""

    method: Method
    k: int | None
    k_range: tuple[int, ...]
    scale: Scale
    neighbours: Neighbours | None
    kinds: Mapping[str, Kind]
    gaps: Gaps | None
    n_imputations: int
    min_size: int | None
    n_starts: int
    n_draws: int
    thorough: bool
    seed: int
    n_jobs: int | None

    @property
    def needs(self) -> Needs:
        """What the method takes."""
        return NEEDS[self.method]

    @property
    def handling(self) -> Gaps:
        """What is done about missing values."""
        return self.gaps or self.needs.gaps[0]

    @property
    def wanted(self) -> list[int]:
        """The numbers of types to try, ascending."""
        return list(self.k_range) if self.k is None else [self.k]


def check_request(request: Request) -> None:
    """Raise, with everything that is wrong at once, when the method cannot do what was asked."""
    if request.method not in NEEDS:
        known = ", ".join(get_args(Method))
        raise BadInput(Problem("method", f"there is no {request.method!r} here", f"Choose from: {known}."))
    if problems := [
        *_faults_of_numbers(request),
        *_faults(request),
        *_faults_of_gaps(request),
        *_faults_of_repetitions(request),
    ]:
        raise BadInput(problems)


def _faults_of_numbers(request: Request) -> list[Problem]:
    whole = {"seed": (request.seed, 0), "n_draws": (request.n_draws, 0), "n_starts": (request.n_starts, 1)}
    problems = [
        Problem(name, f"{given} was given", f"Give a whole number of {least} or more.")
        for name, (given, least) in whole.items()
        if given < least
    ]
    if request.scale not in get_args(Scale):
        problems.append(
            Problem(
                "scale", f"there is no {request.scale!r} here", f"Choose from: {', '.join(get_args(Scale))}."
            )
        )
    return problems


def _faults(request: Request) -> list[Problem]:
    needs, problems = request.needs, []
    if needs.neighbours != (request.neighbours is not None):
        problems.append(
            Problem(
                "neighbours",
                "they belong to the method 'spatial_ward', and only to it",
                "Give both or neither; pk_research.indicators.spatial finds neighbours.",
            )
        )
    if needs.finds_k and request.k is not None:
        problems.append(Problem("k", f"{request.method} finds the number of types itself", "Leave k out."))
    if request.min_size is not None and not needs.finds_k:
        problems.append(Problem("min_size", "it belongs to the method 'hdbscan'", "Leave it out."))
    if request.kinds and needs.kinds == ("numeric",):
        problems.append(
            Problem(
                "kinds",
                f"{request.method} takes numbers only",
                "Leave it out, or use k_medoids, latent_classes or famd_k_means.",
            )
        )
    if request.scale == "none" and needs.kinds != ("numeric",):
        problems.append(
            Problem("scale", f"{request.method} brings variables to one scale itself", "Leave it out.")
        )
    return problems


def _faults_of_gaps(request: Request) -> list[Problem]:
    possible, problems = request.needs.gaps, []
    if request.handling not in possible:
        problems.append(
            Problem(
                "gaps",
                f"{request.method} has no way {request.handling!r}",
                f"Choose from: {', '.join(possible)}.",
            )
        )
    if request.n_imputations < 2:
        problems.append(
            Problem("n_imputations", f"{request.n_imputations} were asked for", "Ask for 2 or more.")
        )
    return problems


def _faults_of_repetitions(request: Request) -> list[Problem]:
    problems = []
    if request.n_draws and request.needs.neighbours:
        problems.append(
            Problem(
                "n_draws",
                "drawn villages are no longer neighbours, so regions cannot be found again among them",
                "Leave n_draws out.",
            )
        )
    elif request.n_draws and not request.needs.repeats:
        problems.append(
            Problem(
                "n_draws",
                f"{request.method} finds another number of types in every draw, so that they do not match",
                "Leave n_draws out.",
            )
        )
    if request.thorough and not (request.needs.is_in_space and not request.needs.finds_k):
        problems.append(
            Problem(
                "thorough",
                f"the further measures need coordinates and several k's, which {request.method} has not",
                "Leave it out.",
            )
        )
    return problems


def possible_ks(points: Points, request: Request) -> list[int]:
    """Return the k's these villages allow; raise when there is none, or the one given is not."""
    ks = request.wanted
    too_small = [k for k in ks if k < 2]
    if too_small or not ks:
        raise BadInput(Problem("k", f"{too_small or 'nothing'} was asked for", "Ask for 2 types or more."))
    most = _most(points)
    possible = [k for k in ks if k <= most]
    if possible:
        return possible
    raise BadInput(
        Problem(
            "k",
            f"{ks[0]} types were asked for, but {points.n_villages} villages can be compared,"
            f" with {len(points.rows)} different profiles",
            f"Ask for at most {most} types, or choose variables more villages have."
            if most >= 2
            else "Choose variables more villages have, or more variables.",
        )
    )


def impossible_ks(points: Points, request: Request) -> list[int]:
    """Return the k's that were wanted and that these villages do not allow."""
    return [k for k in request.wanted if k > _most(points)]


def _most(points: Points) -> int:
    return min(len(points.rows), points.n_villages - 1)
