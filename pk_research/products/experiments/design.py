"""The design of a choice experiment: which alternatives are shown together, and to whom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import BadInput, Problem
from pk_research.language import Language, Message
from pk_research.products.experiments.attributes import (
    Attribute,
    check_attributes,
    coded,
    coefficient_labels,
    coefficient_names,
)
from pk_research.products.experiments.blocks import balanced_blocks
from pk_research.products.experiments.efficiency import d_errors, information_by_set
from pk_research.products.experiments.exchange import Exchange
from pk_research.products.experiments.layout import Task, coded_rows, dominated_sets, random_levels
from pk_research.products.experiments.orthogonal import orthogonal_levels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Method = Literal["d_efficient", "orthogonal", "random"]
START, PRIORS = 32, 33


@dataclass(frozen=True, eq=False)
class ChoiceDesign:
    """A choice experiment, ready to be asked.

    Attributes
    ----------
    attributes
        What alternatives differ in.
    sets
        One row an alternative shown: ``set`` (from 1), ``block`` (from 1), ``alternative``
        (``a``, ``b``...), then one column an attribute with its level's value as text. The opt-out
        is not in it.
    has_none
        Whether each set also offers to choose nothing.
    method
        ``d_efficient``, ``orthogonal`` or ``random``.
    priors, prior_sd
        Tastes thought likely, by coefficient, and how unsure that is.
    prior_draws
        Draws by coefficients: what the D-error is a mean over; one row without ``prior_sd``.
    d_error
        Of all sets answered once; smaller is better.
    n_refused
        Improvements of the design refused since an alternative would have dominated.
    mended
        Numbers of the sets in which an alternative dominated, mended by exchanging levels.
    seed
        Of all chance.
    """

    attributes: tuple[Attribute, ...]
    sets: pd.DataFrame
    has_none: bool
    method: Method
    priors: pd.Series
    prior_sd: pd.Series
    prior_draws: np.ndarray
    d_error: float
    n_refused: int
    mended: tuple[int, ...]
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients of utility."""
        return coefficient_names(self.attributes, has_none=self.has_none)

    @property
    def labels(self) -> dict[str, Message]:
        """What each coefficient compares."""
        return coefficient_labels(self.attributes, has_none=self.has_none)

    @property
    def n_sets(self) -> int:
        """Number of sets in all blocks together."""
        return int(self.sets["set"].max())

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return int(self.sets["block"].max())

    @property
    def sets_each(self) -> int:
        """Number of sets a respondent answers."""
        return self.n_sets // self.n_blocks

    @property
    def n_alternatives(self) -> int:
        """Alternatives in a set, the opt-out not counted."""
        return int(self.sets["alternative"].nunique())

    def alternatives(self) -> pd.DataFrame:
        """Return the long table of all sets, the opt-out too where there is one.

        Returns
        -------
        DataFrame
            ``set``, ``block``, ``alternative`` (``none`` for the opt-out), the attributes (missing
            for the opt-out), then one column a coefficient.
        """
        shown = self.sets
        if self.has_none:
            none = shown.groupby("set", as_index=False).first()[["set", "block"]].assign(alternative="none")
            shown = pd.concat([shown, none]).sort_values("set", kind="stable").reset_index(drop=True)
        columns = coded(shown, self.attributes, has_none=self.has_none)
        # a linear attribute's coefficient has the attribute's name: its level is not kept twice
        kept = shown.drop(columns=[name for name in shown.columns if name in columns])
        return pd.concat([kept, columns], axis=1)

    def rows(self) -> np.ndarray:
        """Return sets by alternatives (the opt-out last) by coefficients."""
        table = self.alternatives()
        rows: np.ndarray = table[list(self.names)].to_numpy().reshape(self.n_sets, -1, len(self.names))
        return rows

    def balance(self) -> pd.DataFrame:
        """Say how often each level is shown.

        Returns
        -------
        DataFrame
            One row a level: ``attribute``, ``level``, ``times``, ``share``, and the fewest and the
            most times in a block (``least_in_block``, ``most_in_block``).
        """
        rows = []
        for attribute in self.attributes:
            for value in attribute.codes:
                is_shown = self.sets[attribute.name] == value
                by_block = is_shown.groupby(self.sets["block"]).sum()
                rows.append(
                    {
                        "attribute": attribute.name, "level": value, "times": int(is_shown.sum()),
                        "share": float(is_shown.mean()), "least_in_block": int(by_block.min()),
                        "most_in_block": int(by_block.max()),
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the attributes and the sets."""
        what = json.dumps([asdict(attribute) for attribute in self.attributes], sort_keys=True)
        text = what + self.sets.to_csv(index=False, lineterminator="\n") + str(self.has_none)
        return hashlib.sha256(text.encode()).hexdigest()

    def table(self, language: Language) -> pd.DataFrame:
        """Return the sets with labels in a language."""
        from pk_research.products.experiments.design_words import design_table

        return design_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say how large the design is and how good."""
        from pk_research.products.experiments.design_words import design_in_words

        return design_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 1000) -> Figure:
        """Draw how often each level is shown."""
        from pk_research.products.experiments.pictures import plot_balance

        return plot_balance(self, language, width_px=width_px)


def choice_design(
    attributes: Sequence[Attribute],
    *,
    n_sets: int,
    n_alternatives: int = 2,
    has_none: bool = True,
    n_blocks: int = 1,
    method: Method = "d_efficient",
    priors: Mapping[str, float] | None = None,
    prior_sd: Mapping[str, float] | None = None,
    n_prior_draws: int = 64,
    is_balanced: bool = True,
    n_starts: int = 5,
    seed: int = 0,
) -> ChoiceDesign:
    """Design a choice experiment.

    Parameters
    ----------
    attributes
        What alternatives differ in.
    n_sets
        Choice sets in all blocks together.
    n_alternatives
        Alternatives in a set, the opt-out not counted; 2 to 5.
    has_none
        Offer to choose nothing in each set.
    n_blocks
        Blocks; each respondent answers one. Divides ``n_sets``.
    method
        ``d_efficient``: the smallest D-error found by exchange from ``n_starts`` random designs;
        ``orthogonal``: any two attributes vary independently; ``random``: balanced, else at random.
    priors
        Tastes thought likely, by name of the coefficient; those not named are 0.
    prior_sd
        Standard deviations of the priors: with any, the D-error is a mean over draws (Bayesian
        design).
    n_prior_draws
        Number of those draws, from a scrambled Sobol sequence; a power of two.
    is_balanced
        Exchange pairs of levels, so that each is shown equally often; otherwise single levels
        (coordinate exchange), which is a little more efficient and shows extremes of linear
        attributes most.
    n_starts
        Random designs to begin from.
    seed
        Of all chance; the same seed gives the same design.

    Returns
    -------
    ChoiceDesign
        No alternative in it dominates another on attributes of which the better end is known.

    Raises
    ------
    BadInput
        When the numbers or the attributes do not fit together, everything wrong at once.

    References
    ----------
    Huber and Zwerina (1996); Meyer and Nachtsheim (1995), The coordinate-exchange algorithm;
    Sandor and Wedel (2001), Designing conjoint choice experiments using managers' prior beliefs.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> taste = Attribute("taste", "Rasa", "Taste", (Label("mild", "Gurih", "Mild"),
    ...                   Label("spicy", "Pedas", "Spicy")))
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([taste, pack], n_sets=4, has_none=False, priors={"taste=spicy": 0.5})
    >>> design.sets["alternative"].tolist()
    ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']
    """
    attributes = tuple(attributes)
    problems = check_attributes(attributes)
    if not problems:
        names = coefficient_names(attributes, has_none=has_none)
        problems += _check_numbers(n_sets, n_alternatives, n_blocks, n_starts, len(names))
        problems += _check_priors(names, priors or {}, prior_sd or {})
    if problems:
        raise BadInput(problems)
    mean = pd.Series(priors or {}, dtype=float).reindex(list(names)).fillna(0.0)
    sd = pd.Series(prior_sd or {}, dtype=float).reindex(list(names)).fillna(0.0)
    draws = _prior_draws(mean, sd, n_prior_draws, seed)
    task = Task(attributes, n_sets, n_alternatives, has_none, draws)
    levels, n_refused, mended = _levels(task, method, is_balanced=is_balanced, n_starts=n_starts, seed=seed)
    total = information_by_set(coded_rows(levels, attributes, has_none=has_none), draws).sum(axis=0)
    error = float(d_errors(total[None])[0])
    if not np.isfinite(error):
        what = f"{n_sets} sets of this kind do not identify all {len(names)} coefficients"
        raise BadInput(Problem("n_sets", what, "Ask more sets, or drop levels or attributes."))
    return ChoiceDesign(
        attributes=attributes,
        sets=_sets_table(levels, attributes, n_blocks, seed),
        has_none=has_none,
        method=method,
        priors=mean,
        prior_sd=sd,
        prior_draws=draws,
        d_error=error,
        n_refused=n_refused,
        mended=mended,
        seed=seed,
    )


def _levels(
    task: Task, method: Method, *, is_balanced: bool, n_starts: int, seed: int
) -> tuple[np.ndarray, int, tuple[int, ...]]:
    rng = derived_rng(seed, START)
    if method == "orthogonal":
        levels, mended = orthogonal_levels(task, rng)
        return levels, 0, mended
    if method == "random":
        return random_levels(task, rng), 0, ()
    starts = [random_levels(task, derived_rng(seed, START, n)) for n in range(n_starts)]
    ends = [Exchange(task, levels).run(is_balanced=is_balanced) for levels in starts]
    best = min(ends, key=lambda end: end.error)
    return best.levels, best.n_refused, ()


def _prior_draws(mean: pd.Series, sd: pd.Series, n_draws: int, seed: int) -> np.ndarray:
    from scipy.stats import norm, qmc

    if not (sd > 0).any():
        return np.asarray(mean.to_numpy()[None])
    points = qmc.Sobol(len(mean), rng=derived_rng(seed, PRIORS)).random(n_draws)
    drawn: np.ndarray = mean.to_numpy() + norm.ppf(points) * sd.to_numpy()
    return drawn


def _sets_table(
    levels: np.ndarray, attributes: tuple[Attribute, ...], n_blocks: int, seed: int
) -> pd.DataFrame:
    n_sets, n_alternatives, _ = levels.shape
    shown = [
        (levels[..., n, None] == np.arange(len(attribute.levels))).sum(axis=1)
        for n, attribute in enumerate(attributes)
    ]
    blocks = balanced_blocks(np.hstack(shown), n_blocks, seed=seed)
    # sets of a block follow each other, in the order in which they were found
    order = np.argsort(blocks, kind="stable")
    values = {
        attribute.name: np.array(attribute.codes, dtype=object)[levels[order, :, n]].ravel()
        for n, attribute in enumerate(attributes)
    }
    return pd.DataFrame(
        {
            "set": np.repeat(np.arange(1, n_sets + 1), n_alternatives),
            "block": np.repeat(blocks[order], n_alternatives),
            "alternative": np.tile(list("abcde"[:n_alternatives]), n_sets),
            **{name: pd.Series(column, dtype="str") for name, column in values.items()},
        }
    )


def _check_numbers(
    n_sets: int, n_alternatives: int, n_blocks: int, n_starts: int, n_coefficients: int
) -> list[Problem]:
    problems = []
    if not 2 <= n_alternatives <= 5:
        problems.append(Problem("n_alternatives", f"it is {n_alternatives}", "Show 2 to 5 alternatives."))
    if n_sets < 1:
        problems.append(Problem("n_sets", f"it is {n_sets}", "Ask at least one set."))
    elif n_sets * n_alternatives < n_coefficients:
        remedy = f"Ask at least {-(-n_coefficients // n_alternatives)} sets, or drop levels."
        what = f"{n_sets} sets are too few for {n_coefficients} coefficients"
        problems.append(Problem("n_sets", what, remedy))
    if n_blocks < 1 or n_sets % n_blocks:
        remedy = "Give a number of blocks that divides the number of sets."
        problems.append(Problem("n_blocks", f"{n_sets} sets are not {n_blocks} equal blocks", remedy))
    if n_starts < 1:
        problems.append(Problem("n_starts", f"it is {n_starts}", "Give at least one."))
    return problems


def _check_priors(
    names: Sequence[str], priors: Mapping[str, float], prior_sd: Mapping[str, float]
) -> list[Problem]:
    problems = []
    for option, given in (("priors", priors), ("prior_sd", prior_sd)):
        problems += [
            Problem(option, f"there is no coefficient {name!r}", f"Choose among {', '.join(names)}.")
            for name in sorted(set(given) - set(names))
        ]
        for name, value in given.items():
            if not np.isfinite(value) or (option == "prior_sd" and value < 0):
                remedy = "Give a finite number, for a standard deviation zero or more."
                problems.append(Problem(option, f"{name} is {value}", remedy))
    return problems


def repeated_or_dominated(design: ChoiceDesign) -> tuple[int, ...]:
    """Return the sets in which an alternative dominates another or repeats it; none in a sound design."""
    levels = np.stack(
        [
            design.sets[attribute.name]
            .map({value: n for n, value in enumerate(attribute.codes)})
            .to_numpy()
            .reshape(design.n_sets, design.n_alternatives)
            for attribute in design.attributes
        ],
        axis=-1,
    )
    return tuple(n + 1 for n in dominated_sets(levels, design.attributes))
