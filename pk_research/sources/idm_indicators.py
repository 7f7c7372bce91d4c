"""The fifty indicators of IDM, by number."""

from __future__ import annotations

from pk_research.codebook import Codebook, Variable
from pk_research.sources.vocabulary import PERMENDES

MAX_SCORE = 5

_LABELS = {
    "iks": (
        ("Akses sarana kesehatan", "Access to a health facility"),
        ("Ketersediaan dokter", "Doctors"),
        ("Ketersediaan bidan", "Midwives"),
        ("Ketersediaan tenaga kesehatan lain", "Other health workers"),
        ("Tingkat kepesertaan BPJS", "Share insured by BPJS"),
        ("Akses ke poskesdes", "Access to a village health post"),
        ("Aktivitas posyandu", "Activity of the posyandu (mother and child clinics)"),
        ("Akses ke SD/MI", "Access to a primary school"),
        ("Akses ke SMP/MTs", "Access to a junior secondary school"),
        ("Akses ke SMA/SMK", "Access to a senior secondary school"),
        ("Ketersediaan PAUD", "Early childhood education"),
        ("Ketersediaan PKBM/Paket ABC", "Community learning centre or equivalency classes"),
        ("Ketersediaan kursus", "Skills courses"),
        ("Ketersediaan taman baca/perpustakaan desa", "Reading room or village library"),
        ("Kebiasaan gotong royong", "Custom of mutual help (gotong royong)"),
        ("Frekuensi gotong royong", "Frequency of mutual help (gotong royong)"),
        ("Ketersediaan ruang publik", "Public space"),
        ("Kelompok olahraga", "Sports groups"),
        ("Kegiatan olahraga", "Sports activities"),
        ("Keragaman agama", "Diversity of religions"),
        ("Keragaman bahasa", "Diversity of languages"),
        ("Keragaman komunikasi (suku)", "Diversity of ethnic groups in contact"),
        ("Pos keamanan lingkungan", "Neighbourhood watch posts"),
        ("Sistem keamanan lingkungan", "Neighbourhood watch system"),
        ("Konflik", "Absence of conflict"),
        ("Penyandang masalah kesejahteraan sosial", "Absence of people in need of social care"),
        ("Sekolah luar biasa", "Special-needs schooling"),
        ("Akses listrik", "Access to electricity"),
        ("Sinyal telepon", "Telephone signal"),
        ("Internet di kantor desa", "Internet in the village office"),
        ("Akses internet warga", "Internet access of residents"),
        ("Akses jamban", "Access to a toilet"),
        ("Pembuangan sampah", "Waste disposal"),
        ("Sumber air minum", "Source of drinking water"),
        ("Sumber air mandi dan cuci", "Source of water for washing"),
    ),
    "ike": (
        ("Keragaman produksi", "Diversity of production"),
        ("Akses ke pertokoan", "Access to a shopping area"),
        ("Ketersediaan pasar", "Permanent market"),
        ("Toko dan warung kelontong", "Shops and grocery stalls"),
        ("Kedai dan penginapan", "Eating places and lodgings"),
        ("Pos dan jasa logistik", "Post and logistics services"),
        ("Bank dan BPR", "Banks and rural banks"),
        ("Akses kredit", "Access to credit"),
        ("Lembaga ekonomi (koperasi dan BUMDes)", "Economic institutions (cooperatives and BUMDes)"),
        ("Moda transportasi umum", "Public transport"),
        ("Keterbukaan wilayah", "Access by road throughout the year"),
        ("Kualitas jalan", "Road surface"),
    ),
    "ikl": (
        ("Kualitas lingkungan", "Environmental quality (absence of pollution)"),
        ("Rawan bencana", "Absence of disasters"),
        ("Tanggap bencana", "Disaster preparedness"),
    ),
}

N_INDICATORS = {index: len(labels) for index, labels in _LABELS.items()}


def indicator_names(index: str) -> tuple[str, ...]:
    """Return the column names of a sub-index's indicators, in the order of the regulation.

    Examples
    --------
    >>> indicator_names("ikl")
    ('ikl01', 'ikl02', 'ikl03')
    """
    return tuple(f"{index}{n:02}" for n in range(1, N_INDICATORS[index] + 1))


VARIABLES = Codebook(
    tuple(
        Variable(
            name,
            label_id,
            label_en,
            "integer",
            unit="score 0-5",
            minimum=0,
            maximum=MAX_SCORE,
            source=PERMENDES,
        )
        for index, labels in _LABELS.items()
        for name, (label_id, label_en) in zip(indicator_names(index), labels, strict=True)
    )
)
