"""Where the figures of the findings come from: the dataset in the store, and what was chosen."""

from __future__ import annotations

from pk_research.apps.findings.choices import indicator_label
from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.findings.potential import Potential
from pk_research.apps.provenance import Choice, Origin, origin_html, origin_of
from pk_research.language import Bilingual, Language, Message


def types_origin_html(model: FindingsModel, figure: Bilingual) -> str:
    """Return where a figure about the types comes from; nothing while there are none."""
    typology, language = model.typology, model.language
    if typology is None:
        return ""
    n_draws = 0 if typology.certainty is None else typology.certainty.n_draws
    names = ", ".join(indicator_label(variable, language) for variable in typology.variables)
    choices: list[Choice] = [
        *_rows_of(model),
        (Message("Indicators"), names),
        (Message("Number of types"), typology.k if model.k else Message("{k}, chosen by silhouette",
                                                                        {"k": typology.k})),
        (Message("Method"), f"{typology.method}, {typology.scale}, {typology.gaps}"),
        (Message("Starts of the calculation"), typology.n_starts),
        (Message("Repetitions on villages drawn anew"), n_draws),
    ]  # fmt: skip
    return origin_html(_data(model).with_choices(choices, seed=typology.seed), figure, language)


def index_origin_html(
    model: FindingsModel, potential: Potential, figure: Bilingual, language: Language
) -> str:
    """Return where a figure about the index of economic potential comes from."""
    declaration = potential.tried.declaration
    label = declaration.label
    choices: list[Choice] = [
        *_rows_of(model),
        (Message("Indicators"), ", ".join(label(name).text(language) for name in declaration.indicators)),
        (Message("Repetitions with other weights and scales"), potential.uncertainty.n_draws),
    ]
    weights = declaration.table["weight"]
    choices += [
        (Message("Weight: {part}", {"part": label(part)}), float(weights[part])) for part in potential.parts
    ]
    return origin_html(_data(model).with_choices(choices, seed=potential.uncertainty.seed), figure, language)


def _data(model: FindingsModel) -> Origin:
    return origin_of([entry for entry in model.offered if entry.name == model.dataset_name])


def _rows_of(model: FindingsModel) -> list[Choice]:
    """Return which rows of the dataset are meant."""
    names = {area.code: area.name for area in model.areas}
    area: list[Choice] = [(Message("Area"), names[model.area])] if model.area in names else []
    return [*area, *([] if model.year is None else [(Message("Year"), str(model.year))])]
