"""From what submissions say to candidates: one row a village and product."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from pk_research.errors import BadInput
from pk_research.language import Message
from pk_research.products.catalogue.catalogue import Catalogue
from pk_research.products.catalogue.known import Product, known_products
from pk_research.products.catalogue.matching import NameMatch, match_products, wrong_decisions
from pk_research.products.catalogue.merging import in_one_unit, merged
from pk_research.products.catalogue.reading import OTHER, Mentions, read_mentions
from pk_research.register import Register, load_register, resolve_all
from pk_research.sources.dataset import Dataset, Step


def candidates_of(
    *submissions: Dataset,
    register: Register | None = None,
    products: Mapping[str, Product] | None = None,
    decisions: Mapping[str, str | None] | None = None,
    made: bool = False,
) -> Catalogue:
    """Gather candidates from submissions of the questionnaires on products.

    Parameters
    ----------
    submissions
        Datasets of ``product_dossier``, ``umkm``, ``bumdes_profile`` and ``village_potential``, as
        `survey.exchange.datasets` gives them: roots and repeats, any of the four.
    register
        The villages; by default those of Kabupaten Bekasi.
    products
        The list names are matched with; by default the one of the package. `read_products` reads
        another.
    decisions
        Written name -> product of the list, or None for no product: what persons decided on the
        names listed in ``to_decide`` before.
    made
        True when the submissions are made, which submissions themselves cannot say.

    Returns
    -------
    Catalogue
        Of each village and product: sellers as the village tells them (village potential, then the
        dossier), never fewer than the enterprises that answered; sales of all sellers as the village
        tells them, else the sum over those that answered, else what the BUMDes sells; capacity and
        price as the dossier tells them, else the sum and the median over enterprises; cost and
        deliveries from the dossier; workers summed over enterprises that name it first, and units of
        the BUMDes; months, markets, materials and certificates united. Prices, costs and capacities
        in another unit than the most common one are not used, and are counted. Sums over enterprises
        are lower bounds where ``n_untold_…`` is above 0. Several submissions of one village enter by
        their median.

        Rejected submissions, villages the register does not know and names in doubt are left out,
        and counted.

    Raises
    ------
    BadInput
        When the datasets are not of these questionnaires, or a decision names a product that the
        list does not have.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pk_research.sample import make_filling
    >>> from pk_research.survey.exchange import datasets, from_filled
    >>> from pk_research.survey.filled import Filled
    >>> from pk_research.survey.questionnaires import find_questionnaire
    >>> form, when = find_questionnaire("product_dossier").open(), datetime(2026, 11, 2, 2, tzinfo=UTC)
    >>> xml = make_filling(form, seed=1, begun_at=when, answers={"village_code": "3216012001",
    ...     "kecamatan_code": "321601", "product": "other", "product_other": "krupuk udang"})
    >>> filled = Filled("uuid:1", form.identifier, form.version, xml, when)
    >>> found = candidates_of(*datasets(from_filled([form], [filled], personal="leave out")), made=True)
    >>> found.candidates[["village_code", "product", "kbli"]].values.tolist()
    [['3216012001', 'crackers', '10794']]
    """
    known = products if products is not None else known_products()
    problems = wrong_decisions(decisions or {}, known)
    if problems:
        raise BadInput(problems)
    mentions = read_mentions(submissions)
    return catalogue_of(
        mentions,
        register=register,
        products=known,
        decisions=decisions,
        inputs=tuple(
            dataset.provenance.sha256 for dataset in submissions if dataset.name in mentions.n_submissions
        ),
        made=made or any(dataset.provenance.made for dataset in submissions),
    )


def catalogue_of(
    mentions: Mentions,
    *,
    register: Register | None,
    products: Mapping[str, Product] | None,
    decisions: Mapping[str, str | None] | None,
    kecamatan: pd.Series | None = None,
    steps: tuple[Step, ...] = (),
    inputs: tuple[str, ...],
    made: bool,
) -> Catalogue:
    """Match names of villages and products, and merge mentions to candidates.

    Parameters
    ----------
    mentions
        Every time a product is named.
    register, products, decisions, inputs, made
        As in `candidates_of` and `Catalogue`.
    kecamatan
        Name of each mention's kecamatan, where it was given.
    steps
        What was done before.
    """
    known = products if products is not None else known_products()
    matched, matches = _with_products(mentions.frame, known, decisions or {})
    placed = _with_villages(matched, register or load_register(), kecamatan)
    usable = placed[placed["product"].notna() & placed["village_code"].notna()].reset_index(drop=True)
    cleaned, n_other_units = in_one_unit(usable, known)
    candidates = merged(cleaned, known)
    return Catalogue(
        candidates=candidates,
        merged=_name_table(placed, matches, lambda match: match.product is not None),
        to_decide=_name_table(placed, matches, lambda match: match.how in {"in doubt", "unknown"}),
        unplaced=_unplaced(placed),
        steps=(*steps, *_steps(mentions, placed, n_other_units, candidates)),
        n_submissions=dict(mentions.n_submissions),
        inputs=inputs,
        made=made,
    )


def _with_products(
    frame: pd.DataFrame, known: Mapping[str, Product], decisions: Mapping[str, str | None]
) -> tuple[pd.DataFrame, dict[str, NameMatch]]:
    """Put the product of the list where an answer was given in words."""
    is_written = (frame["product"] == OTHER).to_numpy(dtype=bool) | ~frame["product"].isin(
        list(known)
    ).to_numpy()
    texts = frame["written"].where(frame["product"] == OTHER, frame["product"]).fillna("")
    written = list(dict.fromkeys(texts[is_written]))
    found = dict(zip(written, match_products(written, known, decisions=decisions), strict=True))
    product = [
        found[text].product if free else given
        for text, given, free in zip(texts, frame["product"], is_written, strict=True)
    ]
    answered = frame.assign(product=pd.Series(product, index=frame.index, dtype="string"))
    return answered.assign(written=texts.where(is_written)), found


def _with_villages(frame: pd.DataFrame, register: Register, kecamatan: pd.Series | None) -> pd.DataFrame:
    asked = frame[["village", "village_name"]].assign(kecamatan=kecamatan if kecamatan is not None else None)
    asked = asked.astype("string")
    once = asked.drop_duplicates()
    answers = resolve_all(
        once["village"].tolist(), register, names=once["village_name"].tolist(),
        kecamatan=once["kecamatan"].where(once["kecamatan"].notna(), None).tolist(),
    )  # fmt: skip
    codes = {
        entry: answer.village.code if answer.village else pd.NA
        for entry, answer in zip(once.itertuples(index=False, name=None), answers, strict=True)
    }
    entries = asked.itertuples(index=False, name=None)
    return frame.assign(
        village_code=pd.Series([codes[entry] for entry in entries], index=frame.index, dtype="string")
    )


def _name_table(
    frame: pd.DataFrame, matches: Mapping[str, NameMatch], wanted: Callable[[NameMatch], bool]
) -> pd.DataFrame:
    """Return the names given in words that are wanted, the most frequent first."""
    counts = frame["written"].value_counts()
    rows = [
        (match.written or "–", match.product, match.how, int(counts[text]), match.hits)
        for text, match in matches.items()
        if wanted(match)
    ]
    table = pd.DataFrame(rows, columns=["written", "product", "how", "n", "hits"])
    grouped = table.groupby(["written", "how"], sort=False, as_index=False).agg(
        {"product": "first", "n": "sum", "hits": "first"}
    )
    ordered = grouped.sort_values(["n", "written"], ascending=[False, True], ignore_index=True)
    return ordered[["written", "product", "how", "n", "hits"]]


def _unplaced(frame: pd.DataFrame) -> pd.DataFrame:
    lost = frame[frame["village_code"].isna()]
    counts = lost["village"].fillna("–").value_counts().sort_index()
    return pd.DataFrame({"village": counts.index.astype("string"), "n": counts.to_numpy()})


def _steps(
    mentions: Mentions, placed: pd.DataFrame, n_other_units: int, candidates: pd.DataFrame
) -> tuple[Step, ...]:
    is_written = placed["written"].notna()
    n_set_aside = int((is_written & placed["product"].isna()).sum())
    no_code = int(candidates["kbli"].isna().sum())
    n_found = int((is_written & placed["product"].notna()).sum())
    n_unplaced = int(placed["village_code"].isna().sum())
    told = [
        (Message("Submissions left out because they were rejected on review"), mentions.n_rejected),
        (Message("Answers that name no product"), mentions.n_silent),
        (Message("Names in words found in the list"), n_found),
        (Message("Names in words set aside (in doubt, unknown or no product)"), n_set_aside),
        (Message("Mentions left out because the register does not know their village"), n_unplaced),
        (
            Message(
                "Mentions whose price, cost and capacity are in another or unknown unit and were not used"
            ),
            n_other_units,
        ),
        (Message("Candidates without KBLI code, because none is certain"), no_code),
    ]
    return tuple(Step(what, n) for what, n in told if n)
