"""The verbs about surveys: forms, and the submissions that came in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pk_research.cli.house import (
    InLanguage,
    LanguageName,
    app,
    counted,
    open_house,
    out,
    print_written,
)

if TYPE_CHECKING:
    from pk_research.errors import Problem
    from pk_research.survey import Form
    from pk_research.survey.exchange import RowProblem
    from pk_research.survey.xlsform import UnsoundForm

form = typer.Typer(no_args_is_help=True, help="Questionnaires: check, publish, print.")
submissions = typer.Typer(no_args_is_help=True, help="What was answered: count, export, import.")
app.add_typer(form, name="form")
app.add_typer(submissions, name="submissions")

FormName = Annotated[str, typer.Argument(metavar="FORM", help="Identifier of a published form.")]
Spreadsheet = Annotated[Path, typer.Argument(metavar="FILE", help="An XLSForm.")]


class LayoutName(StrEnum):
    """The layouts submissions are written in."""

    central = "central"
    odata = "odata"
    kobo = "kobo"
    spss = "spss"
    stata = "stata"
    parquet = "parquet"


class RoleName(StrEnum):
    """In which role submissions are exported."""

    researcher = "researcher"
    supervisor = "supervisor"


@form.command("check")
def check_form(
    path: Spreadsheet,
    *,
    repair: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a copy with the mechanical faults mended.")
    ] = None,
) -> None:
    """Say what keeps a spreadsheet from being a form, one sentence a fault.

    Example: pk form check my-survey.xlsx --repair mended.xlsx
    """
    from pk_research.survey.xlsform import UnsoundForm, open_xlsform

    beside = path.parent
    if repair is not None:
        path = _repaired(path, repair)
    try:
        opened = open_xlsform(path, beside=beside)
    except UnsoundForm as unsound:
        _print_faults(unsound)
        raise typer.Exit(1) from None
    form = opened.form
    n_questions = sum(1 for node in form.definitions() if node.control is not None and node.is_leaf)
    languages = ", ".join(form.languages) or "one language"
    out.print(f"sound   {escape(form.title)}: {counted(n_questions, 'question')} in {languages}")
    _print_personal(form)
    _print_doubts(opened.doubts)


@form.command("publish")
def publish(
    forms: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE|NAME]...",
            help="XLSForms, or questionnaires of the house; by default all of these.",
        ),
    ] = None,
) -> None:
    """Publish forms, each beside its earlier versions; what is published already is left alone.

    Example: pk form publish village_potential
    """
    from pk_research import workbench

    settings, store = open_house()
    with out.status("compiling"):
        published = (
            [workbench.publish_form(what, settings=settings, store=store) for what in forms]
            if forms
            else workbench.publish_questionnaires(settings, store)
        )
    for kept in published:
        out.print(
            f"open    [bold]{escape(kept.form_id)}[/]  {escape(kept.title)}, version {escape(kept.version)}"
        )
        _print_personal(store.forms.open(kept))


@form.command("list")
def list_forms() -> None:
    """List the published forms with the number of their versions.

    Example: pk form list
    """
    _, store = open_house()
    for entry in store.forms.list(is_open=None):
        state = "open  " if entry.is_open else "closed"
        versions = counted(len(store.forms.versions(entry.form_id)), "version")
        out.print(f"{state}  [bold]{escape(entry.form_id)}[/]  {escape(entry.title)}, {versions}")


@form.command("close")
def close(name: FormName) -> None:
    """Take no more submissions of a form.

    Example: pk form close village_potential
    """
    from pk_research.store.actors import HOUSE, Role

    _, store = open_house()
    store.forms.close(name, by=HOUSE[Role.ADMIN])
    out.print(f"closed  {escape(name)}")


@form.command("reopen")
def reopen(name: FormName) -> None:
    """Take submissions of a form again.

    Example: pk form reopen village_potential
    """
    from pk_research.store.actors import HOUSE, Role

    _, store = open_house()
    store.forms.reopen(name, by=HOUSE[Role.ADMIN])
    out.print(f"open    {escape(name)}")


@form.command("print")
def print_form(
    path: Spreadsheet,
    *,
    target: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A .html or .pdf; by default HTML beside the form."),
    ] = None,
    language: InLanguage = LanguageName.id,
) -> None:
    """Print a form to be filled by hand, as HTML or, where Chromium is installed, as PDF.

    Example: pk form print data/questionnaires/umkm.xlsx --out umkm.pdf
    """
    from pk_research.survey.paper import pdf, sheet
    from pk_research.survey.xlsform import open_xlsform
    from pk_research.writing import write_files

    opened = open_xlsform(path)
    html = sheet(opened.form, language=language.value)
    target = target or path.with_suffix(".html")
    written = (
        (pdf(html, target),)
        if target.suffix.lower() == ".pdf"
        else write_files({target.name: html.encode()}, target.parent)
    )
    print_written(written)


@submissions.command("list")
def count_submissions() -> None:
    """Count the submissions of every form by their state of review.

    Example: pk submissions list
    """
    from collections import Counter

    from pk_research.store.actors import HOUSE, Role

    _, store = open_house()
    for entry in store.forms.list(is_open=None):
        found = store.submissions.list(entry.form_id, by=HOUSE[Role.RESEARCHER])
        states = Counter(filled.review_state for filled in found)
        parts = ", ".join(f"{n:,} {state}" for state, n in sorted(states.items())) or "none yet"
        out.print(f"[bold]{escape(entry.form_id)}[/]: {parts}")


@submissions.command("export")
def export(
    name: FormName,
    *,
    layout: Annotated[LayoutName, typer.Option(help="How it is laid out.")] = LayoutName.central,
    role: Annotated[
        RoleName | None,
        typer.Option(
            "--as",
            help="A copy for work inside the house, not to be passed on: a supervisor's holds personal"
            " answers, a researcher's does not. Without, it is a release, made safe by the rules.",
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Default workspace/results/FORM.")
    ] = None,
    language: Annotated[
        LanguageName, typer.Option(help="Of the labels that SPSS and Stata show.")
    ] = LanguageName.id,
) -> None:
    """Write the submissions of a form, made safe to give away, and say what was withheld and why.

    Example: pk submissions export umkm --layout spss
    """
    from pk_research import workbench
    from pk_research.store.actors import HOUSE, Role

    settings, store = open_house()
    where = folder or settings.home / "results" / name
    written, report = workbench.export_submissions(
        store,
        name,
        layout.value,
        where,
        by=HOUSE[Role.RESEARCHER if role is None else Role(role.value)],
        is_internal=role is not None,
        language=language.value,
    )
    for said in report:
        out.print(f"  - {escape(said.text('en'))}")
    print_written(written)


@submissions.command("import")
def import_file(
    name: FormName,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A Central .zip, an OData .json or a Kobo .xlsx.")
    ],
) -> None:
    """Take in another house's submissions; each row is checked against the form.

    Example: pk submissions import umkm export-from-kobo.xlsx
    """
    from pk_research import workbench

    _, store = open_house()
    with out.status(f"reading {escape(path.name)}"):
        done = workbench.import_submissions(store, name, path)
    for problem in done.problems:
        out.print(f"  [red]not kept[/] {escape(_place(problem))}: {escape(problem.message.text('en'))}")
    out.print(f"{done.n_new:,} new, {done.n_known:,} here already, {counted(len(done.problems), 'problem')}")
    if done.problems:
        raise typer.Exit(1)


@submissions.command("forget-drafts")
def forget_drafts(
    *,
    days: Annotated[int, typer.Option(min=1, help="For how long nobody went on with them.")] = 90,
) -> None:
    """Delete what was begun, never sent, and left alone for long, and say how many that were.

    Example: pk submissions forget-drafts --days 90
    """
    from datetime import timedelta

    _, store = open_house()
    out.print(f"{counted(store.drafts.purge(timedelta(days=days)), 'draft')} deleted")


def _repaired(path: Path, target: Path) -> Path:
    """Write a mended copy, and say what was mended and where the copy is."""
    from pk_research.survey import repair_xlsform

    mended = repair_xlsform(path, target)
    for step in mended.done:
        out.print(f"mended  {escape(step.text('en'))}")
    if not mended.done:
        out.print("mended  nothing: there is no mechanical fault")
    print_written((mended.path,))
    return mended.path


def _print_faults(unsound: UnsoundForm) -> None:
    for fault in unsound.faults:
        out.print(f"  [red]fault[/]   {escape(str(fault.problem))}")
    _print_doubts(unsound.doubts)
    n_mendable = sum(fault.repair is not None for fault in unsound.faults)
    mendable = f"; --repair FILE mends {n_mendable} of them in a copy" if n_mendable else ""
    out.print(f"{counted(len(unsound.faults), 'fault')}{mendable}")


def _print_doubts(doubts: tuple[Problem, ...]) -> None:
    for doubt in doubts:
        out.print(f"  [yellow]doubt[/]   {escape(str(doubt))}")


def _print_personal(form: Form) -> None:
    """Say whose answers a researcher's export leaves out, so that a forgotten mark is noticed."""
    from pk_research.survey.privacy import personal_in

    marked = personal_in(form)
    names = [node.local for node in form.definitions() if node in marked and node.is_leaf]
    if names:
        what = counted(len(names), "personal answer")
        out.print(f"private {what}, left out of a researcher's export: {escape(', '.join(names))}")
    else:
        out.print("private no answer is marked as personal: a researcher's export will hold them all.")
        out.print("        Mark names and telephones with yes in a column bind::pk:personal.")


def _place(problem: RowProblem) -> str:
    row = "" if problem.row is None else f"row {problem.row}"
    return ", ".join(filter(None, (problem.table, row, problem.column)))
