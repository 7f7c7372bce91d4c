"""The verbs that write reports for villages and for the council."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pk_research.cli.house import InLanguage, LanguageName, log_of, open_house, out
from pk_research.cli.serving import publish
from pk_research.errors import NotFound, Problem

if TYPE_CHECKING:
    from pk_research.publish.reports import Policies, ReportMaterial
    from pk_research.store import Store

SURVEYS = ("village_survey", "village_survey_made")
KEPT_SHARE = 0.2
Data = Annotated[
    str | None,
    typer.Option("--data", metavar="NAME", help="Dataset of the store; by default the village survey."),
]


@publish.command("village-reports")
def village_reports(
    *,
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new folder for the reports.")],
    village: Annotated[
        list[str] | None,
        typer.Option("--village", metavar="CODE", help="Only this village; may be given several times."),
    ] = None,
    data: Data = None,
    language: InLanguage = LanguageName.id,
) -> None:
    """Write two pages on each village as PDF.

    Example: pk publish village-reports --into reports --village 3216012001
    """
    from pk_research.publish.reports import write_village_reports

    _, store = open_house()
    written = write_village_reports(
        _material(store, data),
        into,
        villages=village or (),
        language=language.value,
        log=log_of(store, "village reports"),
    )
    out.print(f"wrote   {len(written)} reports in {into}")


@publish.command("council-report")
def council_report(
    *,
    into: Annotated[Path, typer.Option("--into", metavar="FILE", help="A new file, .pdf or .docx.")],
    budget: Annotated[
        int, typer.Option("--budget", metavar="IDR", min=1, help="What may be spent on help, IDR.")
    ] = 1_000_000_000,
    data: Data = None,
    language: InLanguage = LanguageName.id,
) -> None:
    """Write the report for the council and the heads of departments.

    Example: pk publish council-report --into council.pdf
    """
    from pk_research.publish.reports import write_council_report

    _, store = open_house()
    written = write_council_report(
        _material(store, data),
        _policies(store, budget),
        into,
        language=language.value,
        log=log_of(store, "council report"),
    )
    out.print(f"wrote   {written}")


def _material(store: Store, name: str | None) -> ReportMaterial:
    from pk_research.apps.products.material import material_of
    from pk_research.publish.reports import ReportMaterial

    kept = {entry.name: entry for entry in store.datasets()}
    wanted = [name] if name else [survey for survey in SURVEYS if survey in kept]
    if not wanted or wanted[0] not in kept:
        raise NotFound(
            Problem(name or "the store", "there is no such village survey", "Load one: `pk load sample`.")
        )
    entry, products = kept[wanted[0]], material_of(store)
    return ReportMaterial(
        dataset=store.read(entry.name),
        version=f"{entry.name}@{entry.version}",
        register=products.register,
        candidates=products.candidates,
        demand=products.demand,
        products_made=products.made,
        demand_made=products.is_demand_made,
        inputs=products.inputs,
    )


def _policies(store: Store, budget_idr: int) -> Policies:
    from pk_research.apps.policy.helps import HELPS
    from pk_research.apps.policy.material import material_of
    from pk_research.apps.policy.spend import LOWEST, spending_of
    from pk_research.apps.policy.tried import tried_of
    from pk_research.apps.trouble import CannotShow
    from pk_research.publish.reports import Policies

    try:
        material = material_of(store)
        tried = tried_of(material)
    except CannotShow:
        return Policies()
    try:
        plan = spending_of(
            material, budget_idr=budget_idr, kept_for=LOWEST, kept_share=KEPT_SHARE, caution=0.0
        ).plan
    except CannotShow:
        plan = None
    names = {key: asked.name for key, asked in HELPS.items()}
    return Policies(names, tried.effects, plan, material.made, material.n_withheld)
