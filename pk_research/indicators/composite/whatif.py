"""What if the weights were others: fast enough for a slider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pk_research.indicators.composite.aggregation import aggregate_levels
from pk_research.indicators.composite.index import CompositeIndex
from pk_research.indicators.composite.weights import within_parents
from pk_research.language import Message
from pk_research.sources.dataset import Step


def reweighted(index: CompositeIndex, weights: Mapping[str, float]) -> CompositeIndex:
    """Return the index with other weights for some elements, everything else as it was.

    Only scores are computed again: well under a second for 83,000 units and 50 indicators.

    Parameters
    ----------
    index
        The index to start from.
    weights
        By element, on any scale: siblings that are not named keep the weights they have, which
        sum to one within each parent.

    Raises
    ------
    BadInput, NotFound
        When an element does not exist, a weight is missing or negative, or all siblings weigh
        nothing.
    """
    table = index.declaration.table
    current = dict(zip(table.index, index.element_weights.tolist(), strict=True))
    declaration = index.declaration.with_weights({**current, **weights})
    element_weights = within_parents(declaration.weights, declaration.groups)
    options = replace(index.options, weighting="declared")
    elements = aggregate_levels(
        index.elements[: len(declaration.indicators)], declaration.groups, element_weights,
        how=options.aggregation, least_weight=options.least_weight,
    )  # fmt: skip
    changed = tuple(name for name in weights if weights[name] != current[name])
    step = Step(Message("Weights were changed by hand"), len(changed), changed)
    return replace(
        index,
        declaration=declaration,
        options=options,
        elements=np.stack(elements),
        element_weights=element_weights,
        steps=(*index.steps, *([step] if changed else [])),
    )
