"""Location quotients: which sectors a region has more of than the area it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pk_research.indicators.regional.cells import Cells, cells, shares
from pk_research.indicators.regional.wording import headed, left_out_sentences, left_out_table, listed, told
from pk_research.language import Language, Message

STANDINGS = {
    "leading": Message("leading: above its share and gaining"),
    "prospective": Message("prospective: above its share but losing"),
    "promising": Message("promising: below its share but gaining"),
    "lagging": Message("lagging: below its share and losing"),
    "on the line": Message("on the line: a quotient is exactly 1"),
}


NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, eq=False)
class LocationQuotients:
    """Location quotients of regions and sectors.

    Attributes
    ----------
    frame
        One row a region and sector, sorted: ``region``, ``sector``, ``value``, ``share`` (of the
        region, 0-1), ``reference_share`` (of the area compared with), ``lq`` (1 where they are
        equal; missing where the region or the sector has nothing), ``low`` and ``high`` (its 95 %
        interval, for counts; missing otherwise, and where the region has none of the sector).
    left_out
        One row a region with a missing value: ``region``, ``reason`` (`Message`).
    """

    frame: pd.DataFrame
    left_out: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return the quotients with headings in a language."""
        headings = {
            "region": Message("Region"),
            "sector": Message("Sector"),
            "value": Message("Value"),
            "share": Message("Share of the region"),
            "reference_share": Message("Share of the area compared with"),
            "lq": Message("Location quotient (LQ)"),
        }
        if self.frame["low"].notna().any():
            headings |= {"low": Message("Interval from"), "high": Message("Interval to")}
        return headed(self.frame, headings, language)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the regions left out, headings and reasons in a language."""
        return left_out_table(self.left_out, language)

    def in_words(self, language: Language) -> str:
        """Say how many sectors are base sectors, and what the quotient does not say."""
        known = self.frame.dropna(subset="lq")
        top = known.nlargest(1, "lq").iloc[0]
        sentences = [
            Message(
                "In {n} of {total} cells of region and sector the location quotient is above 1: the region "
                "has more of the sector than the area compared with.",
                {"n": int((known["lq"] > 1).sum()), "total": len(known)},
            ),
            Message(
                "The highest is {lq}: {sector} in {region}.",
                {"lq": float(top["lq"]), "sector": str(top["sector"]), "region": str(top["region"])},
            ),
            *_undefined(self.frame["lq"]),
            *self._doubt(),
            *left_out_sentences(self.left_out),
            Message("A quotient compares shares, not sizes: a large one may rest on few units."),
        ]
        return told(sentences, language)

    def _doubt(self) -> list[Message]:
        known = self.frame.dropna(subset="low")
        if known.empty:
            return []
        n_above, n_below = int((known["low"] > 1).sum()), int((known["high"] < 1).sum())
        return [
            Message(
                "By their 95% intervals {above} quotients are above 1 and {below} below; "
                "{open} may be either.",
                {"above": n_above, "below": n_below, "open": len(known) - n_above - n_below},
            )
        ]


@dataclass(frozen=True, eq=False)
class DynamicLocationQuotients:
    """Location quotients at two times, and how they moved.

    Attributes
    ----------
    frame
        One row a region and sector, sorted: ``region``, ``sector``, ``lq`` (at the end),
        ``lq_start``, ``dlq`` (above 1 where the sector gained on the area compared with; missing
        where either quotient is, or the first is zero) and ``standing``: ``leading``,
        ``prospective``, ``promising``, ``lagging``, or ``on the line`` when LQ or DLQ is 1.
    start, end
        The two years.
    left_out
        One row a region with a missing value: ``region``, ``reason`` (`Message`).
    """

    frame: pd.DataFrame
    start: int
    end: int
    left_out: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Return the quotients and standings with headings in a language."""
        named = [None if pd.isna(key) else STANDINGS[key].text(language) for key in self.frame["standing"]]
        headings = {
            "region": Message("Region"),
            "sector": Message("Sector"),
            "lq_start": Message("LQ in {year}", {"year": str(self.start)}),
            "lq": Message("LQ in {year}", {"year": str(self.end)}),
            "dlq": Message("Dynamic location quotient (DLQ)"),
            "standing": Message("Standing of the sector"),
        }
        return headed(self.frame.assign(standing=named), headings, language)

    def left_out_table(self, language: Language) -> pd.DataFrame:
        """Return the regions left out, headings and reasons in a language."""
        return left_out_table(self.left_out, language)

    def in_words(self, language: Language) -> str:
        """Say which sectors lead and how many cells could not be compared."""
        years = {"start": str(self.start), "end": str(self.end)}
        counts = self.frame["standing"].value_counts()
        sentences = [Message("Location quotients of {start} and {end} were compared.", years)]
        sentences += [
            Message("{standing}: {n} cells.", {"standing": said, "n": int(counts.get(key, 0))})
            for key, said in STANDINGS.items()
            if key != "on the line" or counts.get(key, 0)
        ]
        leading = self.frame[self.frame["standing"] == "leading"].nlargest(5, "dlq")
        if len(leading):
            pairs = [f"{row.sector} ({row.region})" for row in leading.itertuples()]
            sentences.append(Message("Gaining most among the leading: {names}.", {"names": listed(pairs)}))
        return told(
            [*sentences, *_undefined(self.frame["dlq"]), *left_out_sentences(self.left_out)], language
        )


def location_quotients(
    frame: pd.DataFrame,
    *,
    value: str,
    region: str = "region",
    sector: str = "sector",
    reference: pd.DataFrame | None = None,
    absent_is_zero: bool = False,
    are_counts: bool = False,
) -> LocationQuotients:
    """Compare each sector's share of a region with its share of the whole area.

    Parameters
    ----------
    frame, value, region, sector, reference, absent_is_zero
        As in `cells`: one row a region and sector.
    are_counts
        True when values count units, jobs say: quotients then get intervals, as if each region's
        units were drawn one by one. Value added counts nothing and gets none.

    Returns
    -------
    LocationQuotients
        LQ = (value / total of the region) / (value of the area / total of the area). Intervals by
        the delta method on its logarithm; a reference that was given counts as known.

    References
    ----------
    Isard (1960), Methods of Regional Analysis, chapter 7. Moineddin, Beyene and Boyle (2003), On
    the location quotient confidence interval, Geographical Analysis 35.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B", "B"], "sector": ["farm", "craft"] * 2,
    ...                      "jobs": [60, 40, 20, 80]})
    >>> location_quotients(jobs, value="jobs").frame["lq"].round(2).tolist()
    [0.67, 1.5, 1.33, 0.5]
    """
    given = cells(
        frame,
        value=value,
        region=region,
        sector=sector,
        reference=reference,
        absent_is_zero=absent_is_zero,
    )
    frame = _quotients(given, 0)
    if not are_counts:
        return LocationQuotients(frame.assign(low=np.nan, high=np.nan), given.left_out)
    deviation = _deviation_of_log(given, is_known=reference is not None)
    reach = np.exp(NORMAL_95 * deviation.to_numpy().ravel())
    return LocationQuotients(frame.assign(low=frame["lq"] / reach, high=frame["lq"] * reach), given.left_out)


def dynamic_location_quotients(
    frame: pd.DataFrame,
    *,
    value: str,
    start: int,
    end: int,
    region: str = "region",
    sector: str = "sector",
    year: str = "year",
    reference: pd.DataFrame | None = None,
    absent_is_zero: bool = False,
) -> DynamicLocationQuotients:
    """Say whether a sector grew faster in a region, beside the rest of it, than in the whole area.

    Parameters
    ----------
    frame, value, region, sector, year, reference, absent_is_zero
        As in `cells`: one row a region, sector and year.
    start, end
        The years compared.

    Returns
    -------
    DynamicLocationQuotients
        DLQ = ((1 + g_ir) / (1 + g_r))^t / ((1 + G_i) / (1 + G))^t with g the mean yearly growth over
        t years, compounded. It then equals LQ at the end over LQ at the start. With the plain mean
        of yearly growth rates, as some studies use, it would differ in the decimals.

    References
    ----------
    Suyatno (2000), Analisa economic base terhadap pertumbuhan ekonomi daerah tingkat II Wonogiri,
    Jurnal Ekonomi Pembangunan 1(2).
    """
    given = cells(
        frame,
        value=value,
        region=region,
        sector=sector,
        reference=reference,
        year=year,
        years=(start, end),
        absent_is_zero=absent_is_zero,
    )
    now, before = _quotients(given, 1), _quotients(given, 0)["lq"]
    dlq = now["lq"] / before.where(before > 0)
    rows = now[["region", "sector", "lq"]].assign(
        lq_start=before, dlq=dlq, standing=_standing(now["lq"], dlq)
    )
    return DynamicLocationQuotients(rows, start, end, given.left_out)


def _quotients(given: Cells, time: int) -> pd.DataFrame:
    table, total = given.tables[time], given.reference[time]
    share = shares(table)
    reference = (total / total.sum()).where(total > 0)
    lq = share.div(reference, axis=1)
    regions, sectors = table.shape
    return pd.DataFrame(
        {
            "region": np.repeat(table.index.to_numpy(), sectors),
            "sector": np.tile(table.columns.to_numpy(), regions),
            "value": table.to_numpy().ravel(),
            "share": share.to_numpy().ravel(),
            "reference_share": np.tile((total / total.sum()).to_numpy(), regions),
            "lq": lq.to_numpy().ravel(),
        }
    )


def _deviation_of_log(given: Cells, *, is_known: bool) -> pd.DataFrame:
    """Return the standard deviation of ln LQ by the delta method; missing where a share is zero.

    The area is the region and the rest, whose units are drawn apart; only the rest has a doubt of
    its own, and neither has when the reference is known.
    """
    table, total = given.tables[0], given.reference[0]
    size, area = table.sum(axis=1), total.sum()
    share, in_area = shares(table), total.where(total > 0) / area
    weight = size * 0 if is_known else size / area
    rest = area - size
    in_rest = (total - table).div(rest.where(rest > 0), axis=0).fillna(0)
    slope = 1 / share.where(share > 0) - pd.DataFrame(
        np.outer(weight, 1 / in_area), share.index, share.columns
    )
    variance = slope**2 * share * (1 - share).div(size, axis=0)
    if not is_known:
        slope_of_rest = pd.DataFrame(np.outer(1 - weight, 1 / in_area), share.index, share.columns)
        spread_of_rest = (in_rest * (1 - in_rest)).div(rest.where(rest > 0), axis=0).fillna(0)
        variance += slope_of_rest**2 * spread_of_rest
    return np.sqrt(variance)


def _standing(lq: pd.Series, dlq: pd.Series) -> pd.Series:
    on_line = np.isclose(lq, 1, rtol=1e-12) | np.isclose(dlq, 1, rtol=1e-12)
    conditions = [lq.isna() | dlq.isna(), on_line, (lq > 1) & (dlq > 1), lq > 1, dlq > 1]
    names = [None, "on the line", "leading", "prospective", "promising"]
    return pd.Series(np.select(conditions, np.array(names, dtype=object), "lagging"), index=lq.index)


def _undefined(quotient: pd.Series) -> list[Message]:
    n = int(quotient.isna().sum())
    if n == 0:
        return []
    return [
        Message("Cells without a quotient, because there is nothing to divide by: {n}.", {"n": n}),
    ]
