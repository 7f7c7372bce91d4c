"""The reviewed list of products and materials that names are matched with.

A KBLI 2020 code stands only where one five-digit class holds the whole product; a product that two
classes share, such as tempe and tofu (10391, 10392) or craft of bamboo (woven 16291, kitchenware 16294),
has none.

How far each code was checked stands beside it (``kbli_checked``). BPS's own publication (Regulation
2/2020) was not to be had, only copies of it: the summary of KBLI 2020 on lbh.co.id for divisions 01, and
lists of five-digit titles in public program code for the others. ``scope``: the title and a text that
names the product were found; ``title``: only the title was, and that it holds the product is our reading;
empty: not checked. KBLI 2025 (Regulation 7/2025) replaces these codes and renumbers some, such as
furniture of wood, 31001, which becomes 31011.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pk_research.codebook import Label
from pk_research.errors import BadInput, NotFound, Problem
from pk_research.language import Language
from pk_research.products.catalogue.names import product_key

PRODUCTS = Path(__file__).with_name("products.csv")
MATERIALS = Path(__file__).with_name("materials.csv")
COLUMNS = (
    "product", "name_id", "name_en", "sector", "kbli", "unit_of_sale", "raw_materials", "aliases",
)  # fmt: skip
CHECKED = ("", "title", "scope")
_ID = re.compile(r"[a-z][a-z0-9_]*")
_KBLI = re.compile(r"\d{5}")


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the list.

    Attributes
    ----------
    product
        Its identifier.
    name
        What people call it, in both languages.
    sector
        ``"agriculture"``, ``"fishery"``, ``"food"``, ``"craft"`` or ``"services"``.
    kbli
        Five digits of KBLI 2020; empty where no one class holds the product.
    kbli_checked
        ``"scope"``, ``"title"`` or empty: how far the code was checked, as this module tells.
    unit_of_sale
        The unit it is usually sold in, as the questionnaires name units.
    raw_materials
        Identifiers of what it is usually made of.
    aliases
        Other names: regional, old, abbreviated.
    """

    product: str
    name: Label
    sector: str
    kbli: str
    unit_of_sale: str
    raw_materials: tuple[str, ...]
    aliases: tuple[str, ...]
    kbli_checked: str = ""


def read_products(path: Path = PRODUCTS) -> Mapping[str, Product]:
    """Read a list of products.

    Parameters
    ----------
    path
        A CSV file as ``products.csv`` in this package; give your own to add products.

    Returns
    -------
    Mapping
        Identifier -> product, in the order of the file.

    Raises
    ------
    BadInput
        Naming every missing column, identifier that is doubled or not snake_case, code that is
        not five digits, check of a code that is none, and name that two products share.
    NotFound
        When there is no such file.

    Examples
    --------
    >>> known = read_products()
    >>> known["batik"].kbli, known["tempe_tofu"].kbli
    ('13134', '')
    """
    if not path.is_file():
        raise NotFound(Problem(path.name, "there is no such file", "Give the path of a list of products."))
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        absent = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        rows = list(reader)
    if absent:
        raise BadInput([Problem(path.name, f"there is no column {name!r}", "Add it.") for name in absent])
    found = [_product(row) for row in rows]
    problems = _faults(found, path.name)
    if problems:
        raise BadInput(problems)
    return {product.product: product for product in found}


@cache
def known_products() -> Mapping[str, Product]:
    """Return the list that comes with the package."""
    return read_products()


@cache
def known_materials() -> Mapping[str, str]:
    """Return the key of each known name of a material -> the material's identifier."""
    with MATERIALS.open(encoding="utf-8", newline="") as file:
        return {
            product_key(alias): row["material"]
            for row in csv.DictReader(file)
            for alias in row["aliases"].split(";")
        }


def product_label(product: str, language: Language) -> str:
    """Return what people call a product; its identifier where the list does not have it.

    Examples
    --------
    >>> product_label("batik", "en"), product_label("kujang", "en")
    ('Batik', 'kujang')
    """
    known = known_products().get(product)
    return known.name.text(language) if known else product


def _product(row: Mapping[str, str]) -> Product:
    return Product(
        product=row["product"].strip(),
        name=Label(row["product"].strip(), row["name_id"].strip(), row["name_en"].strip()),
        sector=row["sector"].strip(),
        kbli=row["kbli"].strip(),
        unit_of_sale=row["unit_of_sale"].strip(),
        raw_materials=_parts(row["raw_materials"]),
        aliases=_parts(row["aliases"]),
        kbli_checked=(row.get("kbli_checked") or "").strip(),
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _faults(products: Iterable[Product], where: str) -> list[Problem]:
    products = list(products)
    problems = [
        Problem(f"{where}, {name!r}", "it stands twice", "Keep one row for each product.")
        for name, n in Counter(product.product for product in products).items()
        if n > 1
    ]
    owners: dict[str, str] = {}
    for product in products:
        at = f"{where}, {product.product!r}"
        if not _ID.fullmatch(product.product):
            problems.append(Problem(at, "it is no identifier", "Use small letters, digits and underscores."))
        if product.kbli and not _KBLI.fullmatch(product.kbli):
            problems.append(
                Problem(at, f"{product.kbli!r} is no KBLI code", "Give five digits, or leave it empty.")
            )
        if product.kbli_checked not in CHECKED:
            problems.append(
                Problem(
                    at,
                    f"kbli_checked is {product.kbli_checked!r}",
                    "Give scope or title, or leave it empty.",
                )
            )
        for alias in product.aliases:
            owner = owners.setdefault(product_key(alias), product.product)
            if owner != product.product:
                problems.append(
                    Problem(at, f"{alias!r} is also a name of {owner!r}", "Keep it with one of the two.")
                )
    return problems
