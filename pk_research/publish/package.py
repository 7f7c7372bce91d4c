"""A replication package: code, data, exhibits and what a stranger must know to make them again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pk_research.disclosure import Log
from pk_research.errors import BadInput, Problem
from pk_research.language import Message
from pk_research.publish.crate import crate
from pk_research.publish.exhibits import (
    KEPT_RECORD,
    LIST,
    WITHHELD,
    Exhibit,
    list_of,
    read_exhibits,
    read_record,
)
from pk_research.publish.guard import unanswered_data, why_withheld
from pk_research.publish.inputs import files_of, inputs_of
from pk_research.publish.package_readme import readme
from pk_research.writing import csv_bytes, write_files

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic import Hints
    from pk_research.publish.restricted import Replaced

Access = Literal["public", "restricted"]
PARTS = (
    "pk_research", "notebooks", "data", "tests", "docs", "pyproject.toml", "requirements.lock",
    "environment.yml", "Makefile", "LICENSE", "README.md", "README.id.md", "CHANGELOG.md", "CITATION.cff",
    "CONTRIBUTING.md", "deploy", "WORKBENCH.md",
)  # fmt: skip
NUMBERED = re.compile(r"notebooks/\d\d-[^/]+\.ipynb")
MOMENT = (1980, 1, 1, 0, 0, 0)


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


@dataclass(frozen=True, slots=True)
class About:
    """What the package is of.

    Attributes
    ----------
    title
        Of the work.
    authors
        Their names, as they are to be cited.
    description
        One paragraph.
    date
        Of publication, as ``2026-11-30``.
    """

    title: str
    authors: tuple[str, ...]
    description: str
    date: str


OURS = (
    Source(
        "Register of villages of Kabupaten Bekasi",
        "idn-area-data 4.0.1 (npm, https://www.npmjs.com/package/idn-area-data/v/4.0.1) by fityannugroho and"
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
        "Python library causaldata, https://pypi.org/project/causaldata/",
        "MIT",
        "public",
        (),
        "Comes with the library, of the version in `requirements.lock`, that `make install` sets up.",
        citation="Huntington-Klein, N. and Barrett, M. *causaldata: Example Data Sets for Causal Inference*"
        " [data]. PyPI. After Dehejia and Wahba (1999), Hernán and Robins (2020), Thornton (2008).",
    ),
    Source(
        "Data of a published study in statsmodels (notebook 14): cataneo2.csv",
        "Python library statsmodels, https://pypi.org/project/statsmodels/",
        "BSD 3-Clause",
        "public",
        (),
        "Comes with the library, of the version in `requirements.lock`, that `make install` sets up.",
        citation="Perktold, J. et al. *statsmodels* [data of an example of StataCorp, Stata Treatment-Effects"
        " Reference Manual]. PyPI.",
    ),
    Source(
        "Data of a published study in rdrobust (notebook 14): rdrobust_RDsenate.csv",
        "Python library rdrobust, https://pypi.org/project/rdrobust/",
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


def cited(project: Path, date: str) -> About:
    """Return title and authors of the checkout's ``CITATION.cff``.

    Raises
    ------
    BadInput
        When the date is not written as ``2026-11-30``.
    """
    import yaml

    try:
        datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadInput(Problem("date", f"it is {date!r}", "Write it as 2026-11-30.")) from error
    entry = yaml.safe_load((project / "CITATION.cff").read_text(encoding="utf-8"))
    return About(
        entry["title"],
        tuple(_author(one) for one in entry["authors"]),
        "What the villages of Kabupaten Bekasi can do, which are alike, what each could make, and whether"
        " policies help: the analyses of the programme Pabrik Kampoeng, from raw data to every figure.",
        date,
    )


def _author(entry: Mapping[str, str]) -> str:
    """Return an author of a citation file: an organisation has a name, a person parts of one."""
    parts = ("given-names", "name-particle", "family-names", "name-suffix")
    return entry.get("name") or " ".join(entry[part] for part in parts if part in entry)


def write_package(
    project: Path,
    run: Path,
    target: Path,
    about: About,
    *,
    sources: Sequence[Source] = OURS,
    twins: Replaced | None = None,
    log: Log | None = None,
) -> tuple[str, ...]:
    """Write a replication package as one zip, the same bytes for the same contents.

    Parameters
    ----------
    project
        The checkout.
    run
        A run of ``pk reproduce`` of this checkout; its exhibits are those of the package.
    target
        The zip to write; replaced in one step.
    about
        Title, authors, date.
    sources
        The data behind the exhibits; those of the checkout by default.
    twins
        From `restricted.replaced` of these sources: what goes in the place of restricted data, of which no
        byte is packed.
    log
        Where it is written down what leaves, before it does.

    Returns
    -------
    tuple of str
        The files in the package.

    Raises
    ------
    NotFound
        When the run or a file of a source is not there.
    BadInput
        When the run was made by other notebooks or not by all, or of files the package does not hold, or
        its exhibits were changed since; when no source answers for a file of data, one that is not made
        has columns that tell who somebody is, or a notebook holds outputs; when restricted data would
        leave.

    Notes
    -----
    README: Vilhuber et al. (2022), *A template README for social science replication packages*, v1.1.
    Metadata: RO-Crate 1.2.

    An exhibit that tells of somebody, or of too few, is left out; ``exhibits/withheld.csv`` says which and
    why, as the README does.
    """
    from pk_research.publish.restricted import without_restricted

    record, exhibits = read_record(run), list(read_exhibits(run / "exhibits").values())
    files, sources = without_restricted(dict(files_of(project, PARTS)), sources, twins)
    problems = [
        *_changed(files, record, exhibits, run),
        *_other_inputs(record, inputs_of(project)),
        *_absent(files, sources),
        *unanswered_data(files, sources),
    ]
    if problems:
        raise BadInput(problems)
    content = {one.file: (run / "exhibits" / one.file).read_bytes() for one in exhibits}
    of_people, shares = record["of_people"], record.get("shares")  # an older record knows of no shares
    told = {one.file: why_withheld(one, content[one.file], of_people, shares=shares) for one in exhibits}
    withheld = {file: why for file, why in told.items() if why is not None}
    exhibits = [one for one in exhibits if one.file not in withheld]
    files |= {f"exhibits/{one.file}": content[one.file] for one in exhibits}
    files[f"exhibits/{LIST}"] = list_of(exhibits)
    if withheld:
        files[f"exhibits/{WITHHELD}"] = _withheld_list(withheld)
    files[f"exhibits/{KEPT_RECORD}"] = _kept(record, files)
    if "WORKBENCH.md" not in files and "README.md" in files:
        files["WORKBENCH.md"] = files["README.md"]  # a stranger looks into README.md, and must find theirs
    files.pop("README.md", None)
    files["README.md"] = readme(about, sources, record, exhibits, files=files, withheld=withheld).encode()
    files["ro-crate-metadata.json"] = crate(about, sources, files, record=record, exhibits=exhibits)
    package = {target.name: _zipped(files)}
    if log is not None:
        said = "Exhibit {file} is withheld: {why}."
        log(package, [Message(said, {"file": file, "why": why}) for file, why in withheld.items()])
    write_files(package, target.parent)
    return tuple(sorted(files))


def _withheld_list(withheld: Mapping[str, Message]) -> bytes:
    import pandas as pd

    rows = [(file, why.text("en"), why.text("id")) for file, why in withheld.items()]
    return csv_bytes(pd.DataFrame(rows, columns=["file", "why", "mengapa"]))


def _changed(
    files: Mapping[str, bytes], record: Mapping[str, Any], exhibits: Sequence[Exhibit], run: Path
) -> Iterator[Problem]:
    ran = {entry["notebook"]: entry["sha256"] for entry in record["notebooks"]}
    for name, digest in ran.items():
        now = files.get(f"notebooks/{name}.ipynb")
        if now is None or sha256(now).hexdigest() != digest:
            yield Problem(f"notebook {name}", "it is not the one that was run", "Run `pk reproduce` again.")
    for name in files:
        if NUMBERED.fullmatch(name) and Path(name).stem not in ran:
            yield Problem(
                f"notebook {Path(name).stem}", "the run leaves it out", "Run `pk reproduce` of all."
            )
    if not {"outside", "of_people", "inputs"} <= set(record):
        yield Problem(str(run), "an earlier version of the package made it", "Run `pk reproduce` again.")
    for entry in record.get("outside", ()):
        yield Problem(
            entry["setting"],
            f"the run read {entry['name']}, which the package does not hold, so that nobody could repeat it",
            "Run `pk reproduce` again without that setting.",
        )
    for one in exhibits:
        path = run / "exhibits" / one.file
        if not path.is_file() or sha256(path.read_bytes()).hexdigest() != one.sha256:
            yield Problem(f"exhibit {one.file}", "it was changed since the run", "Run `pk reproduce` again.")


def _other_inputs(record: Mapping[str, Any], now: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what of code and data is no longer what the run was made of."""
    was = record.get("inputs", now)
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            what = "taken away" if name not in now else "added" if name not in was else "changed"
            yield Problem(name, f"it was {what} since the run", "Run `pk reproduce` again.")


def _kept(record: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return the record without a trace of what is not packed: a hash would tell who guesses the content."""
    inputs = {
        name: digest if _is(files.get(name), digest) else None for name, digest in record["inputs"].items()
    }
    return f"{json.dumps({**record, 'inputs': inputs}, ensure_ascii=False, indent=1)}\n".encode()


def _is(content: bytes | None, digest: str) -> bool:
    return content is not None and sha256(content).hexdigest() == digest


def _absent(files: Mapping[str, bytes], sources: Sequence[Source]) -> Iterator[Problem]:
    for source in sources:
        for place in source.files:
            if not any(name == place or name.startswith(f"{place}/") for name in files):
                yield Problem(
                    f"source {source.title!r}", f"{place} is not in the checkout", "Name its files."
                )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return whole.getvalue()
