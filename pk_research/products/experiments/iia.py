"""Whether alternatives are as independent of each other as the multinomial logit supposes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pk_research.errors import BadInput
from pk_research.language import Language, Message
from pk_research.products.experiments.data import ChoiceData
from pk_research.products.experiments.multinomial import (
    information,
    multinomial_logit,
    scores_by_situation,
)
from pk_research.products.words import told
from pk_research.writing import marked

LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class IiaCheck:
    """Hausman and McFadden's comparison: tastes with and without an alternative.

    Attributes
    ----------
    frame
        One row an alternative left out: ``alternative``, ``n_choices`` (that remain), ``df``
        (coefficients compared), ``hausman`` (the classical statistic, of two fits; missing where
        its matrix is not positive definite, which happens), ``p_hausman``, ``score`` (whether the
        tastes of all choices are also the best for the rest, clustered by respondent; always
        defined, and nearer to its level in small samples), ``p_score``, and ``reason`` where nothing
        could be compared.
    made
        Whether the choices are made, not observed.
    sha256
        Hash of the table of choices.
    """

    frame: pd.DataFrame
    made: bool
    sha256: str

    def table(self, language: Language) -> pd.DataFrame:
        """Return the statistics with headings in a language."""
        frame = self.frame
        table = pd.DataFrame(
            {
                Message("Alternative left out").text(language): frame["alternative"],
                Message("Choices").text(language): frame["n_choices"],
                Message("Hausman-McFadden").text(language): frame["hausman"].round(2),
                Message("p (Hausman-McFadden)").text(language): frame["p_hausman"].round(4),
                Message("Score, clustered by respondent").text(language): frame["score"].round(2),
                Message("p (score)").text(language): frame["p_score"].round(4),
            }
        )
        return marked(table, language, made=self.made)

    def in_words(self, language: Language) -> str:
        """Say whether tastes change when an alternative is left out, and what that means."""
        tested = self.frame.dropna(subset="p_score")
        bound = LEVEL / max(1, len(tested))
        found = tested.loc[tested["p_score"] < bound, "alternative"]
        sentences = [
            Message(
                "The multinomial logit supposes that leaving out an alternative does not change how the "
                "others compare; this was tried with {n} alternatives.",
                {"n": len(tested)},
            )
        ]
        if len(found):
            sentences.append(
                Message(
                    "It does change without {names}: the supposition does not hold, and a nested, mixed or "
                    "latent class logit should be compared.",
                    {"names": ", ".join(found)},
                )
            )
        elif len(tested):
            sentences.append(
                Message("No change beyond chance was found, which is no proof that there is none.")
            )
        n_undefined = int(tested["hausman"].isna().sum())
        if n_undefined:
            sentences.append(
                Message(
                    "The classical statistic is not defined for {n} of them (its matrix is not positive "
                    "definite); the score statistic is used.",
                    {"n": n_undefined},
                )
            )
        n_left = len(self.frame) - len(tested)
        if n_left:
            sentences.append(Message("{n} alternatives could not be tried.", {"n": n_left}))
        return told(sentences, language, made=self.made)


def iia_check(data: ChoiceData) -> IiaCheck:
    """Compare tastes of all choices with those of the choices without each alternative in turn.

    Parameters
    ----------
    data
        The choices.

    Returns
    -------
    IiaCheck
        Both statistics for every alternative.

    Raises
    ------
    BadInput
        When the multinomial logit cannot be fitted to all choices.

    References
    ----------
    Hausman and McFadden (1984), Specification tests for the multinomial logit model; McFadden,
    Train and Tye (1977) for the test by scores, here with White's covariance by respondent.

    Examples
    --------
    >>> from pk_research.codebook import Label
    >>> from pk_research.products.experiments import Attribute, KnownTastes, choice_design, made_choices
    >>> pack = Attribute("pack", "Kemasan", "Package", (Label("plastic", "Plastik", "Plastic"),
    ...                  Label("box", "Kotak", "Box")))
    >>> design = choice_design([pack], n_sets=2)
    >>> data = made_choices(design, KnownTastes(({"pack=box": 1.0},)), 60, seed=1).data()
    >>> iia_check(data).frame["alternative"].tolist()
    ['a', 'b', 'none']
    """
    full = multinomial_logit(data).estimates.to_numpy()
    rows = [_without(data, full, name) for name in sorted(set(data.alternatives))]
    return IiaCheck(pd.DataFrame(rows), data.made, data.sha256)


def _without(data: ChoiceData, full: np.ndarray, name: str) -> dict[str, object]:
    row: dict[str, object] = {
        "alternative": name, "n_choices": 0, "df": 0, "hausman": np.nan, "p_hausman": np.nan,
        "score": np.nan, "p_score": np.nan, "reason": "",
    }  # fmt: skip
    stays = data.alternatives != name
    which = stays[data.chosen] & (data.sum_by_situation(stays.astype(int)) >= 2)
    if not which.any():
        return row | {"reason": "nothing else was chosen"}
    rest = data.of_situations(which, rows=stays)
    mean = rest.sum_by_situation(rest.rows) / rest.sizes[:, None]
    kept = np.flatnonzero(np.abs(rest.rows - mean[rest.situation]).max(axis=0) > 1e-9)
    narrow = replace(rest, rows=rest.rows[:, kept], names=tuple(data.names[n] for n in kept))
    row |= {"n_choices": rest.n_choices, "df": len(kept)}
    try:
        at = multinomial_logit(narrow).estimates.to_numpy()
    except BadInput as error:
        return row | {"reason": str(error)}
    return row | _hausman(data, narrow, full, at, kept) | _score(data, rest, full, which, kept)


def _hausman(
    data: ChoiceData, rest: ChoiceData, full: np.ndarray, at: np.ndarray, kept: np.ndarray
) -> dict[str, object]:
    """Compare the two estimates as Hausman and McFadden do; nothing where that is not defined."""
    from scipy.stats import chi2

    covariance = np.linalg.inv(information(data, full))[np.ix_(kept, kept)]
    apart = np.linalg.inv(information(rest, at)) - covariance
    if np.linalg.eigvalsh(apart)[0] <= 1e-10 * np.abs(np.diag(apart)).max():
        return {}
    difference = at - full[kept]
    statistic = float(difference @ np.linalg.solve(apart, difference))
    return {"hausman": statistic, "p_hausman": float(chi2.sf(statistic, len(kept)))}


def _score(
    data: ChoiceData, rest: ChoiceData, full: np.ndarray, which: np.ndarray, kept: np.ndarray
) -> dict[str, object]:
    """Ask whether the tastes of all choices are also the best for those without the alternative."""
    from scipy.stats import chi2

    people = np.unique(data.respondent[which])
    score = np.zeros((data.n_respondents, len(full)))
    score[people] = rest.sum_by_respondent(scores_by_situation(rest, full)[1])
    estimated = data.sum_by_respondent(scores_by_situation(data, full)[1])
    # the tastes are estimates: what they take up of each person's score is taken off
    spread = score - estimated @ np.linalg.solve(information(data, full), information(rest, full))
    total, variance = score.sum(axis=0)[kept], spread[:, kept].T @ spread[:, kept]
    statistic = float(total @ np.linalg.pinv(variance, rcond=1e-10) @ total)
    return {"score": statistic, "p_score": float(chi2.sf(statistic, len(kept)))}
