"""How specialised each region is, and how concentrated each sector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pk_research.indicators.regional.cells import cells, shares
from pk_research.indicators.regional.wording import headed, left_out_sentences, left_out_table, told
from pk_research.language import Language, Message


@dataclass(frozen=True, eq=False)
class Concentration:
    """Specialisation of regions and concentration of sectors.

    Attributes
    ----------
    regions
        One row a region (the index): ``hhi`` (1/n to 1 over n sectors), ``hhi_normalised`` (0 for
        equal shares, 1 for one sector only), ``krugman`` (0 where the mix is that of the others,
        towards 2 where nothing is shared).
    sectors
        The same by sector (the index), over the regions.
    compared_with
        ``"rest"``: the Krugman index compares with all others together; ``"all"``: with the whole.
    left_out
        One row a region with a missing value: ``region``, ``reason`` (`Message`).
    """

    regions: pd.DataFrame
    sectors: pd.DataFrame
    compared_with: Literal["rest", "all"]
    left_out: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return the specialisation of the regions with headings in a language."""
        return headed(self.regions.reset_index(), {"region": Message("Region"), **_headings()}, language)

    def sectors_table(self, language: Language) -> pd.DataFrame:
        """Return the concentration of the sectors with headings in a language."""
        return headed(self.sectors.reset_index(), {"sector": Message("Sector"), **_headings()}, language)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the regions left out, headings and reasons in a language."""
        return left_out_table(self.left_out, language)

    def in_words(self, language: Language) -> str:
        """Name the most specialised region and the most concentrated sector."""
        region, sector = self.regions["krugman"], self.sectors["hhi_normalised"]
        sentences: list[Message] = []
        if region.notna().any():
            sentences.append(
                Message(
                    "The mix of sectors differs most in {region} (Krugman index {value} of at most 2).",
                    {"region": str(region.idxmax()), "value": float(region.max())},
                )
            )
        if sector.notna().any():
            sentences.append(
                Message(
                    "The sector most concentrated in few regions is {sector} (normalised Herfindahl-"
                    "Hirschman index {value} of at most 1).",
                    {"sector": str(sector.idxmax()), "value": float(sector.max())},
                )
            )
        return told([*sentences, *left_out_sentences(self.left_out)], language)


def _headings() -> dict[str, Message]:
    return {
        "hhi": Message("Herfindahl-Hirschman index (HHI)"),
        "hhi_normalised": Message("Normalised HHI"),
        "krugman": Message("Krugman index"),
    }


def concentration(
    frame: pd.DataFrame,
    *,
    value: str,
    region: str = "region",
    sector: str = "sector",
    compare_with: Literal["rest", "all"] = "rest",
    absent_is_zero: bool = False,
) -> Concentration:
    """Measure specialisation by region and concentration by sector.

    Parameters
    ----------
    frame, value, region, sector, absent_is_zero
        As in `cells`: one row a region and sector.
    compare_with
        What the Krugman index compares a region's (or sector's) shares with: the ``"rest"``
        together, or ``"all"``, itself included, which understates large ones.

    Returns
    -------
    Concentration
        HHI = sum of squared shares; normalised (HHI - 1/n) / (1 - 1/n), missing for n = 1;
        Krugman = sum of absolute differences of shares. Missing where there is nothing.

    References
    ----------
    Krugman (1991), Geography and Trade, appendix; Midelfart-Knarvik and others (2000), The location
    of European industry, for the comparison with the rest.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B", "B"], "sector": ["farm", "craft"] * 2,
    ...                      "jobs": [100, 0, 0, 100]})
    >>> concentration(jobs, value="jobs").regions.loc["A"].tolist()
    [1.0, 1.0, 2.0]
    """
    given = cells(frame, value=value, region=region, sector=sector, absent_is_zero=absent_is_zero)
    table = given.tables[0]
    return Concentration(
        _indices(table, compare_with).rename_axis("region"),
        _indices(table.T, compare_with).rename_axis("sector"),
        compare_with,
        given.left_out,
    )


def _indices(table: pd.DataFrame, compare_with: Literal["rest", "all"]) -> pd.DataFrame:
    share = shares(table)
    n = table.shape[1]
    hhi = (share**2).sum(axis=1, min_count=1)
    whole = pd.DataFrame(1.0, table.index, table.columns) * table.sum()
    others = shares(whole - table if compare_with == "rest" else whole)
    return pd.DataFrame(
        {
            "hhi": hhi,
            "hhi_normalised": (hhi - 1 / n) / (1 - 1 / n) if n > 1 else float("nan"),
            "krugman": (share - others).abs().sum(axis=1, min_count=n),
        }
    )
