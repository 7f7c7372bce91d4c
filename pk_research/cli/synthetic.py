"""The verb about synthetic twins, and those a package needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pk_research.cli.house import open_house, out, print_written, refuse
from pk_research.cli.serving import publish
from pk_research.errors import BadInput, Problem

if TYPE_CHECKING:
    from pk_research.disclosure.synthetic import Twin
    from pk_research.language import Language
    from pk_research.sources import Dataset

LANGUAGES: tuple[Language, ...] = ("id", "en")


@publish.command("synthetic")
def synthetic(
    path: Annotated[Path, typer.Argument(metavar="TABLE", help="The restricted table: CSV, Parquet, ...")],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where its twin goes, under the same name.")
    ],
    *,
    codebook: Annotated[
        Path | None, typer.Option(help="Its codebook (CSV or Table Schema); by default what lies beside it.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only make the twin, and say what it resembles and gives away.")
    ] = False,
    keys: Annotated[
        str | None,
        typer.Option(
            help="With --check: columns others may know of somebody, 'sex,age'; by the rules by default."
        ),
    ] = None,
    purpose: Annotated[str, typer.Option(help="What it is given away for; kept in the audit log.")] = "",
    to: Annotated[str, typer.Option(help="To whom it is given; kept in the audit log.")] = "",
) -> None:
    """Make the synthetic twin of a table: every program runs on it, no conclusion is drawn from it.

    Example: pk publish synthetic umkm.csv released --purpose "a replication package" --to "readers"
    """
    from pk_research.disclosure.release import check_said
    from pk_research.disclosure.synthetic import record_twin, seed_from, twin_files, twin_of
    from pk_research.disclosure.synthetic.leaving import read_restricted
    from pk_research.store.actors import HOUSE, Role
    from pk_research.writing import write_files

    if check:
        refuse({"--purpose": purpose or None, "--to": to or None}, "with --check nothing leaves")
    else:
        refuse({"--keys": keys}, "it applies to --check only")
        check_said(purpose=purpose, to=to)
    if (folder / path.name).resolve() == path.resolve():
        raise BadInput(Problem("FOLDER", "the table itself lies there", "Name another folder."))
    dataset = read_restricted(path, codebook=codebook)
    _, store = open_house()
    seed = seed_from(store.secret, dataset)
    with out.status(f"making the twin of {escape(dataset.name)}"):
        twin = twin_of(dataset, seed=seed)
        files = twin_files(twin, path)
    if check:
        _print_check(dataset, twin, seed, keys)
        return
    notes = "\n\n".join(twin.in_words(language) for language in LANGUAGES)
    record_twin(store, dataset, twin, by=HOUSE[Role.RESEARCHER], purpose=purpose, to=to)
    out.print(escape(notes))
    print_written(write_files(files | {f"{path.stem}.MADE.txt": f"{notes}\n".encode()}, folder))


def _print_check(dataset: Dataset, twin: Twin, seed: int, keys: str | None) -> None:
    """Print what a twin resembles and gives away; what others may know is told apart by the house's rules."""
    from dataclasses import replace

    from pk_research.disclosure.synthetic import membership_of, risk_of, utility_of

    utility = utility_of(dataset, twin.dataset, twin.parts)
    known = None if keys is None else [name.strip() for name in keys.split(",")]
    risk = risk_of(dataset, twin.dataset, twin.parts, keys=known)
    risk = replace(risk, membership=membership_of(dataset, seed=seed))
    for language in LANGUAGES:
        for result in (twin, utility, risk):
            out.print(escape(result.in_words(language)))
