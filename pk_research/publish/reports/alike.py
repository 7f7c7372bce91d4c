"""Which villages a village is like: its type, what that is made of, and the nearest by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pk_research.language import Language, Message, decimals_for, number_text, translate
from pk_research.publish.reports.around import heads
from pk_research.publish.reports.blocks import Block, Heading, Paragraph, Table
from pk_research.publish.reports.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ALIKE = 5


def alike(facts: Facts, code: str, language: Language) -> Iterator[Block]:
    """Tell a village's type, how sure that is, and the villages nearest to it."""
    yield Heading(translate("Which villages is it like?", language))
    typology = facts.typology
    row = facts.typed(code)
    if row is None:
        left_out = typology.left_out[typology.left_out["village_code"] == code]
        if len(left_out):
            yield Paragraph(
                Message("Not compared: {reason}.", {"reason": left_out["reason"].iloc[0]}).text(language)
            )
        else:
            yield Paragraph(translate("Not compared: there is no data of it.", language))
        return
    cluster, second = int(row["cluster"]), int(row["second_cluster"])
    border = Message(
        "it lies on the border between the two" if row["is_border"] else "it does not lie on the border"
    )
    yield Paragraph(
        Message(
            "Type {cluster} of {k}: {name}. The second nearest is type {second}; {border} (silhouette"
            " {silhouette}).",
            {"cluster": cluster, "k": typology.k, "name": typology.names[cluster - 1], "second": second,
             "border": border, "silhouette": number_text(float(row["silhouette"]), language, 2)},
        ).text(language)
    )  # fmt: skip
    means = typology.profile.table[typology.profile.table["cluster"] == cluster].set_index("variable")["mean"]
    rows = []
    for variable in typology.variables:
        every = typology.villages[variable.name].astype(float)
        decimals = decimals_for(float(every.abs().max()))
        told = (float(row[variable.name]), float(means.get(variable.name, np.nan)), float(every.mean()))
        unit = f" ({translate(variable.unit, language)})" if variable.unit else ""
        rows.append(
            (f"{variable.label(language)}{unit}", *(number_text(value, language, decimals) for value in told))
        )
    header = heads(("Measure", "This village", "Mean of its type", "Mean of all"), language)
    caption = translate("Table 3. What its type is made of", language)
    yield Table(caption, header, tuple(rows), (3.4, 1.2, 1.2, 1.2))
    named = ", ".join(nearest_to(facts, code))
    yield Paragraph(
        Message("Most like it by these measures: {villages}.", {"villages": named}).text(language)
    )


def nearest_to(facts: Facts, code: str) -> list[str]:
    """Return the names of the villages nearest by the measures of the types, in standard deviations."""
    rows = facts.typology.villages.set_index("village_code")
    values = rows[[variable.name for variable in facts.typology.variables]].astype(float)
    scaled = (values - values.mean()) / values.std().replace(0, 1)
    far = ((scaled - scaled.loc[code]) ** 2).sum(axis=1, min_count=1).drop(code)
    nearest = far.sort_values(kind="stable").index[:MOST_ALIKE]
    return [f"{rows.loc[other, 'village']} ({rows.loc[other, 'kecamatan']})" for other in nearest]
