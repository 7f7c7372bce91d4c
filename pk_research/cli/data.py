"""The verbs about datasets: load, check, index, cluster."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pk_research.cli.house import (
    Folder,
    InLanguage,
    LanguageName,
    What,
    app,
    counted,
    log_of,
    open_house,
    out,
    print_written,
    refuse,
)
from pk_research.errors import BadInput, Problem

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.clusters import Typology
    from pk_research.clusters.mixed import Kind
    from pk_research.indicators.idm import Recomputation
    from pk_research.quality import Report
    from pk_research.sources import Dataset

SHOWN = 5


class MethodName(StrEnum):
    """The ways to group villages that need to know nothing but the villages."""

    k_means = "k_means"
    gaussian_mixture = "gaussian_mixture"
    ward = "ward"
    hdbscan = "hdbscan"
    k_medoids = "k_medoids"
    latent_classes = "latent_classes"
    famd_k_means = "famd_k_means"


class GapsName(StrEnum):
    """What can be done about missing values."""

    leave_out = "leave_out"
    keep = "keep"
    impute = "impute"


@app.command()
def load(
    what: Annotated[
        str, typer.Argument(metavar="FILE|sample|register", help="A file, or one of the two words.")
    ],
    *,
    name: Annotated[
        str | None, typer.Option(help="Name in the store; by default from the file's name.")
    ] = None,
    layout: Annotated[str | None, typer.Option(help="Layout of the file, when it is not recognised.")] = None,
    codebook: Annotated[Path | None, typer.Option(help="Codebook of the file (CSV or Table Schema).")] = None,
    country: Annotated[bool, typer.Option("--country", help="With register: the whole country's.")] = False,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="With --country: a package file already here."),
    ] = None,
) -> None:
    """Load a file into the store, and say what was done to it.

    Example: pk load villages.xlsx --name villages-2024
    """
    from pk_research import sample, workbench
    from pk_research.apps.serve import write_first_pages

    of_a_file = {"--name": name, "--layout": layout, "--codebook": codebook}
    if what in ("sample", "register"):
        refuse(of_a_file, f"it does not apply to {what!r}")
    if what != "register":
        refuse({"--country": country}, "it applies to 'register' only")
    if not country:
        refuse({"--from": source}, "it applies to 'register --country' only")
    settings, store = open_house()
    with out.status(f"loading {escape(what)}"):
        if what == "register":
            dataset = workbench.register_dataset(settings, country=country, source=source)
        elif what == "sample":
            dataset = sample.load_sample()
        else:
            dataset = workbench.read_file(Path(what), name=name, layout=layout, codebook=codebook)
        kept = store.keep(dataset, touch=True)
        if (settings.home / "apps").is_dir():
            write_first_pages(settings, store)  # a running server shows them at the next visit
    state = "kept as" if kept.is_new else "already kept, unchanged, as"
    out.print(
        f"[bold]{len(dataset.frame):,}[/] of {counted(dataset.provenance.n_rows_read, 'row')} {state} "
        f"[bold]{kept.name}@{kept.version}[/]"
    )
    _print_steps(dataset)
    _print_report(workbench.check(dataset, settings=settings), LanguageName.en)


@app.command()
def check(
    what: What = None,
    *,
    folder: Folder = None,
    language: InLanguage = LanguageName.en,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when the data has errors.")] = False,
) -> None:
    """Check a dataset: missing, out of range, duplicates, totals, codes, contradictions.

    Example: pk check villages.csv --out results/check
    """
    from pk_research import quality, workbench

    settings, store = open_house()
    dataset = workbench.find_dataset(what, store)
    with out.status(f"checking {escape(dataset.name)}"):
        report = workbench.check(dataset, settings=settings)
    where = folder or settings.home / "results" / f"check-{dataset.name}"
    written = quality.write(report, where, language=language.value)
    _print_report(report, language)
    print_written(written)
    if strict and any(finding.severity == "error" for finding in report.findings):
        raise typer.Exit(1)


@app.command()
def index(what: What = None, *, folder: Folder = None, language: InLanguage = LanguageName.en) -> None:
    """Recompute the IDM and list every published value that contradicts its own parts.

    Example: pk index idm2024_nasional
    """
    from pk_research import publish, workbench
    from pk_research.indicators import idm

    settings, store = open_house()
    dataset = workbench.find_dataset(what, store)
    with out.status("recomputing"):
        result = idm.recompute(dataset)
    out.print(escape(result.in_words(language.value)))
    _print_contradictions(result)
    where = folder or settings.home / "results" / f"index-{dataset.name}"
    log = log_of(store, "recomputed IDM")
    print_written(publish.write_index(result, where, language=language.value, dataset=dataset, log=log))


@app.command()
def cluster(
    what: What = None,
    *,
    variables: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="Indicators to use; by default the sub-indices of the IDM, or the first three.",
        ),
    ] = None,
    year: Annotated[int | None, typer.Option(help="Which year; by default the latest.")] = None,
    k: Annotated[
        int | None, typer.Option("-k", help="Number of types; by default chosen and explained.")
    ] = None,
    method: Annotated[
        MethodName,
        typer.Option(
            help="How to group: k_medoids and famd_k_means take categories too, latent_classes only those;"
            " hdbscan finds the number of types itself."
        ),
    ] = MethodName.k_means,
    kinds: Annotated[
        str | None,
        typer.Option(
            metavar="A=KIND,...",
            help="What variables are where the codebook does not say it: ordinal, nominal, asymmetric or"
            " numeric.",
        ),
    ] = None,
    gaps: Annotated[
        GapsName | None,
        typer.Option(
            help="What to do about villages that lack values; by default they are kept where the method"
            " can, else left out."
        ),
    ] = None,
    draws: Annotated[
        int,
        typer.Option(min=0, help="Repetitions on villages drawn anew, to say how sure each type is."),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of every draw.")] = 0,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, help="Processes to use, else as PK_COMPUTE says; the result is the same for any number."
        ),
    ] = None,
    folder: Folder = None,
    language: InLanguage = LanguageName.en,
) -> None:
    """Find which villages are alike; write the table, the profiles and the pictures.

    Example: pk cluster idm2024_nasional --variables iks,ike,ikl --draws 100
    """
    from pk_research import clusters, publish, workbench
    from pk_research.compute import computing

    named = None if variables is None else _names(variables)
    said = {} if kinds is None else _kinds(kinds)
    settings, store = open_house()
    if jobs is not None:
        settings = replace(settings, compute=str(jobs))
    dataset = workbench.find_dataset(what, store)
    chosen = named or clusters.usual_variables(dataset, year=year)
    comparing = f"comparing {counted(len(dataset.frame), 'row')} on {', '.join(map(escape, chosen))}"
    with computing(settings), out.status(comparing):
        typology = clusters.find_types(
            dataset,
            chosen,
            year=year,
            k=k,
            method=method.value,
            kinds=said,
            gaps=None if gaps is None else gaps.value,
            n_draws=draws,
            seed=seed,
        )
    out.print(escape(typology.in_words(language.value)))
    _print_left_out(typology, language)
    where = folder or settings.home / "results" / f"types-{dataset.name}"
    with out.status("writing tables and pictures"):
        written = publish.write_typology(
            typology,
            where,
            language=language.value,
            boundaries=settings.boundaries,
            dataset=dataset,
            log=log_of(store, "village types"),
        )
    print_written(written)


def _names(given: str) -> list[str]:
    names = [name.strip() for name in given.split(",")]
    if not all(names):
        raise BadInput(
            Problem("--variables", f"{given!r} holds an empty name", "Give names joined by single commas.")
        )
    return names


def _kinds(given: str) -> dict[str, Kind]:
    from pk_research.clusters.mixed import KINDS

    pairs = [[part.strip() for part in pair.split("=")] for pair in given.split(",")]
    names = [pair[0] for pair in pairs]
    wrong = [
        "=".join(pair)
        for pair in pairs
        if len(pair) != 2 or not pair[0] or pair[1] not in KINDS or names.count(pair[0]) > 1
    ]
    if wrong:
        raise BadInput(
            Problem(
                "--kinds",
                f"{item!r} does not say what one variable is",
                f"Give each variable once as NAME=KIND; kinds are {', '.join(KINDS)}.",
            )
            for item in wrong
        )
    return {name: next(kind for kind in KINDS if kind == told) for name, told in pairs}


def _print_steps(dataset: Dataset) -> None:
    for step in dataset.provenance.steps:
        out.print(f"  - {escape(step.what.text('en'))} ({counted(step.n_rows, 'row')})")


def _print_report(report: Report, language: LanguageName) -> None:
    colours = {"error": "red", "warning": "yellow", "note": "dim"}
    for finding in report.findings:
        colour = colours[finding.severity]
        out.print(f"  [{colour}]{finding.severity:8}[/]{escape(finding.message.text(language.value))}")
    if not report.findings:
        out.print("  [green]nothing found[/]")


def _print_left_out(typology: Typology, language: LanguageName) -> None:
    rows = typology.left_out
    names = [name for name in ("village_code", "village") if name in rows]
    _print_rows(
        rows.assign(reason=[reason.text(language.value) for reason in rows["reason"]])[[*names, "reason"]]
    )


def _print_contradictions(result: Recomputation) -> None:
    """Print the first of each index; a wrong label must not be buried under other rows."""
    columns = [name for name in (*result.key, "village") if name in result.contradictions]
    for index_name, rows in result.contradictions.groupby("index", sort=False):
        parts = ["published_status", "recomputed_status"]
        if rows[parts].isna().all(axis=None):
            parts = ["published", "recomputed"]
        out.print(f"  [bold]{index_name}[/]: {', '.join([*columns, *parts])}")
        _print_rows(rows[[*columns, *parts]])


def _print_rows(rows: pd.DataFrame) -> None:
    """Print the first rows; the whole table is in the files."""
    for row in rows.head(SHOWN).itertuples(index=False):
        cells = (f"{value:g}" if isinstance(value, float) else str(value) for value in row)
        out.print(f"    {escape(', '.join(cells))}")
    if len(rows) > SHOWN:
        out.print(f"    ... and {len(rows) - SHOWN:,} more, in the files below")
