"""A variable as one field of a Frictionless Table Schema (Data Package v2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pk_research.codebook.variable import Kind, Label, Variable

_SCHEMA_TYPE: dict[Kind, str] = {
    "code": "string",
    "string": "string",
    "category": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
}
_KIND: dict[str, Kind] = {"integer": "integer", "number": "number", "boolean": "boolean", "date": "date"}


def field_from_variable(variable: Variable) -> dict[str, Any]:
    """Write a variable as a Table Schema field; empty properties are left out."""
    constraints: dict[str, Any] = {}
    if variable.categories:
        constraints["enum"] = [label.value for label in variable.categories]
    for name in ("minimum", "maximum"):
        bound = getattr(variable, name)
        if bound is not None:
            constraints[name] = int(bound) if variable.kind == "integer" else bound
    entry = {
        "name": variable.name,
        "type": _SCHEMA_TYPE[variable.kind],
        "title": variable.label_en,
        "constraints": constraints,
        "labels": {"id": variable.label_id, "en": variable.label_en},
        "kind": variable.kind,
        "unit": variable.unit,
        "universe": variable.universe,
        "source": variable.source,
        "categories": [_label_entry(label) for label in variable.categories],
        "missingCodes": [_label_entry(label) for label in variable.missing],
    }
    if variable.missing:
        entry["missingValues"] = ["", *(label.value for label in variable.missing if label.value)]
    return {name: value for name, value in entry.items() if value or name in ("name", "type")}


def _label_entry(label: Label) -> dict[str, Any]:
    return {
        "value": label.value,
        "label": label.label_en,
        "labels": {"id": label.label_id, "en": label.label_en},
    }


def variable_from_field(entry: dict[str, Any]) -> Variable:
    """Read a variable from a Table Schema field, one of ours or a plain one."""

    def labels(rows: Iterable[Any]) -> tuple[Label, ...]:
        return tuple(
            Label(
                str(row["value"]),
                row.get("labels", {}).get("id", ""),
                row.get("labels", {}).get("en", row.get("label", "")),
            )
            for row in (row if isinstance(row, dict) else {"value": row} for row in rows)
        )

    constraints = entry.get("constraints", {})
    categories = labels(entry.get("categories") or constraints.get("enum", ()))
    missing = labels(entry.get("missingCodes") or (v for v in entry.get("missingValues", ()) if v))
    schema_type = entry.get("type", "string")
    kind: Kind = entry.get("kind") or _KIND.get(schema_type, "category" if categories else "string")
    names = entry.get("labels", {})
    return Variable(
        name=entry["name"],
        label_id=names.get("id", ""),
        label_en=names.get("en", entry.get("title", "")),
        kind=kind,
        unit=entry.get("unit", ""),
        universe=entry.get("universe", ""),
        categories=categories,
        missing=missing,
        minimum=_bound(constraints, "minimum"),
        maximum=_bound(constraints, "maximum"),
        source=entry.get("source", ""),
    )


def _bound(constraints: dict[str, Any], name: str) -> float | None:
    return None if constraints.get(name) is None else float(constraints[name])
