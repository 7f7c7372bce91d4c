"""Land, work, enterprises, distances, services and the village budget."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pk_research.sample.district.chance import Array
from pk_research.sample.district.ground import Answers, Ground, Vary, only, whole

PRESENT = ("Ada", "Tidak ada")
_LIVELIHOODS = {
    #                        urban industry rice coast hills
    "Pertanian": (0.1, 0.2, 8.0, 1.0, 7.0),
    "Perikanan": (0.0, 0.0, 0.2, 9.0, 0.0),
    "Industri": (2.0, 8.0, 0.4, 0.0, 1.0),
    "Perdagangan dan jasa": (7.0, 2.0, 1.0, 0.6, 1.0),
}


def economy(ground: Ground, known: Mapping[str, Array]) -> Answers:
    """Answer the chapter on the economy."""
    households, population = known["households"], known["population"]
    umkm = ground.amounts("umkm", (62, 48, 30, 27, 36), Vary(0.3, 0.06, 0.04, prosperity=0.12))
    rooms = ground.amounts("rented rooms", (55, 290, 7, 4, 9), Vary(0.3, 0.04, 0.03))
    factory = ground.percents("factory", (9, 24, 4.5, 1.5, 4.5), Vary(0.2, 0.06, 0.02))
    funds = 800_000_000 + 12_000 * population + 600_000 * known["poor_households"]
    revenue = ground.amounts(
        "own revenue", (180e6, 260e6, 45e6, 40e6, 55e6), Vary(0.5, 0.15, 0.05, governance=0.25)
    )
    market = ground.amounts("market", (2.2, 3.0, 6.0, 11.0, 8.0), Vary(0.35, 0.01, prosperity=-0.12))
    toll = ground.amounts("toll", (5, 4, 15, 27, 17), Vary(0.25, 0.01))
    return {
        "livelihood": ground.choices(
            "livelihood",
            (ground.shares @ np.array(list(_LIVELIHOODS.values())).T) ** 3,
            list(_LIVELIHOODS),
            change=0.03,
        ),
        "rice_field_ha": ground.amounts("rice", (16, 30, 480, 150, 130), Vary(0.35, 0.01, -0.015)).round(1),
        "dryland_ha": ground.amounts("dryland", (10, 14, 26, 16, 330), Vary(0.35, 0.01, -0.01)).round(1),
        "fishpond_ha": ground.amounts("ponds", (0.6, 0.6, 4, 620, 2), Vary(0.6, 0.02)).round(1),
        "factory_workers": whole(population * factory / 100),
        "umkm_count": whole(households * umkm / 1000),
        "rented_rooms": whole(households * rooms / 1000),
        "market_km": market.round(1),
        "toll_gate_km": toll.round(1),
        "road_condition": ground.grades(
            "road",
            (1.0, 0.9, 0.0, -1.0, -0.4),
            Vary(0.6, 0.25, 0.08, prosperity=0.2, governance=0.15),
            ("Baik", "Sedang", "Rusak ringan", "Rusak berat"),
            (0.6, -0.3, -1.2),
        ),
        "phone_signal": ground.grades(
            "signal",
            (1.6, 1.6, 0.4, -0.6, -0.3),
            Vary(0.6, 0.15, 0.15),
            ("Kuat", "Lemah", "Tidak ada"),
            (0.0, -1.6),
        ),
        "bank": ground.grades(
            "bank", (1.2, 1.0, -0.3, -1.0, -0.4), Vary(0.8, 0.1, 0.15, prosperity=0.4), PRESENT, (0.0,)
        ),
        "cooperative": ground.grades(
            "cooperative", (0.3, 0.3, 0.0, 0.1, 0.1), Vary(0.9, 0.1, 0.05), PRESENT, (0.0,)
        ),
        "village_fund_idr_year": only(whole(funds, to=1_000_000), ground.is_desa),
        "own_revenue_idr_year": only(whole(revenue, to=500_000), ground.is_desa),
    }
