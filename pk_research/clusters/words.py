"""A typology told to people: tables with readable headings, and an account with its doubts."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pk_research.clusters.certainty import Certainty
from pk_research.clusters.choice import strength
from pk_research.clusters.phrases import inside_sentence, joined
from pk_research.codebook import Variable
from pk_research.language import Language, Message, translate
from pk_research.writing import MADE, marked

if TYPE_CHECKING:
    from pk_research.clusters.typology import Typology

LISTED = 8
STARTED = ("k_means", "gaussian_mixture", "latent_classes", "famd_k_means")
METHODS = {
    "gaussian_mixture": Message("The types were found as a Gaussian mixture"),
    "ward": Message("The types were found by Ward's method"),
    "spatial_ward": Message(
        "The types are regions, each in one piece, found by Ward's method among neighbours"
    ),
    "hdbscan": Message("The types are dense groups, found by HDBSCAN"),
    "k_medoids": Message(
        "The types were found by k-medoids on Gower's distance: one of its villages represents each type"
    ),
    "latent_classes": Message(
        "The types are latent classes: within a type one answer says nothing about another"
    ),
    "famd_k_means": Message("The types were found by k-means on numbers and categories together"),
}
AVERAGES = Message("Types describe averages: a village may differ from its type in any single value")


def numbered_name(typology: Typology, cluster: int) -> Message:
    """Return the number and name of a cluster as one text."""
    return Message("Type {number}: {name}", {"number": cluster, "name": typology.names[cluster - 1]})


def aside_label(typology: Typology) -> Message:
    """Return what the villages without a colour are called in legends."""
    n_outside = len(typology.in_no_type)
    if not n_outside:
        return Message("Left out")
    return Message("In no type") if n_outside == len(typology.left_out) else Message("Left out or in no type")


def cluster_table(typology: Typology, language: Language) -> pd.DataFrame:
    """Return one row a cluster: number, name, size, doubt, mean of each variable."""
    summary = typology.summary
    columns = {
        translate("Type", language): summary.index,
        translate("Name", language): [name.text(language) for name in typology.names],
        translate("Villages", language): summary["n_villages"],
        translate("Share (%)", language): (100 * summary["share"]).round(1),
        translate("Mean silhouette", language): summary["silhouette"].round(3),
        translate("On the border", language): summary["n_border"],
    }
    table = pd.DataFrame(columns).reset_index(drop=True)
    headings = _headings(typology, language)
    for name, mean in typology.profile.wide("mean").items():
        if name in typology.profile.category_of:
            heading = Message("Share (%): {variable}", {"variable": headings[name]})
            table[heading.text(language)] = (100 * mean.to_numpy()).round(1)
        else:
            heading = Message("Mean: {variable}", {"variable": headings[name]})
            table[heading.text(language)] = mean.to_numpy()
    n_outside = len(typology.in_no_type)
    if n_outside:
        outside = {
            translate("Name", language): translate("In no type", language),
            translate("Villages", language): n_outside,
            translate("Share (%)", language): round(100 * n_outside / typology.n_compared, 1),
        }
        table = pd.concat([table, pd.DataFrame([outside])], ignore_index=True)
        whole = {translate(heading, language): "Int64" for heading in ("Type", "On the border")}
        table = table.astype(whole)
    return marked(table, language, made=typology.made)


def village_table(typology: Typology, language: Language) -> pd.DataFrame:
    """Return one row a village: key, place, type, certainty and the compared values."""
    villages = typology.villages
    table = _places(villages, typology, language)
    names = [name.text(language) for name in typology.names]
    table[translate("Type", language)] = villages["cluster"]
    table[translate("Name of the type", language)] = villages["cluster"].map(dict(enumerate(names, start=1)))
    table[translate("Silhouette", language)] = villages["silhouette"].round(3)
    table[translate("Nearest other type", language)] = villages["second_cluster"]
    if "probability" in villages:
        table[translate("Probability of the type", language)] = villages["probability"].round(2)
    yes_no = {True: translate("yes", language), False: translate("no", language)}
    table[translate("On the border", language)] = villages["is_border"].map(yes_no)
    if "n_imputed" in villages:
        table[translate("Values imputed", language)] = villages["n_imputed"]
    headings = _headings(typology, language)
    for variable in typology.variables:
        table[headings[variable.name]] = _told(villages[variable.name], variable, language)
    return marked(table, language, made=typology.made)


def _told(values: pd.Series, variable: Variable, language: Language) -> pd.Series:
    """Return values as people read them: categories by their label."""
    if variable.kind == "boolean":
        yes_no = {True: translate("yes", language), False: translate("no", language)}
        return values.astype(object).map(yes_no, na_action="ignore")
    if variable.kind == "category":
        labels = {label.value: label.text(language) for label in variable.categories}
        return values.astype(object).map(labels, na_action="ignore")
    return values


def left_out_table(typology: Typology, language: Language) -> pd.DataFrame:
    """Return one row a record that was left out, with the reason."""
    table = _places(typology.left_out, typology, language)
    table[translate("Reason", language)] = [reason.text(language) for reason in typology.left_out["reason"]]
    return marked(table, language, made=typology.made)


def _places(frame: pd.DataFrame, typology: Typology, language: Language) -> pd.DataFrame:
    return frame[list(typology.codebook.names)].rename(columns=_headings(typology, language))


def _headings(typology: Typology, language: Language) -> dict[str, str]:
    """Return each column's label; with its name added where two columns share a label."""
    variables = [*typology.codebook, *typology.columns.variables]
    names = {variable.name for variable in variables}
    variables += [variable for variable in typology.variables if variable.name not in names]
    uses = Counter(variable.label(language) for variable in variables)
    labels = {variable.name: variable.label(language) for variable in variables}
    return {name: label if uses[label] == 1 else f"{label} ({name})" for name, label in labels.items()}


def account(typology: Typology, language: Language) -> str:
    """Tell what was compared, which types came out and how far to trust them."""
    paragraphs = [_opening(typology), _on_choice(typology)]
    paragraphs += [[_type_in_words(typology, cluster)] for cluster in typology.summary.index]
    paragraphs.append(_doubts(typology))
    return "\n".join(" ".join(_sentence(part, language) for part in paragraph) for paragraph in paragraphs)


def _sentence(part: Message, language: Language) -> str:
    text = part.text(language)
    return text[0].upper() + text[1:] + "."


def _opening(typology: Typology) -> list[Message]:
    labels = reduce(joined, [inside_sentence(variable) for variable in typology.variables[:LISTED]])
    n_more = len(typology.variables) - LISTED
    if n_more > 0:
        labels = Message("{variables} and {n} more", {"variables": labels, "n": n_more})
    compared = {"n": len(typology.villages), "k": typology.k, "variables": labels, "year": str(typology.year)}
    parts = [Message(MADE)] if typology.made else []
    if typology.year is None:
        parts.append(Message("{n} villages were sorted into {k} types by: {variables}", compared))
    else:
        parts.append(
            Message(
                "{n} villages were sorted into {k} types by their values of {year}: {variables}", compared
            )
        )
    n_outside = len(typology.in_no_type)
    if n_outside:
        parts.append(
            Message(
                "Compared too, but in no type, and listed with those left out: {n} ({percent}%)",
                {"n": n_outside, "percent": round(100 * n_outside / typology.n_compared)},
            )
        )
    if len(typology.left_out) > n_outside:
        parts.append(
            Message(
                "Records that could not be compared and were left out, listed with the reason: {n}",
                {"n": len(typology.left_out) - n_outside},
            )
        )
    return parts


def _on_choice(typology: Typology) -> list[Message]:
    if typology.choice is not None:
        return list(typology.choice.reasons)
    given = Message("The number of types was given, not chosen from the data")
    if typology.method == "latent_classes":
        return [given]
    reading = {"silhouette": round(typology.silhouette, 2), "strength": strength(typology.silhouette)}
    return [given, Message("By a mean silhouette of {silhouette} {strength}", reading)]


def _type_in_words(typology: Typology, cluster: int) -> Message:
    row = typology.summary.loc[cluster]
    values = {
        "type": numbered_name(typology, cluster),
        "n": int(row["n_villages"]),
        "percent": round(100 * row["share"]),
        "examples": _examples(typology, cluster),
    }
    return Message("{type}. Villages: {n} ({percent}%), such as {examples}", values)


def _examples(typology: Typology, cluster: int) -> str:
    nearest = typology.typical[typology.typical["cluster"] == cluster]
    return ", ".join(_with_kecamatan(row, typology.code_column) for _, row in nearest.iterrows())


def village_name(row: pd.Series, code_column: str) -> str:
    """Return the name of a village, or its code where it has none."""
    name = row.get("village")
    return str(row[code_column]) if name is None or pd.isna(name) else str(name)


def _with_kecamatan(row: pd.Series, code_column: str) -> str:
    name, kecamatan = village_name(row, code_column), row.get("kecamatan")
    return name if kecamatan is None or pd.isna(kecamatan) else f"{name} ({kecamatan})"


def _on_certainty(certainty: Certainty) -> Message:
    agreement = {
        "n": certainty.n_draws,
        "mean": round(float(certainty.agreement.mean()), 2),
        "low": round(float(np.quantile(certainty.agreement, 0.05)), 2),
        "high": round(float(np.quantile(certainty.agreement, 0.95)), 2),
    }
    return Message(
        "In {n} repetitions with villages drawn anew the types were found again with an agreement of {mean}"
        " (adjusted Rand index; 90% between {low} and {high}; 1 is the same types)",
        agreement,
    )


def _doubts(typology: Typology) -> list[Message]:
    n_border = int(typology.villages["is_border"].sum())
    parts: list[Message] = []
    if n_border:
        parts.append(
            Message(
                "Villages on the border of two types, that could as well belong to the other one: {n}"
                " ({percent}%); do not decide about them by their type alone",
                {"n": n_border, "percent": round(100 * n_border / len(typology.villages))},
            )
        )
    if typology.certainty is not None:
        parts.append(_on_certainty(typology.certainty))
    elif "probability" in typology.villages:
        parts.append(
            Message("The probability of a type is that of the model, which takes the types for true")
        )
    parts += [*([METHODS[typology.method]] if typology.method in METHODS else []), *typology.notes]
    if typology.method not in STARTED:
        return [*parts, AVERAGES]
    starts = {"same": round(typology.share_same_start * typology.n_starts), "n": typology.n_starts}
    parts.append(
        Message("{same} of {n} starts of the calculation found practically the same groups", starts)
        if typology.share_same_start >= 0.5
        else Message(
            "Only {same} of {n} starts of the calculation found practically the same groups: where one type"
            " ends and the next begins is not firm",
            starts,
        )
    )
    return [*parts, AVERAGES]
