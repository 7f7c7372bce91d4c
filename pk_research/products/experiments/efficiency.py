"""How much a design tells about tastes: Fisher information of the multinomial logit, and D-error."""

from __future__ import annotations

import numpy as np

NOT_IDENTIFIED = -700.0


def information_by_set(rows: np.ndarray, priors: np.ndarray) -> np.ndarray:
    """Return what one answer to each set tells about the coefficients.

    Parameters
    ----------
    rows
        Sets by alternatives by coefficients.
    priors
        Draws by coefficients: tastes that are thought likely.

    Returns
    -------
    ndarray
        Sets by draws by coefficients by coefficients.

    References
    ----------
    McFadden (1974), Conditional logit analysis of qualitative choice behavior.
    """
    utility = np.einsum("sjk,dk->sdj", rows, priors)
    weight = np.exp(utility - utility.max(axis=2, keepdims=True))
    share = weight / weight.sum(axis=2, keepdims=True)
    mean = share @ rows
    scaled = rows[:, None] * share[..., None]
    found: np.ndarray = np.swapaxes(scaled, 2, 3) @ rows[:, None] - mean[..., None] * mean[:, :, None, :]
    return found


def d_errors(information: np.ndarray) -> np.ndarray:
    """Return the D-error of several designs: the determinant of the inverse, per coefficient.

    Parameters
    ----------
    information
        Designs by draws of the priors by coefficients by coefficients; the mean over draws is
        returned for each design.

    Returns
    -------
    ndarray
        Smaller is better; infinite where a coefficient is not identified.

    References
    ----------
    Huber and Zwerina (1996), The importance of utility balance in efficient choice designs;
    Sandor and Wedel (2001) for the mean over draws.

    Examples
    --------
    >>> d_errors(4 * np.eye(2)[None, None]).tolist()
    [0.25]
    """
    sign, logarithm = np.linalg.slogdet(information)
    logarithm = np.where(sign > 0, logarithm, NOT_IDENTIFIED)
    size = information.shape[-1]
    errors = np.where(logarithm > NOT_IDENTIFIED, np.exp(-logarithm / size), np.inf)
    mean: np.ndarray = errors.mean(axis=-1)
    return mean
