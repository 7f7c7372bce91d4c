"""Which cells of a notebook stand behind one of them: those that made the names it uses, and so on back."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

PACKAGE = "pk_research"


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands behind some cells.

    Attributes
    ----------
    cells
        Id of each earlier cell that they are built on, in order -> the names they take from it.
    choices
        What of the cell of parameters counts, as it is written; empty for nothing.
    calls
        What of the package all these cells name, functions above all, each with its module.
    texts
        Every text that these cells and choices write out, the names of datasets among them.
    """

    cells: Mapping[str, tuple[str, ...]]
    choices: str
    calls: tuple[str, ...]
    texts: frozenset[str]


def chain_of(cells: Sequence[Mapping[str, Any]], ends: Sequence[str]) -> Chain:
    """Follow names from some cells of a notebook back to where they were made.

    Parameters
    ----------
    cells
        Of a notebook, as its file holds them.
    ends
        Ids of the cells to begin with.

    Notes
    -----
    A cell counts when it assigns a name, or a part of what a name holds, that a later cell of the chain
    uses. What a method changes in place without an assignment is not seen.

    Examples
    --------
    >>> cells = [{"cell_type": "code", "id": "a", "source": "n = 3"},
    ...          {"cell_type": "code", "id": "b", "source": "m = 4"},
    ...          {"cell_type": "code", "id": "c", "source": "print(n + 1)"}]
    >>> dict(chain_of(cells, ["c"]).cells)
    {'a': ('n',)}
    """
    codes = [
        (cell, _without_magics("".join(cell["source"]))) for cell in cells if cell["cell_type"] == "code"
    ]
    needed: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    imported: dict[str, str] = {}
    of_chain, choices = [], ""
    for cell, code in reversed(codes):
        imported |= {name: where for name, where in _imports(code).items() if name not in imported}
        made = _defined(ast.parse(code)) & needed
        if "parameters" in cell.get("metadata", {}).get("tags", ()):
            choices = _chosen(code, needed)
        elif cell["id"] in ends or made:
            if cell["id"] not in ends:
                found[cell["id"]] = tuple(sorted(made))
            needed |= _used(code)
            of_chain.append(code)
    calls = sorted({call for code in of_chain for call in _calls(code, imported)})
    texts = {text for code in (*of_chain, choices) for text in _texts(code)}
    return Chain(dict(reversed(found.items())), choices, tuple(calls), frozenset(texts))


def _texts(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _without_magics(code: str) -> str:
    return "\n".join("" if line.startswith(("%", "!")) else line for line in code.splitlines())


def _used(code: str) -> set[str]:
    """Return the names a cell takes from before: those used ahead of being assigned."""
    used: set[str] = set()
    bound: set[str] = set()
    for statement in ast.parse(code).body:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        used |= set(_referenced(table)) - bound
        if not isinstance(statement, ast.If | ast.Try | ast.For | ast.While):
            bound |= _defined(ast.Module([statement], []))
    return used


def _referenced(table: symtable.SymbolTable) -> Iterator[str]:
    is_top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (is_top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _referenced(child)


def _defined(tree: ast.Module) -> set[str]:
    """Return the names a cell assigns, or assigns a part of; what it imports is not among them."""
    table = symtable.symtable(ast.unparse(tree), "cell", "exec")
    names = {one.get_name() for one in table.get_symbols() if one.is_assigned() and not one.is_imported()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            whole: ast.expr = node
            while isinstance(whole, ast.Subscript | ast.Attribute):
                whole = whole.value
            if isinstance(whole, ast.Name):
                names.add(whole.id)
    return names


def _chosen(code: str, needed: set[str]) -> str:
    """Return the lines of a cell of parameters that set one of the names, with their comments."""
    lines = code.splitlines()
    statements = [one for one in ast.parse(code).body if _defined(ast.Module([one], [])) & needed]
    return "\n".join(line for one in statements for line in lines[one.lineno - 1 : one.end_lineno])


def _imports(code: str) -> dict[str, str]:
    """Return what a cell imports of the package: name in the notebook -> where it is from."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


def _calls(code: str, imported: Mapping[str, str]) -> Iterator[str]:
    """Return what of the package a cell names; of a module, the part that it takes from it."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            where = imported.get(node.value.id)
            if where is not None and _is_module(where):
                yield f"{where}.{node.attr}"
        elif isinstance(node, ast.Name) and node.id in imported and not _is_module(imported[node.id]):
            yield imported[node.id]


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
