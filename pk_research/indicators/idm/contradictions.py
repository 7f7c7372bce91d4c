"""Published values against recomputed ones: which differ by more than rounding explains."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pk_research.indicators.idm.formula import (
    MAX_POINTS,
    SUB_INDICES,
    idm_from_points,
    status,
    sub_index_from_points,
)
from pk_research.indicators.idm.points import Part, points_frame, published_decimals, rounding_error
from pk_research.sources.vocabulary import IDM, IDM_STATUS

INDICES = (*SUB_INDICES, IDM.name, IDM_STATUS.name)


def recomputed_from(parts: Mapping[str, Part]) -> pd.DataFrame:
    """Compute sub-indices, IDM and status of every row from its score points."""
    points = points_frame(parts)
    idm = idm_from_points(points)
    sub_indices = {index: sub_index_from_points(points[index], index) for index in SUB_INDICES}
    return pd.DataFrame({**sub_indices, IDM.name: idm, IDM_STATUS.name: status(idm)})


def tolerances(published: pd.DataFrame) -> dict[str, pd.Series]:
    """Derive, from the decimals of each published value, what rounding explains.

    A published IDM may have been averaged from sub-indices that were already rounded: their mean
    rounding error comes on top of its own.
    """
    known = {name: rounding_error(published[name]) for name in (*SUB_INDICES, IDM.name) if name in published}
    if IDM.name in known:
        known[IDM.name] += sum(known[index] for index in SUB_INDICES if index in known) / len(SUB_INDICES)
    return known


def differing(
    published: pd.DataFrame, parts: Mapping[str, Part], recomputed: pd.DataFrame, name: str
) -> pd.DataFrame:
    """List the rows whose published value of one index differs from the recomputed one."""
    if name == IDM_STATUS.name:
        return _differing_labels(published, recomputed)
    value = published[name].astype("float64")
    if name == IDM.name:
        expected, points_per_unit = recomputed[name], float("nan")
    else:
        points_per_unit = MAX_POINTS[name]
        expected = sub_index_from_points(parts[name].attainable_points, name)
    rows = pd.DataFrame(
        {
            "index": name,
            "published": value,
            "recomputed": expected,
            "difference": value - expected,
            "difference_points": (value - expected) * points_per_unit,
            "inherited": False,
        }
    )
    tolerance = tolerances(published)[name]
    if name == IDM.name and set(SUB_INDICES) <= set(published.columns):
        mean = published[list(SUB_INDICES)].astype("float64").mean(axis=1, skipna=False)
        rows["inherited"] = (value - mean).abs() <= tolerance
    return rows[rows["difference"].abs() > tolerance]


def _differing_labels(published: pd.DataFrame, recomputed: pd.DataFrame) -> pd.DataFrame:
    label = published[IDM_STATUS.name].astype("string")
    expected = recomputed[IDM_STATUS.name].astype("string")
    rows = pd.DataFrame({"index": IDM_STATUS.name, "published_status": label, "recomputed_status": expected})
    rows["inherited"] = False
    if IDM.name in published:
        of_its_idm = status(published[IDM.name]).astype("string")
        rows["inherited"] = (label == of_its_idm).fillna(value=False).astype(bool)
    return rows[(label != expected).fillna(value=False)]


def incomplete(parts: Mapping[str, Part]) -> pd.DataFrame:
    """List the rows of which a sub-index cannot be computed, with the scores behind it."""
    lacking = points_frame(parts).isna()
    rows = lacking[lacking.any(axis=1)]
    return pd.DataFrame(
        {
            "sub_indices": [", ".join(rows.columns[row]) for row in rows.to_numpy()],
            "n_missing": sum(part.n_missing for part in parts.values()),
            "n_invalid": sum(part.n_invalid for part in parts.values()),
        },
        index=rows.index,
    )


def summarise(
    published: pd.DataFrame, parts: Mapping[str, Part], recomputed: pd.DataFrame, found: pd.DataFrame
) -> pd.DataFrame:
    """Count, by index, what was compared, equal, contradicting and impossible to compare."""
    n_found = found["index"].value_counts()
    allowed = tolerances(published)
    rows = []
    for name in INDICES:
        has_published = published[name].notna() if name in published else pd.Series(False, published.index)
        has_recomputed = recomputed[name].notna()
        n_compared = int((has_published & has_recomputed).sum())
        n_contradicting = int(n_found.get(name, 0))
        is_compared = name in allowed and has_published.any()
        rows.append(
            {
                "index": name,
                "basis": _basis(parts, name),
                "n_compared": n_compared,
                "n_equal": n_compared - n_contradicting,
                "n_contradicting": n_contradicting,
                "n_incomplete": int((~has_recomputed).sum()),
                "n_not_published": int((has_recomputed & ~has_published).sum()),
                "decimals": int(published_decimals(published[name].dropna()).min()) if is_compared else 0,
                "tolerance": float(allowed[name][has_published].max()) if is_compared else 0.0,
            }
        )
    return pd.DataFrame(rows).set_index("index")


def _basis(parts: Mapping[str, Part], name: str) -> str:
    if name in parts:
        return "scores" if parts[name].from_scores else "value"
    return "sub-indices" if name == IDM.name else "idm"
