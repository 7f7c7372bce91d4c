"""The verb about what may leave: a file in, a safe file and a report out."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pk_research.cli.house import app, open_house, out, print_written
from pk_research.errors import BadInput, Problem

if TYPE_CHECKING:
    import pandas as pd

    from pk_research.disclosure.release import Role
    from pk_research.language import Language
    from pk_research.sources import Dataset

LANGUAGES: tuple[Language, ...] = ("id", "en")


class FormatName(StrEnum):
    """The formats of a safe file."""

    csv = "csv"
    xlsx = "xlsx"
    parquet = "parquet"


@app.command("disclose")
def disclose(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Rows about people: CSV, XLSX, Parquet, ...")],
    *,
    roles: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV with the columns 'column' and 'role' (personal, key, sensitive, latitude, longitude,"
            " text, open); by default the codebook's variables are told apart by the rules of the house.",
        ),
    ] = None,
    codebook: Annotated[Path | None, typer.Option(help="Codebook of the file (CSV or Table Schema).")] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Release a table instead of rows: columns, 'kecamatan,sex'; 'a>b' nests b in a."),
    ] = None,
    sum_of: Annotated[str | None, typer.Option("--sum", help="With --by: the column to sum.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say how far rows can be told apart.")] = False,
    purpose: Annotated[str, typer.Option(help="What it is given away for; kept in the audit log.")] = "",
    to: Annotated[str, typer.Option(help="To whom it is given; kept in the audit log.")] = "",
    form: Annotated[FormatName, typer.Option("--format", help="Of the safe file.")] = FormatName.csv,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Default workspace/results/released.")
    ] = None,
) -> None:
    """Make a file safe to give away by the rules of the house, and say what was withheld and why.

    Example: pk disclose umkm.csv --by "kecamatan>village,sex" --purpose "a thesis" --to "Universitas Contoh"
    """
    from pk_research import workbench

    dataset = workbench.read_file(path, codebook=codebook)
    said = _roles(dataset, roles)
    problems = list(
        _problems(dataset, by=by, sum_of=sum_of, check=check, given={"purpose": purpose, "to": to})
    )
    if problems:
        raise BadInput(problems)
    if check:
        _print_check(dataset, said)
        return
    settings, store = open_house()
    from pk_research.disclosure import (
        record_release,
        record_table,
        release_rows,
        released_before,
        suppress_linked,
    )
    from pk_research.store.actors import HOUSE
    from pk_research.store.actors import Role as Actors
    from pk_research.writing import write_files

    who = HOUSE[Actors.RESEARCHER]
    if by is None:
        rows = release_rows(dataset.frame, said, secret=store.secret)
        frame, report = rows.frame, [rows.in_words(one) for one in LANGUAGES]
    else:
        earlier = released_before(store, dataset.frame)
        table = suppress_linked(dataset.frame, _dimensions(by), earlier, sum_of=sum_of)
        frame, report = table.frame, [table.in_words(one) for one in LANGUAGES]
    name = f"{dataset.name}-released"
    notes = ("\n\n".join(report) + "\n").encode()
    content = {f"{name}.{form.value}": _written(frame, form), f"{name}.notes.txt": notes}
    if by is None:
        record_release(store, rows, by=who, purpose=purpose, to=to)
    else:
        record_table(store, dataset.frame, table, by=who, purpose=purpose, to=to)
    for text in report:
        out.print(escape(text))
    print_written(write_files(content, folder or settings.home / "results" / "released"))


def _problems(
    dataset: Dataset, *, by: str | None, sum_of: str | None, check: bool, given: Mapping[str, str]
) -> Iterator[Problem]:
    columns = [name for one in _dimensions(by or "") for name in one] + ([sum_of] if sum_of else [])
    for name in columns:
        if name not in dataset.frame.columns:
            has = ", ".join(dataset.frame.columns[:8])
            yield Problem(f"column '{name}'", "it is not in the file", f"It has: {has}, …")
    if sum_of is not None and by is None:
        yield Problem("--sum", "it applies to --by only", "Name the columns to tabulate by.")
    if check and by is not None:
        yield Problem("--check", "it applies to rows only", "Leave out --by.")
    for name, value in given.items():
        if not check and not value.strip():
            yield Problem(
                f"--{name}", "it is not said", "Say it in a few words; it is kept in the audit log."
            )


def _dimensions(by: str) -> list[tuple[str, ...]]:
    parts = [part for part in by.split(",") if part.strip()]
    return [tuple(name.strip() for name in part.split(">")) for part in parts]


def _roles(dataset: Dataset, path: Path | None) -> dict[str, Role]:
    """Return what each column is: as a file says, or as the rules tell the codebook's variables apart."""
    import pandas as pd

    from pk_research.disclosure.classes import LATITUDE, class_of_variable, words

    if path is not None:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if not {"column", "role"} <= set(table.columns):
            raise BadInput(Problem(str(path), "it has no columns 'column' and 'role'", "Name them so."))
        return dict(zip(table["column"], table["role"], strict=True))
    found: dict[str, Role] = {}
    for variable in dataset.codebook:
        match class_of_variable(variable):
            case "place":
                found[variable.name] = "latitude" if words(variable.name) & LATITUDE else "longitude"
            case "key" | "sensitive" | "text" | "open" as kind:
                found[variable.name] = kind
            case _:
                found[variable.name] = "personal"
    return found


def _print_check(dataset: Dataset, roles: Mapping[str, Role]) -> None:
    from pk_research.disclosure import alike

    keys, sensitive = ([name for name in roles if roles[name] == kind] for kind in ("key", "sensitive"))
    report = alike(dataset.frame, keys, sensitive=sensitive)
    for language in LANGUAGES:
        for name, value in report.table(language).itertuples(index=False):
            out.print(f"{escape(str(name))}: {value:g}")
        out.print(escape(report.in_words(language)))


def _written(frame: pd.DataFrame, form: FormatName) -> bytes:
    from pk_research.writing import csv_bytes

    if form is FormatName.csv:
        return csv_bytes(frame)
    whole = io.BytesIO()
    if form is FormatName.parquet:
        frame.to_parquet(whole, index=False)
    else:
        import pandas as pd

        # Text stays text: a cell that starts with "=" is never taken for a formula.
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with pd.ExcelWriter(whole, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
            writer.book.set_properties({"created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001 - it has no zone
            frame.to_excel(writer, sheet_name="released", index=False)
    return whole.getvalue()
