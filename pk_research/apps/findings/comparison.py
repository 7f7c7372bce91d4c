"""One village beside its type, its kecamatan and all villages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from html import escape

import pandas as pd

from pk_research.apps.findings.choices import indicator_label
from pk_research.apps.findings.naming import link_html, village_label
from pk_research.apps.markup import say, sentence
from pk_research.clusters import Typology
from pk_research.codebook import Variable
from pk_research.language import Language, Message, decimals_for, number_text


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
        return f"<p class='pk-callout'>{sentence(Message(_NONE, {'name': text}), language)}</p>"
    values = {"name": text, "n": len(found), "villages": "; ".join(found[:MOST_LISTED])}
    return f"<p class='pk-callout'>{sentence(Message(_SEVERAL, values), language)}</p>"


MOST_LISTED = 8
_NONE = "no village here is called {name}; write part of its name, or tap it in the picture"
_SEVERAL = "{n} villages may be meant by {name}; write the whole name: {villages}"


def chosen_html(typology: Typology, code: str, language: Language) -> str:
    """Return which village is chosen and the way to its page; nothing when none is."""
    label = village_labels(typology, language).get(code)
    if label is None:
        return ""
    link = link_html(code, say("Open its page", language))
    return f"<p>{escape(label)} {link}</p>"


def compared_html(typology: Typology, row: pd.Series, language: Language) -> str:
    """Return one village's values beside the means of its type, its kecamatan and all villages.

    Parameters
    ----------
    typology
        The result.
    row
        Its row of ``typology.villages``.
    language
        ``"id"`` or ``"en"``.
    """
    groups = _groups(typology, row)
    head = "".join(f"<th scope='col' class='pk-number'>{say(text, language)}</th>" for text in groups)
    body = "".join(_rows(variable, typology.villages, groups, language) for variable in typology.variables)
    note = sentence(_note(groups), language)
    return (
        f"<table class='pk-table pk-compared'><thead><tr>{head}</tr></thead>{body}</table>"
        f"<p class='pk-hint'>{note} {say(_STRIP, language)}</p>"
    )


_STRIP = "On each line the dot is this village and the thick mark its type."


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
    if any(map(math.isnan, means)):
        return ""
    village, *groups = (f"left:{100 * (mean - low) / (high - low):.1f}%" for mean in means)
    marks = "".join(f"<i class='pk-tick pk-tick-{n}' style='{place}'></i>" for n, place in enumerate(groups))
    return f"<span class='pk-strip' aria-hidden='true'>{marks}<i class='pk-dot' style='{village}'></i></span>"
