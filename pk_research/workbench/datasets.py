"""From what somebody typed to a dataset, and the datasets every store starts with."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pandas as pd

from pk_research import quality, register, sample, sources
from pk_research.codebook import Codebook, Label, Variable, read_codebook
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.indicators import idm
from pk_research.register.country import country_file
from pk_research.register.village import REGENCY_LENGTH
from pk_research.settings import Settings, read_settings
from pk_research.sources import Dataset, Provenance
from pk_research.sources import vocabulary as words
from pk_research.store import Kept, Store

KIND = Variable(
    "kind",
    "Jenis",
    "Kind of village",
    "category",
    categories=(
        Label("desa", "Desa", "Desa (elected head)"),
        Label("kelurahan", "Kelurahan", "Kelurahan (urban, appointed head)"),
    ),
    source=words.KEMENDAGRI,
)
REGISTER_VARIABLES = (
    words.VILLAGE_CODE,
    words.VILLAGE,
    words.KECAMATAN_CODE,
    words.KECAMATAN,
    words.REGENCY_CODE,
    words.REGENCY,
    words.PROVINCE_CODE,
    words.PROVINCE,
    KIND,
)


def find_dataset(reference: str | None, store: Store) -> Dataset:
    """Return the dataset that a name or a path means.

    Parameters
    ----------
    reference
        A path of a file, or a name in the store (``name`` or ``name@version``); None means the
        dataset loaded last.
    store
        The open store.

    Raises
    ------
    NotFound
        When it is neither, or the store is empty.
    """
    kept = store.datasets()
    if reference is None:
        if not kept:
            raise NotFound(Problem("the store", "it holds no dataset yet", "Load one: `pk load FILE`."))
        return store.read(kept[0].name)
    name, at, version = reference.partition("@")
    if any(entry.name == name for entry in kept):
        if at and not version.isdecimal():
            raise BadInput(Problem(reference, f"{version!r} is not a version", "Give a whole number."))
        return store.read(name, version=int(version) if at else None)
    if Path(reference).exists():
        return sources.load(Path(reference))
    names = ", ".join(sorted(entry.name for entry in kept)) or "nothing yet"
    raise NotFound(
        Problem(reference, "there is no such file, and no such dataset in the store", f"Kept: {names}.")
    )


def read_file(
    path: Path, *, name: str | None = None, layout: str | None = None, codebook: Path | None = None
) -> Dataset:
    """Read a file, with the codebook of another file when one is named."""
    declared = None if codebook is None else read_codebook(codebook)
    return sources.load(path, layout=layout, codebook=declared, name=name)


def load_basics(settings: Settings, store: Store) -> tuple[Kept, ...]:
    """Keep the register and the made sample in the store; what is there already is left alone."""
    return tuple(store.keep(dataset) for dataset in (register_dataset(settings), sample.load_sample()))


def register_dataset(settings: Settings, *, country: bool = False, source: Path | None = None) -> Dataset:
    """Return the register of villages as a dataset.

    Parameters
    ----------
    settings
        Where the country's register goes.
    country
        The whole country's instead of Kabupaten Bekasi's.
    source
        With ``country``: a package file that is already here; fetched when None.
    """
    if country:
        villages = register.load_country(settings, source=source)
        name, title = "register-country", "Register of villages, Indonesia"
    else:
        villages = register.load_register()
        name, title = "register", "Register of villages, Kabupaten Bekasi"
    codebook = Codebook(REGISTER_VARIABLES)
    frame = pd.DataFrame([astuple(village) for village in villages], columns=list(codebook.names))
    origin = Provenance(
        title=title,
        file_name="",
        sha256="",
        layout="register",
        source=words.KEMENDAGRI,
        licence="ODbL-1.0",
        n_rows_read=len(frame),
    )
    return Dataset(name, codebook.cast(frame, where=title), codebook, origin, key=("village_code",))


def check(dataset: Dataset, *, settings: Settings | None = None) -> quality.Report:
    """Check a dataset against itself, the register, and the formula of the IDM where it has one.

    Parameters
    ----------
    dataset
        What to check.
    settings
        Where the country's register is, once loaded; from the environment by default. It is used
        when rows lie outside the register that ships with the project.
    """
    rules = sample.RULES if dataset.name == sample.NAME else ()
    villages = _register_for(dataset, settings or read_settings())
    report = quality.check(dataset, register=villages, rules=rules)
    if not set(idm.SUB_INDICES) <= set(dataset.codebook.names):
        return report
    contradictions = idm.recompute(dataset).contradictions
    return report.with_findings(quality.from_contradictions(dataset, contradictions))


def _register_for(dataset: Dataset, settings: Settings) -> register.Register:
    ours = register.load_register()
    country = country_file(settings)
    if "village_code" not in dataset.frame or not country.is_file():
        return ours
    regencies = {village.regency_code for village in ours}
    is_ours = dataset.frame["village_code"].dropna().str[:REGENCY_LENGTH].isin(regencies)
    return ours if is_ours.all() else register.load_register(path=country)
