"""Targets told to people: every light is a sign, a word and a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.language import Bilingual, Language, Message, number_text, translate
from pk_research.products.words import some, told
from pk_research.writing import marked

if TYPE_CHECKING:
    from pk_research.policy.targets.tracking import Tracking

LIGHTS = {
    "on_track": ("▲", Message("on track")),
    "behind": ("▼", Message("behind")),
    "cannot_be_said": ("?", Message("cannot be said")),
    "missing": ("–", Message("no value yet")),
}
TREND_FEWEST = 3


def light_text(light: str, language: Language, *, has_error: bool = True) -> str:
    """Return sign and word of a light, and that nothing is known of its error where so."""
    sign, word = LIGHTS[light]
    said = f"{sign} {word.text(language)}"
    if has_error or light == "missing":
        return said
    return f"{said} ({translate('standard error not known', language)})"


def _numbers(values: pd.Series, language: Language, decimals: int | None = None) -> list[str]:
    return [number_text(float(value), language, decimals) for value in values]


def outlook_table(found: Tracking, language: Language) -> pd.DataFrame:
    """Return one row an indicator."""
    rows = found.outlook
    table = pd.DataFrame(
        {
            translate("Indicator", language): rows["indicator"],
            translate("Light", language): [
                light_text(light, language, has_error=has_error)
                for light, has_error in zip(rows["light"], rows["has_error"], strict=True)
            ],
            translate("Last value in", language): [
                "–" if pd.isna(year) else str(int(year)) for year in rows["latest"]
            ],
            translate("Last target in", language): [str(year) for year in rows["end"]],
            translate("Target", language): _numbers(rows["target"], language),
            translate("Way from the baseline done (%)", language): _numbers(100 * rows["done"], language, 0),
            translate("If the trend goes on", language): _numbers(rows["expected"], language, 1),
            translate("Interval from", language): _numbers(rows["low"], language, 1),
            translate("Interval to", language): _numbers(rows["high"], language, 1),
            translate("Chance of reaching it (%)", language): _numbers(100 * rows["chance"], language, 0),
        }
    )
    return marked(table, language, made=found.made)


def year_table(found: Tracking, language: Language) -> pd.DataFrame:
    """Return one row an indicator and year with a target."""
    rows = found.years
    table = pd.DataFrame(
        {
            translate("Indicator", language): rows["indicator"],
            translate("Year", language): [str(year) for year in rows["year"]],
            translate("Target", language): _numbers(rows["target"], language),
            translate("Realised", language): _numbers(rows["value"], language),
            translate("Interval from", language): _numbers(rows["low"].where(rows["has_error"]), language, 1),
            translate("Interval to", language): _numbers(rows["high"].where(rows["has_error"]), language, 1),
            translate("Light", language): [
                light_text(light, language, has_error=has_error)
                for light, has_error in zip(rows["light"], rows["has_error"], strict=True)
            ],
        }
    )
    return marked(table, language, made=found.made)


def tracking_in_words(found: Tracking, language: Language) -> str:
    """Say the lights of the latest values, then the chances, then what is not known."""
    rows = found.outlook
    parts: list[Bilingual] = [
        Message("{sign} {word}: {names}.", {"sign": sign, "word": word, "names": some(names)})
        for light, (sign, word) in LIGHTS.items()
        if len(names := rows.loc[rows["light"] == light, "indicator"])
    ]
    parts += [_chance(row) for _, row in rows.dropna(subset="chance").iterrows()]
    few = rows.loc[rows["chance"].isna(), "indicator"]
    if len(few):
        parts.append(
            Message(
                "No chance can be given, for there are fewer than {n} values or nothing tells how they"
                " scatter: {names}.",
                {"n": TREND_FEWEST, "names": some(few)},
            )
        )
    seen = found.years[found.years["value"].notna()]
    bare = seen.loc[~seen["has_error"], "indicator"].unique()
    if len(bare):
        parts.append(
            Message(
                "No standard error is known, so that the value was taken as exact: {names}.",
                {"names": some(bare)},
            )
        )
    return told(parts, language, made=found.made)


def _chance(row: pd.Series) -> Message:
    return Message(
        "{indicator}: if the trend of {n} values goes on, the target of {year} is reached with a chance of"
        " {chance}%.",
        {
            "indicator": row["indicator"],
            "n": int(row["n_values"]),
            "year": str(row["end"]),
            "chance": _percent(float(row["chance"])),
        },
    )


def _percent(chance: float) -> int:
    """Return a chance in whole percent, never as certain."""
    return int(np.clip(round(100 * chance), 1, 99))
