"""What codes and ids are called where nobody says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from pk_research.language import Bilingual, Language
from pk_research.products.catalogue.known import known_products
from pk_research.products.value_chain.stages import STAGES
from pk_research.register import load_register
from pk_research.register.village import CODE_LENGTH, KECAMATAN_LENGTH

Names = Mapping[str, Bilingual | str]


def called(code: str, names: Names) -> Bilingual | str:
    """Return what a village, kecamatan, product or stage is called.

    Parameters
    ----------
    code
        Its code or identifier.
    names
        Names that were given; they go first. Then the register names villages and kecamatan, and the
        lists of this chapter products and stages.

    Returns
    -------
    Bilingual or str
        The code itself where nobody names it.
    """
    name = names.get(code)
    if name is None:
        name = _official().get(code, code) if _is_code(code) else _listed().get(code, code)
    return name


def name_of(code: str, names: Names, language: Language) -> str:
    """Return what `called` finds, in a language.

    Examples
    --------
    >>> name_of("3216012001", {}, "en"), name_of("salted_eggs", {}, "en"), name_of("321601", {}, "en")
    ('Sagara Makmur', 'Salted eggs', 'Tarumajaya')
    >>> name_of("salted_eggs", {"salted_eggs": "Egg of the house"}, "en"), name_of("kujang", {}, "en")
    ('Egg of the house', 'kujang')
    """
    name = called(code, names)
    return name if isinstance(name, str) else name.text(language)


def column_of(codes: Iterable[object], names: Names, language: Language) -> list[str]:
    """Return the names of a table's column, a dash where nothing is there to be named.

    Examples
    --------
    >>> column_of(["batik", None], {}, "en")
    ['Batik', '–']
    """
    return [name_of(code, names, language) if isinstance(code, str) else "–" for code in codes]


def _is_code(text: str) -> bool:
    return len(text) in (KECAMATAN_LENGTH, CODE_LENGTH) and text.isdigit()


@cache
def _official() -> Mapping[str, str]:
    register = load_register()
    return {**register.kecamatan(), **{village.code: village.name for village in register}}


@cache
def _listed() -> Names:
    return {**STAGES, **{name: product.name for name, product in known_products().items()}}
