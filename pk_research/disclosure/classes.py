"""What each answer and each column is to a release: the one place where that is decided.

Read from top to bottom: the first line that fits decides. A column of which nothing is known is free text,
which leaves only as far as a person has read it; so a question somebody forgot to mark does not slip out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from pk_research.codebook import Variable
    from pk_research.survey.exchange.layout import Field

Class = Literal["personal", "technical", "place", "shape", "file", "key", "sensitive", "text", "open"]
CLASSES: tuple[Class, ...] = get_args(Class)

PERSONAL = frozenset(
    [
        "nik",
        "ktp",
        "npwp",
        "kk",
        "email",
        "surel",
        "phone",
        "telp",
        "telepon",
        "hp",
        "wa",
        "whatsapp",
        "address",
        "alamat",
        "respondent",
        "responden",
        "owner",
        "pemilik",
        "enumerator",
        "pewawancara",
        "recorder",
        "birth",
        "lahir",
        "signature",
        "rekening",
        "account",
    ]
)
"""A word of these in its name, and it tells who somebody is."""

UNLESS = frozenset(["sex", "age", "education", "has", "count", "with", "kind", "position", "pct", "idr"])
"""... unless one of these words says that it is about them, and not who they are."""

TECHNICAL = frozenset(
    [
        "start",
        "end",
        "deviceid",
        "subscriberid",
        "simserial",
        "phonenumber",
        "username",
        "audit",
        "instanceid",
        "instancename",
        "deprecatedid",
    ]
)
"""Names of what a telephone adds to a filling."""

KEYS = frozenset(
    [
        "village",
        "desa",
        "kelurahan",
        "kecamatan",
        "hamlet",
        "dusun",
        "sex",
        "gender",
        "kelamin",
        "age",
        "umur",
        "usia",
        "education",
        "pendidikan",
        "religion",
        "agama",
        "disability",
        "difabel",
        "marital",
        "occupation",
        "pekerjaan",
        "establishment",
        "stars",
        "rooms",
    ]
)
"""What others may know of somebody."""

SENSITIVE = frozenset(["idr", "debt", "utang", "income", "pendapatan", "profit", "laba", "health", "sakit"])
"""What must not become known of somebody."""

LATITUDE = frozenset(["lat", "latitude", "lintang"])
LONGITUDE = frozenset(["lon", "lng", "longitude", "bujur"])

ABOUT_VILLAGES = frozenset({"village_potential", "bumdes_profile", "product_dossier", "coordination_log"})
"""Forms that describe a village or its enterprise, which is public: their keys hide nobody."""

_NUMBERS = ("int", "decimal")
_CHOICES = ("select", "select1", "rank")


def class_of_answer(field: Field) -> Class:
    """Return what a question of a form is to a release.

    Examples
    --------
    >>> from pk_research.survey.exchange.layout import Field
    >>> [class_of_answer(Field("", f"/data/{name}", (name,), kind)) for name, kind in
    ...  [("respondent_phone", "string"), ("owner_sex", "select1"), ("where", "geopoint"), ("kg", "int")]]
    ['personal', 'key', 'place', 'open']
    """
    name = field.steps[-1]
    if name.lower() in TECHNICAL or "/meta/" in field.path or field.kind in ("time", "dateTime"):
        return "technical"
    if field.kind in ("geotrace", "geoshape"):
        return "shape"
    if field.kind in ("geopoint", "binary"):
        return "place" if field.kind == "geopoint" else "file"
    if field.is_personal:
        return "personal"
    is_closed = field.kind in (*_NUMBERS, *_CHOICES, "date")
    return _by_name(name, is_closed=is_closed)


def class_of_variable(variable: Variable) -> Class:
    """Return what a variable of a codebook is to a release; degrees are places.

    Examples
    --------
    >>> from pk_research.codebook import Variable
    >>> [class_of_variable(Variable(name, kind=kind)) for name, kind in
    ...  [("nik", "code"), ("village_code", "code"), ("longitude", "number"), ("remarks", "string")]]
    ['personal', 'key', 'place', 'text']
    """
    if words(variable.name) & (LATITUDE | LONGITUDE):
        return "place"
    if variable.name.lower() in TECHNICAL:
        return "technical"
    is_closed = variable.kind not in ("string", "code")
    is_code = variable.kind == "code" and bool(words(variable.name) & KEYS)
    return _by_name(variable.name, is_closed=is_closed or is_code)


def _by_name(name: str, *, is_closed: bool) -> Class:
    known = words(name)
    if known & PERSONAL and not (is_closed and known & UNLESS):
        return "personal"
    if not is_closed:
        return "text"
    if known & KEYS:
        return "key"
    return "sensitive" if known & SENSITIVE else "open"


def words(name: str) -> frozenset[str]:
    """Return the words of a column's name.

    Examples
    --------
    >>> sorted(words("owner_ageYears"))
    ['age', 'owner', 'years']
    """
    return frozenset(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))
