"""The village enterprises (BUMDes): exactly as many as were published, run well or badly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from pk_research.sample.district.chance import Array
from pk_research.sample.district.ground import Answers, Ground, Vary, only, whole
from pk_research.sample.questionnaire import ASPECTS

N_WITH_BUMDES = (155, 158, 161)
"""Desa with a BUMDes by year: the first as published for 2022, the others made."""


def bumdes(ground: Ground, known: Mapping[str, Array]) -> Answers:
    """Answer the BUMDes chapter; missing for kelurahan, and but for the first question without one."""
    exists = _exists(ground)
    vary = Vary(0.6, 0.15, 0.08, governance=0.55)
    turnover = ground.amounts("bumdes turnover", (150e6, 190e6, 70e6, 60e6, 75e6), vary)
    assets = turnover * ground.amounts("bumdes assets", (2.2, 2.0, 2.6, 2.4, 2.6), Vary(0.4, 0.08))
    legal = ground.grades(
        "bumdes legal",
        (0.0, 0.2, 0.0, -0.2, 0.0),
        Vary(0.6, 0.1, 0.35, governance=0.5),
        ("Berbadan hukum", "Dalam proses", "Belum"),
        (0.3, -0.5),
    )
    workers = np.maximum(whole(turnover / 45e6 + 2 * known["population"] / 15_000), 2)
    answers: Answers = {
        "bumdes_legal": legal,
        "bumdes_workers": workers,
        "bumdes_turnover_idr_year": whole(turnover, to=100_000),
        "bumdes_assets_idr": whole(assets, to=500_000),
        **{
            aspect: whole(
                ground.lean(aspect, (2.9, 3.0, 2.8, 2.6, 2.8), Vary(0.5, 0.25, 0.1, governance=0.65))
            ).clip(1, 5)
            for aspect in ASPECTS
        },
    }
    stated = np.where(exists, "Ada", "Tidak ada").astype(object)
    return {
        "bumdes": only(stated, ground.is_desa),
        **{name: only(values, exists) for name, values in answers.items()},
    }


def _exists(ground: Ground) -> npt.NDArray[np.bool_]:
    propensity = ground.lean("bumdes", (0.0, 0.1, 0.2, -0.2, 0.1), Vary(0.8, 0.0, governance=0.8))[:, 0]
    exists = np.zeros(ground.shape, dtype=bool)
    for year, n in enumerate(N_WITH_BUMDES):
        earlier = exists[:, year - 1] if year else np.zeros(len(propensity), dtype=bool)
        order = np.argsort(-(propensity + 100 * earlier), kind="stable")
        candidates = order[ground.is_desa[order, year]]
        exists[candidates[:n], year] = True
    return exists
