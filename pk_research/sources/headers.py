"""From headings as people write them to column names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from pk_research.codebook import Variable
from pk_research.sources import vocabulary as v
from pk_research.sources.cells import text_of
from pk_research.sources.columns import Cell

_NOT_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9]+")

# Headings that Indonesian offices use for what several sources share.
KNOWN: Mapping[str, Variable] = {
    heading: variable
    for variable, headings in (
        (
            v.VILLAGE_CODE,
            "kode_desa kode_desa_kelurahan kode_kelurahan kodedesa id_desa kode_desakel village_code",
        ),
        (v.VILLAGE, "desa nama_desa nama_desa_kelurahan desa_kelurahan kelurahan nama_kelurahan village"),
        (v.KECAMATAN_CODE, "kode_kec kode_kecamatan id_kec id_kecamatan kecamatan_code"),
        (v.KECAMATAN, "kecamatan nama_kec nama_kecamatan"),
        (
            v.REGENCY_CODE,
            "kode_kab kode_kabupaten kode_kabupaten_kota kode_kabkota id_kab id_kabupaten regency_code",
        ),
        (v.REGENCY, "kabupaten kabupaten_kota kab_kota nama_kab nama_kabupaten nama_kabupaten_kota regency"),
        (v.PROVINCE_CODE, "kode_prov kode_provinsi kode_propinsi id_prov id_provinsi province_code"),
        (v.PROVINCE, "provinsi propinsi nama_prov nama_provinsi nama_propinsi province"),
        (v.YEAR, "tahun year"),
    )
    for heading in headings.split()
}


def heading_of(cell: Cell) -> str:
    r"""Return a heading on one line.

    Examples
    --------
    >>> heading_of("\nTAPM_Kabupaten  Kota "), heading_of(2019.0)
    ('TAPM_Kabupaten Kota', '2019')
    """
    return " ".join(text_of(cell).split())


def column_name(heading: str) -> str:
    """Make a column name of a heading: lower-case ASCII words joined by underscores.

    Examples
    --------
    >>> column_name("Bak/Tong Sampah"), column_name("2019"), column_name("Désa (%)"), column_name("村")
    ('bak_tong_sampah', 'v2019', 'desa', '')
    """
    ascii_only = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    name = _NOT_LETTER_OR_DIGIT.sub("_", ascii_only).strip("_")
    return f"v{name}" if name[:1].isdigit() else name


def unique_names(wanted: Sequence[str]) -> list[str]:
    """Make names unique: ``_2``, ``_3`` ... for repeated ones, ``column_5`` for empty ones.

    Examples
    --------
    >>> unique_names(["desa", "", "desa", "desa_2"])
    ['desa', 'column_2', 'desa_3', 'desa_2']
    """
    taken = set(wanted)
    names: list[str] = []
    for n, name in enumerate(wanted, 1):
        given = name or f"column_{n}"
        if given in names:
            again = 2
            while f"{given}_{again}" in taken:
                again += 1
            given = f"{given}_{again}"
        taken.add(given)
        names.append(given)
    return names
