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
    hints: Hints | Mapping[str, Hints] | None = None

    def holds(self, name: str) -> bool:
        """Tell whether a file of the package lies where this data does.

        Examples
        --------
        >>> OURS[0].holds("data/reference/villages.csv"), OURS[0].holds("data/references.csv")
        (True, False)
        """
        return any(lies_in(name, place) for place in self.files)


def lies_in(name: str, place: str) -> bool:
    """Tell whether a file is what a place names, or lies in its folder."""
    return name == place or name.startswith(f"{place}/")


OURS = (
    Source(
        "Register of villages of Kabupaten Bekasi",
        "idn-area-data 4.0.1 (npm) by fityannugroho and contributors, after Keputusan Menteri Dalam Negeri"
        " 300.2.2-2138/2025",
        "Open Database License 1.0 (data/reference/LICENSE-ODbL-1.0.md)",
        "public",
        ("data/reference",),
        "In the package.",
        citation="fityannugroho and contributors (2025). *idn-area-data*, version 4.0.1 [data]. npm. After"
        " Keputusan Menteri Dalam Negeri 300.2.2-2138/2025.",
    ),
    Source(
        "Village survey of three years",
        "Made by pk_research.sample (seed 3216); every answer was drawn, none was observed",
        "BSD 3-Clause; names and codes of villages Open Database License 1.0",
        "public",
        ("data/sample",),
        "In the package; made again, byte for byte, by `sample.write_sample`.",
        is_made=True,
        citation="The Pabrik Kampoeng research workbench authors. *A made village survey of Kabupaten Bekasi,"
        " 2022-2024* [made data]. In this package.",
    ),
    Source(
        "Questionnaires and their codebooks",
        "Written for the programme",
        "CC BY 4.0; lists of villages Open Database License 1.0",
        "public",
        ("data/questionnaires",),
        "In the package.",
        citation="The Pabrik Kampoeng research workbench authors. *Questionnaires of the programme*"
        " [questionnaires]. In this package.",
    ),
    Source(
        "Data of published studies, to check the estimators (notebook 14)",
        "Python libraries causaldata, statsmodels and rdrobust, each of the version in requirements.lock",
        "as each library: MIT, BSD 3-Clause, GPL",
        "public",
        (),
        "Comes with the libraries that `make install` sets up; figures whose data no library has are listed"
        " as not here.",
        citation="Huntington-Klein, N. and Barrett, M. *causaldata: Example Data Sets for Causal Inference*"
        " [data]. PyPI.",
    ),
)
"""The data of the checkout."""
