"""What a fitted choice model is, whichever kind: tastes, how sure they are, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.compute.chance import derived_rng
from pk_research.errors import NotReady, Problem
from pk_research.language import Bilingual, Language, Message

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWS, TASTES = 34, 35


@dataclass(frozen=True, eq=False)
class ChoiceModel:
    """A fitted model of choice.

    Attributes
    ----------
    kind
        ``multinomial``, ``nested``, ``mixed`` or ``latent class``.
    names
        Of all parameters, in the order of ``estimates`` and ``covariance``.
    estimates
        Parameters by name.
    covariance
        Of the estimates, clustered by respondent.
    log_likelihood, log_likelihood_null
        Of the model, and of choosing at random.
    n_choices, n_respondents
        What it rests on.
    utility_names
        Of the coefficients that enter utility; for a multinomial logit the same as ``names``.
    alternatives
        Names of the alternatives in the data, in order.
    labels
        What the coefficients are called.
    units
        Of coefficients of variables coded in a unit of their own: its size.
    converged
        Whether the search came to a maximum.
    notes
        What has to be said beside the estimates.
    made
        Whether the choices are made, not observed.
    sha256
        Hash of the table of choices.
    seed
        Of the starts, where there are several.
    """

    kind: str
    names: tuple[str, ...]
    estimates: pd.Series
    covariance: pd.DataFrame
    log_likelihood: float
    log_likelihood_null: float
    n_choices: int
    n_respondents: int
    utility_names: tuple[str, ...]
    alternatives: tuple[str, ...]
    labels: Mapping[str, Bilingual] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    converged: bool = True
    notes: tuple[Message, ...] = ()
    made: bool = False
    sha256: str = ""
    seed: int = 0

    @property
    def standard_errors(self) -> pd.Series:
        """Standard errors, clustered by respondent."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=list(self.names))

    @property
    def bic(self) -> float:
        """Bayesian information criterion, with respondents as its cases; smaller is better."""
        return float(np.log(self.n_respondents) * len(self.names) - 2 * self.log_likelihood)

    @property
    def pseudo_r2(self) -> float:
        """McFadden's share of the log-likelihood of chance that the model explains."""
        return 1 - self.log_likelihood / self.log_likelihood_null

    def draws(self, n: int, seed: int = 0) -> np.ndarray:
        """Draw parameters as far as the estimates are unsure of them (Krinsky and Robb, 1986).

        Parameters
        ----------
        n
            Number of draws.
        seed
            Of the draws.

        Returns
        -------
        ndarray
            Draws by parameters, in the order of ``names``.

        Raises
        ------
        NotReady
            When the search came to no clear maximum, so that there is no covariance.
        """
        if not np.isfinite(self.covariance.to_numpy()).all():
            what = "the search came to no clear maximum, so that nothing is known of its doubt"
            raise NotReady(Problem(self.kind, what, "Fit a simpler model, or ask more people."))
        values, vectors = np.linalg.eigh(self.covariance.to_numpy())
        root = vectors * np.sqrt(np.maximum(values, 0))
        normal = derived_rng(seed, DRAWS).standard_normal((n, len(values)))
        drawn: np.ndarray = self.estimates.to_numpy() + normal @ root.T
        return drawn

    def tastes(self, n: int, seed: int = 0, *, parameters: np.ndarray | None = None) -> np.ndarray:
        """Draw people: the coefficients of utility of each.

        Parameters
        ----------
        n
            Number of people.
        seed
            Of the draws.
        parameters
            The model's parameters; the estimates by default, or one row of `draws`.

        Returns
        -------
        ndarray
            People by coefficients, in the order of ``utility_names``; all alike where the model
            knows no differences between people.
        """
        at = self.estimates.to_numpy() if parameters is None else parameters
        return self._tastes(n, derived_rng(seed, TASTES), dict(zip(self.names, at, strict=True)))

    def _tastes(self, n: int, rng: np.random.Generator, at: Mapping[str, float]) -> np.ndarray:
        del rng  # everybody is alike
        return np.tile([at[name] for name in self.utility_names], (n, 1))

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the segments people fall into; one without a name where there are none."""
        return ("",)

    def typical(self, parameters: np.ndarray) -> np.ndarray:
        """Return what is typical of each group: means, or medians where tastes are lognormal.

        Parameters
        ----------
        parameters
            Draws by parameters, as from `draws`.

        Returns
        -------
        ndarray
            Draws by groups by coefficients of utility.
        """
        at = [self.names.index(name) for name in self.utility_names]
        return np.asarray(parameters[:, None, at])

    def label(self, name: str) -> Bilingual:
        """Return what a parameter is called."""
        return self.labels.get(name, Message("{name}", {"name": name}))

    def sentences(self) -> list[Message]:
        """Return what only this kind of model has to say."""
        return []

    def table(self, language: Language) -> pd.DataFrame:
        """Return estimates with 95 % intervals, headings in a language."""
        from pk_research.products.experiments.model_words import model_table

        return model_table(self, language)

    def in_words(self, language: Language) -> str:
        """Say what the model rests on and which tastes it is sure of."""
        from pk_research.products.experiments.model_words import model_in_words

        return model_in_words(self, language)

    def plot(self, language: Language, *, width_px: int = 1000) -> Figure:
        """Draw the coefficients of utility with their 95 % intervals."""
        from pk_research.products.experiments.pictures import plot_estimates

        return plot_estimates(self, language, width_px=width_px)
