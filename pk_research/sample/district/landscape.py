"""How far each village is town, factory belt, rice plain, coast or hills."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pk_research.register import Village
from pk_research.sample.district.chance import Array, Chance

_BY_KECAMATAN = {
    #          urban industry rice coast hills
    "321601": (4.0, 0.5, 2.0, 1.0, 0.0),  # Tarumajaya
    "321602": (4.0, 0.5, 3.0, 0.7, 0.0),  # Babelan
    "321603": (0.3, 0.0, 9.0, 0.4, 0.0),  # Sukawangi
    "321604": (0.5, 0.0, 9.0, 0.0, 0.0),  # Tambelang
    "321605": (5.0, 0.5, 3.0, 0.0, 0.0),  # Tambun Utara
    "321606": (9.0, 1.5, 0.0, 0.0, 0.0),  # Tambun Selatan
    "321607": (3.5, 4.0, 1.0, 0.0, 0.0),  # Cibitung
    "321608": (1.2, 9.0, 0.0, 0.0, 0.2),  # Cikarang Barat
    "321609": (1.5, 9.0, 0.3, 0.0, 0.0),  # Cikarang Utara
    "321610": (1.5, 1.5, 6.0, 0.0, 0.0),  # Karang Bahagia
    "321611": (1.0, 3.0, 4.5, 0.0, 0.0),  # Cikarang Timur
    "321612": (1.0, 0.6, 7.0, 0.0, 0.0),  # Kedung Waringin
    "321613": (0.2, 0.0, 9.0, 0.0, 0.2),  # Pebayuran
    "321614": (0.2, 0.0, 9.0, 0.0, 0.0),  # Sukakarya
    "321615": (0.8, 0.2, 8.0, 0.0, 0.0),  # Sukatani
    "321616": (0.2, 0.0, 8.0, 1.2, 0.0),  # Cabangbungin
    "321617": (0.0, 0.0, 0.6, 9.0, 0.0),  # Muaragembong
    "321618": (2.0, 1.0, 0.8, 0.0, 5.0),  # Setu
    "321619": (0.8, 8.0, 0.2, 0.0, 1.5),  # Cikarang Selatan
    "321620": (0.5, 5.0, 0.5, 0.0, 3.5),  # Cikarang Pusat
    "321621": (1.5, 1.0, 0.5, 0.0, 6.0),  # Serang Baru
    "321622": (0.8, 0.3, 0.6, 0.0, 8.5),  # Cibarusah
    "321623": (0.0, 0.2, 0.5, 0.0, 9.0),  # Bojongmangu
}
_ON_THE_SHORE = ("3216012001", "3216012002", "3216012006", "3216022004", "3216022005", "3216162001")
_SHORE = (0.5, 0.2, 1.5, 7.0, 0.0)
_KELURAHAN = (7.0, 1.5, 0.3, 0.0, 0.0)
_UNEVENNESS = 0.45


def landscape_shares(villages: Sequence[Village], chance: Chance) -> Array:
    """Draw the share of each landscape in each village.

    Villages of a kecamatan resemble one another without being alike; those on the Java Sea and
    the kelurahan differ from their neighbours.

    Returns
    -------
    numpy.ndarray
        Villages by `questionnaire.LANDSCAPES`; rows sum to 1.
    """
    usual = np.array([_usual(village) for village in villages])
    drawn = usual * np.exp(_UNEVENNESS * chance.normal("landscape", usual.shape))
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def _usual(village: Village) -> tuple[float, ...]:
    if village.kind == "kelurahan":
        return _KELURAHAN
    if village.code in _ON_THE_SHORE:
        return _SHORE
    return _BY_KECAMATAN[village.kecamatan_code]
