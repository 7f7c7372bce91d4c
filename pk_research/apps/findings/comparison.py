"""One village beside its type, its kecamatan and all villages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

import pandas as pd

from pk_research.apps.findings.choices import indicator_label
from pk_research.apps.findings.naming import type_name, village_label
from pk_research.apps.markup import chip, decimals_for, say, section, sentence
from pk_research.clusters import Typology
from pk_research.codebook import Variable
from pk_research.language import Language, Message, number_text


def village_labels(typology: Typology, language: Language) -> dict[str, str]:
    """Return a label to search by for every village, those left out included: code -> label.

    The kecamatan stands behind the name; where that is not enough, the code does.
    """
    column = typology.code_column
    rows = pd.concat([typology.villages, typology.left_out.dropna(subset=[column])], ignore_index=True)
    rows = rows.drop_duplicates(column)
    labels = [village_label(row, column, language) for _, row in rows.iterrows()]
    uses = Counter(labels)
    named = {
        str(code): label if uses[label] == 1 else f"{label} {code}"
        for code, label in zip(rows[column], labels, strict=True)
    }
    return dict(sorted(named.items(), key=lambda entry: entry[1]))


def matching(labels: Mapping[str, str], text: str) -> tuple[str, ...]:
    """Return the codes of the villages that somebody may mean by a text.

    The whole label or the bare name, whatever the capitals and spaces; else every village whose
    label holds the text.

    Examples
    --------
    >>> labels = {"1": "Babelankota (Kec. Babelan)", "2": "Sukamaju (Kec. Tambelang)"}
    >>> matching(labels, "babelan kota"), matching(labels, "suka"), matching(labels, "x")
    (('1',), ('2',), ())
    """
    wanted = _letters(text)
    if not wanted:
        return ()
    names = {code: {_letters(label), _letters(label.partition(" (")[0])} for code, label in labels.items()}
    exact = tuple(code for code, forms in names.items() if wanted in forms)
    return exact or tuple(code for code, label in labels.items() if wanted in _letters(label))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def unclear_html(labels: Mapping[str, str], text: str, language: Language) -> str:
    """Return what to say when a text means no village, or several."""
    found = [labels[code] for code in matching(labels, text)]
    if not found:
        return section(
            "village", f"<p class='pk-callout'>{sentence(Message(_NONE, {'name': text}), language)}</p>"
        )
    values = {"name": text, "n": len(found), "villages": "; ".join(found[:MOST_LISTED])}
    return section("village", f"<p class='pk-callout'>{sentence(Message(_SEVERAL, values), language)}</p>")


MOST_LISTED = 8
_NONE = "no village here is called {name}; write part of its name, or tap it in the picture"
_SEVERAL = "{n} villages may be meant by {name}; write the whole name: {villages}"


def chosen_html(typology: Typology, code: str, language: Language) -> str:
    """Return which village is chosen and the way to its comparison; nothing when none is."""
    label = village_labels(typology, language).get(code)
    if label is None:
        return ""
    link = f"<a href='#pk-one-village'>{say('See the comparison', language)}</a>"
    return f"<p>{escape(label)} {link}</p>"


def comparison_html(typology: Typology, code: str, language: Language) -> str:
    """Return one village's values beside the means of its type, its kecamatan and all villages.

    Parameters
    ----------
    typology
        The result.
    code
        Code of the village; empty to invite a choice.
    language
        ``"id"`` or ``"en"``.
    """
    column = typology.code_column
    here = typology.villages[typology.villages[column] == code]
    if len(here):
        return section("village", _compared(typology, here.iloc[0], language))
    left_out = typology.left_out[typology.left_out[column] == code]
    if len(left_out):
        return section("village", _left_out(left_out.iloc[0], column, language))
    return section("village", f"<p class='pk-hint'>{say(_INVITATION, language)}</p>")


_INVITATION = "Search a village above, or tap it in the picture."
_STRIP = "On each line the dot is this village and the thick mark its type."


def _left_out(row: pd.Series, column: str, language: Language) -> str:
    why = sentence(Message("not compared: {reason}", {"reason": row["reason"]}), language)
    return f"<h3>{escape(village_label(row, column, language))}</h3><p class='pk-callout'>{why}</p>"


def _compared(typology: Typology, row: pd.Series, language: Language) -> str:
    cluster = int(row["cluster"])
    groups = _groups(typology, row)
    head = "".join(f"<th scope='col' class='pk-number'>{say(text, language)}</th>" for text in groups)
    body = "".join(_rows(variable, typology.villages, groups, language) for variable in typology.variables)
    note = sentence(_note(groups), language)
    return (
        f"<h3>{escape(village_label(row, typology.code_column, language))}</h3>"
        f"<p class='pk-type'>{chip(cluster, typology.k)}"
        f"<span>{escape(type_name(typology, cluster, language))}</span></p>"
        f"<p>{sentence(_certainty(row), language)}</p>"
        f"<table class='pk-table pk-compared'><thead><tr>{head}</tr></thead>{body}</table>"
        f"<p class='pk-hint'>{note} {say(_STRIP, language)}</p>"
    )


def _certainty(row: pd.Series) -> Message:
    values = {"silhouette": round(float(row["silhouette"]), 2), "second": int(row["second_cluster"])}
    if row["is_border"]:
        return Message(
            "on the border with type {second}: it could as well belong there (silhouette {silhouette})",
            values,
        )
    return Message("fits its type (silhouette {silhouette}); the nearest other is type {second}", values)


def _groups(typology: Typology, row: pd.Series) -> dict[str, pd.DataFrame]:
    """Return the rows that each column of the comparison is the mean of, by its heading."""
    villages = typology.villages
    groups = {
        "This village": villages[villages[typology.code_column] == row[typology.code_column]],
        "Its type": villages[villages["cluster"] == row["cluster"]],
    }
    # Kecamatan in different regencies share names: the code decides where there is one.
    kecamatan = next((name for name in ("kecamatan_code", "kecamatan") if name in villages), None)
    if kecamatan and not pd.isna(row[kecamatan]):
        groups["Its kecamatan"] = villages[villages[kecamatan] == row[kecamatan]]
    return {**groups, "All": villages}


def _note(groups: dict[str, pd.DataFrame]) -> Message:
    n_type = len(groups["Its type"])
    if "Its kecamatan" not in groups:
        return Message(
            "The other columns are averages: of the {n_type} villages of its type, of all", {"n_type": n_type}
        )
    return Message(
        "The other columns are averages: of the {n_type} villages of its type, of the {n_kecamatan} of its"
        " kecamatan, of all",
        {"n_type": n_type, "n_kecamatan": len(groups["Its kecamatan"])},
    )


def _rows(
    variable: Variable, villages: pd.DataFrame, groups: dict[str, pd.DataFrame], language: Language
) -> str:
    values = villages[variable.name]
    decimals = decimals_for(float(values.abs().max()))
    means = [float(group[variable.name].mean()) for group in groups.values()]
    cells = "".join(f"<td class='pk-number'>{number_text(mean, language, decimals)}</td>" for mean in means)
    return (
        f"<tbody><tr><th scope='rowgroup' colspan='{len(means)}'>"
        f"{escape(indicator_label(variable, language))}{_strip(values, means)}</th></tr>"
        f"<tr>{cells}</tr></tbody>"
    )


def _strip(values: pd.Series, means: list[float]) -> str:
    """Draw the village (dot) and the means of its groups (marks) between lowest and highest value."""
    low, high = float(values.min()), float(values.max())
    village, *groups = (f"left:{100 * (mean - low) / (high - low):.1f}%" for mean in means)
    marks = "".join(f"<i class='pk-tick pk-tick-{n}' style='{place}'></i>" for n, place in enumerate(groups))
    return f"<span class='pk-strip' aria-hidden='true'>{marks}<i class='pk-dot' style='{village}'></i></span>"
