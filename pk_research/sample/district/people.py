"""Population, households and welfare."""

from __future__ import annotations

from pk_research.sample.district.ground import Answers, Ground, Vary, whole


def people(ground: Ground) -> Answers:
    """Answer the chapter on population, households and welfare."""
    population = whole(
        ground.amounts("population", (31_000, 17_000, 7_200, 6_400, 7_000), Vary(0.35, 0.01, 0.017))
    )
    households = whole(
        population / ground.lean("household size", (3.6, 3.3, 3.6, 3.8, 3.5), Vary(0.15, 0.02))
    )
    poor = ground.percents("poor", (5, 6, 13, 17, 11), Vary(0.25, 0.07, -0.06, prosperity=-0.35))
    unemployed = ground.percents("unemployed", (9, 10, 6, 6, 6), Vary(0.2, 0.08, -0.05))
    stunted = ground.percents("stunted", (9, 10, 16, 20, 15), Vary(0.25, 0.1, -0.09, prosperity=-0.2))
    income = ground.amounts(
        "income",
        (5_300_000, 5_000_000, 3_000_000, 2_550_000, 3_200_000),
        Vary(0.1, 0.03, 0.045, prosperity=0.13),
    )
    return {
        "population": population,
        "households": households,
        "poor_households": whole(households * poor / 100),
        "unemployed": whole(population * 0.5 * unemployed / 100),
        "stunted_children": whole(population * 0.085 * stunted / 100),
        "income_idr_month": whole(income, to=1000),
    }
