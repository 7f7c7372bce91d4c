"""The compiler, pyxform, called on one file."""

from __future__ import annotations

from pathlib import Path

HOUSE_NAMESPACE = "http://pabrik-kampoeng.example/form"


def compile_file(path: Path) -> dict[str, list[str] | str]:
    """Compile a spreadsheet with pyxform, whatever the file is called."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    found: list[str] = []
    try:
        result = convert(path, validate=False, pretty_print=False, warnings=found)
    except PyXFormError as error:
        return {"complaint": str(error)}
    except Exception as error:  # noqa: BLE001
        # pyxform meets unexpected cells with whatever exception they cause
        return {"complaint": f"The form cannot be read ({type(error).__name__}: {error})"}
    return {"xml": _with_house_prefix(result.xform), "warnings": found}


def _with_house_prefix(xml: str) -> str:
    """Declare the prefix of ``bind::pk:personal``, where the sheet 'settings' does not."""
    if " pk:" not in xml or "xmlns:pk=" in xml:
        return xml
    return xml.replace("<h:html ", f'<h:html xmlns:pk="{HOUSE_NAMESPACE}" ', 1)
