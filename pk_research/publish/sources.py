"""The data behind the exhibits: where each comes from, under which terms, and whether it may leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic import Hints

Access = Literal["public", "restricted"]


@dataclass(frozen=True, slots=True)
class Source:
    """Data behind the exhibits.

    Attributes
    ----------
    title
        What it is called.
    publisher
        Who gives it out, and where.
    licence
        Under which terms.
    access
        ``"public"`` (it is in the package), or ``"restricted"`` (it is not; how to get it stands in
        ``how``).
    files
        Where it lies in the package; of restricted data, the made data in its place, or the data itself as
        long as it is not made: then `restricted.replaced` makes the twin that goes in its place.
    how
        How a stranger gets it.
    is_made
        Whether the package holds made data here.
    citation
        How it is cited.
    collected
        How it came about: by which instrument, of whom, how they were selected, who approved of it.
    preserved_years
        Of restricted data: how long it is kept after publication; None where nobody said.
    hints
        For a twin: what the codebook does not say; by the name of the file, without its ending, where a
        source has several tables.
    """

    title: str
    publisher: str
    licence: str
    access: Access
    files: tuple[str, ...]
    how: str
    is_made: bool = False
    citation: str = ""
    collected: str = ""
    preserved_years: int | None = None
    hints: Hints | Mapping[str, Hints] | None = None


OURS = (
    Source(
        "Register of villages of Kabupaten Bekasi",
        "idn-area-data 4.0.1 (npm; https://github.com/fityannugroho/idn-area-data) by fityannugroho and"
        " contributors, after Keputusan Menteri Dalam Negeri 300.2.2-2138/2025",
        "Open Database License 1.0 (data/reference/LICENSE-ODbL-1.0.md)",
        "public",
        ("data/reference",),
        "In the package. Anybody can download the whole database at no cost: `npm pack idn-area-data@4.0.1`;"
        " `data/reference/README.md` says what was taken of it, and its hash.",
        citation="fityannugroho and contributors (2025). *idn-area-data*, version 4.0.1 [data]. npm. After"
        " Keputusan Menteri Dalam Negeri 300.2.2-2138/2025.",
        collected="an administrative list; nobody was asked.",
    ),
    Source(
        "Village survey of three years",
        "Made by pk_research.sample (seed 3216); every answer was drawn, none was observed",
        "BSD 3-Clause; names and codes of villages Open Database License 1.0",
        "public",
        ("data/sample",),
        "In the package; made again, byte for byte, by `sample.write_sample` (see `data/sample/README.md`).",
        is_made=True,
        citation="The Pabrik Kampoeng research workbench authors (2026). *A made village survey of Kabupaten"
        " Bekasi, 2022-2024* [made data]. In this package.",
        collected="drawn by a program for all 187 villages of the register and three years, with gaps and"
        " errors planted on purpose (`data/sample/planted_errors.csv`). Nobody was asked, so that no ethics"
        " approval was sought.",
    ),
    Source(
        "Questionnaires and their codebooks",
        "Written for the programme",
        "CC BY 4.0; lists of villages Open Database License 1.0",
        "public",
        ("data/questionnaires",),
        "In the package.",
        citation="The Pabrik Kampoeng research workbench authors (2026). *Questionnaires of the programme*"
        " [questionnaires]. In this package.",
        collected="the instruments themselves: wording, logic and choices of each question. No answers to"
        " them are in the package; those of notebook 04 are drawn by a program.",
    ),
    Source(
        "Data of published studies in causaldata (notebook 14): nsw_mixtape, nhefs_complete, thornton_hiv",
        "Python library causaldata, https://github.com/NickCH-K/causaldata",
        "MIT",
        "public",
        (),
        "Comes with the library, of the version in `requirements.lock`, that `make install` sets up.",
        citation="Huntington-Klein, N. and Barrett, M. *causaldata: Example Data Sets for Causal Inference*"
        " [data]. PyPI. After Dehejia and Wahba (1999), Hernán and Robins (2020), Thornton (2008).",
    ),
    Source(
        "Data of a published study in statsmodels (notebook 14): cataneo2.csv",
        "Python library statsmodels, https://www.statsmodels.org",
        "BSD 3-Clause",
        "public",
        (),
        "Comes with the library, of the version in `requirements.lock`, that `make install` sets up.",
        citation="Perktold, J. et al. *statsmodels* [data of an example of StataCorp, Stata Treatment-Effects"
        " Reference Manual]. PyPI.",
    ),
    Source(
        "Data of a published study in rdrobust (notebook 14): rdrobust_RDsenate.csv",
        "Python library rdrobust, https://rdpackages.github.io/rdrobust",
        "GPL 3.0; it is not passed on in this package",
        "public",
        (),
        "Comes with the library, of the version in `requirements.lock`, that `make install` sets up. Other"
        " data that notebook 14 could read is in no library; its figures are counted there as not here, with"
        " where to get them.",
        citation="Calonico, S., Cattaneo, M., Farrell, M. and Titiunik, R. *rdrobust* [data of Cattaneo,"
        " Frandsen and Titiunik (2015)]. PyPI.",
    ),
)
