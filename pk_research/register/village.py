"""One village, and what its code says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["desa", "kelurahan"]

CODE_LENGTH = 10
KECAMATAN_LENGTH = 6
REGENCY_LENGTH = 4
PROVINCE_LENGTH = 2
KELURAHAN_DIGIT = "1"


@dataclass(frozen=True, slots=True)
class Village:
    """A desa or kelurahan of the register.

    Attributes
    ----------
    code
        Kemendagri code, 10 digits as text.
    name
        As the decree writes it.
    kecamatan_code, kecamatan
        Its kecamatan: 6 digits, name.
    regency_code, regency
        Its kabupaten or kota: 4 digits, name.
    province_code, province
        Its province: 2 digits, name.
    kind
        ``"desa"`` or ``"kelurahan"``, from the code.
    """

    code: str
    name: str
    kecamatan_code: str
    kecamatan: str
    regency_code: str
    regency: str
    province_code: str
    province: str
    kind: Kind


def village_at(code: str, name: str, *, kecamatan: str, regency: str, province: str) -> Village:
    """Build a village, reading from its code all that the code says.

    Parameters
    ----------
    code
        Kemendagri code, 10 digits.
    name, kecamatan, regency, province
        The names.

    Examples
    --------
    >>> village = village_at("3216011007", "Setia Asih", kecamatan="Tarumajaya",
    ...                      regency="Kabupaten Bekasi", province="Jawa Barat")
    >>> village.kind, village.kecamatan_code
    ('kelurahan', '321601')
    """
    return Village(
        code=code,
        name=name,
        kecamatan_code=code[:KECAMATAN_LENGTH],
        kecamatan=kecamatan,
        regency_code=code[:REGENCY_LENGTH],
        regency=regency,
        province_code=code[:PROVINCE_LENGTH],
        province=province,
        kind=kind_of(code),
    )


def kind_of(code: str) -> Kind:
    """Tell a desa from a kelurahan by the seventh digit of the code.

    Parameters
    ----------
    code
        Kemendagri code, 10 digits. 1 in seventh place is a kelurahan, 2 a desa, 3 a desa adat,
        which the Village Law (UU 6/2014) counts as a desa.

    Examples
    --------
    >>> kind_of("3216011007"), kind_of("3216012001")
    ('kelurahan', 'desa')
    """
    return "kelurahan" if code[KECAMATAN_LENGTH] == KELURAHAN_DIGIT else "desa"
