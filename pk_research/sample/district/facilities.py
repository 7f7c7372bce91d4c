"""Schools, health, electricity, internet, water, waste and disasters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pk_research.sample.district.chance import Array
from pk_research.sample.district.ground import Answers, Ground, Vary, whole

_DISASTERS = {
    #              urban industry rice coast hills
    "Tidak ada": (5.0, 6.0, 4.0, 1.0, 5.0),
    "Banjir": (5.0, 2.5, 3.0, 1.5, 1.0),
    "Rob": (0.2, 0.0, 0.1, 7.0, 0.0),
    "Kekeringan": (0.0, 0.2, 3.0, 0.5, 3.0),
    "Longsor": (0.0, 0.1, 0.0, 0.0, 1.5),
}


def facilities(ground: Ground, known: Mapping[str, Array]) -> Answers:
    """Answer the chapter on facilities."""
    population = known["population"]
    schools = ground.amounts("schools", (1,) * 5, Vary(0.2, 0.0))
    kind = ground.choices(
        "disaster",
        (ground.shares @ np.array(list(_DISASTERS.values())).T) ** 1.5,
        list(_DISASTERS),
        change=0.25,
    )
    electricity = ground.percents(
        "electricity", (99.8, 99.7, 98.8, 95, 98), Vary(0.4, 0.1, 0.2, prosperity=0.3)
    )
    internet = ground.percents("internet", (84, 79, 52, 38, 48), Vary(0.25, 0.08, 0.22, prosperity=0.3))
    water = ground.percents("water", (91, 89, 70, 46, 66), Vary(0.35, 0.08, 0.1, prosperity=0.25))
    toilet = ground.percents("toilet", (95, 94, 82, 62, 79), Vary(0.3, 0.06, 0.12, prosperity=0.3))
    wet = ground.amounts("wet days", (5, 4, 6, 30, 3), Vary(0.4, 0.3))
    return {
        "primary_schools": np.maximum(whole(population / 3600 * schools + 0.6), 1),
        "secondary_schools": whole(population / 8500 * schools + 0.2 * ground.prosperity[:, None]).clip(0),
        "health_facility": ground.grades(
            "health",
            (1.1, 0.9, -0.1, -0.5, -0.1),
            Vary(0.7, 0.05, 0.06),
            ("Puskesmas/klinik", "Pustu/poskesdes", "Posyandu saja"),
            (0.8, -0.8),
        ),
        "electricity_pct": electricity.round(1),
        "internet_pct": internet.round(1),
        "clean_water_pct": water.round(1),
        "toilet_pct": toilet.round(1),
        "waste_disposal": ground.grades(
            "waste",
            (1.2, 1.0, -0.1, -0.9, -0.3),
            Vary(0.5, 0.15, 0.1, governance=0.2),
            ("Diangkut", "Dibakar/ditimbun", "Ke sungai/saluran"),
            (0.7, -1.0),
        ),
        "disaster": kind,
        "flood_days_year": np.where(np.isin(kind, ["Banjir", "Rob"]), np.maximum(whole(wet), 1), 0).clip(
            0, 200
        ),
    }
