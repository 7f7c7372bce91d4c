"""The variables that several sources share, declared once and under one name."""

from __future__ import annotations

from pk_research.codebook import Label, Variable

KEMENDAGRI = "Kode dan Data Wilayah Administrasi Pemerintahan, Kementerian Dalam Negeri"
PERMENDES = "Permendesa PDTT 2/2016"

VILLAGE_CODE = Variable(
    "village_code", "Kode desa/kelurahan (Kemendagri)", "Village code (Kemendagri)", "code", source=KEMENDAGRI
)
BPS_VILLAGE_CODE = Variable(
    "bps_village_code", "Kode desa/kelurahan (BPS)", "Village code (BPS)", "code", source="BPS"
)
VILLAGE = Variable("village", "Desa/kelurahan", "Village", "string")
KECAMATAN_CODE = Variable("kecamatan_code", "Kode kecamatan", "Kecamatan code", "code", source=KEMENDAGRI)
KECAMATAN = Variable("kecamatan", "Kecamatan", "Kecamatan (sub-district)", "string")
REGENCY_CODE = Variable("regency_code", "Kode kabupaten/kota", "Regency code", "code", source=KEMENDAGRI)
REGENCY = Variable("regency", "Kabupaten/kota", "Regency or city", "string")
PROVINCE_CODE = Variable("province_code", "Kode provinsi", "Province code", "code", source=KEMENDAGRI)
PROVINCE = Variable("province", "Provinsi", "Province", "string")
YEAR = Variable("year", "Tahun", "Year", "integer", minimum=1945, maximum=2100)

IKS = Variable(
    "iks", "Indeks Ketahanan Sosial", "Social resilience index (IKS)", "number",
    minimum=0, maximum=1, source=PERMENDES,
)  # fmt: skip
IKE = Variable(
    "ike", "Indeks Ketahanan Ekonomi", "Economic resilience index (IKE)", "number",
    minimum=0, maximum=1, source=PERMENDES,
)  # fmt: skip
IKL = Variable(
    "ikl", "Indeks Ketahanan Lingkungan", "Environmental resilience index (IKL)", "number",
    minimum=0, maximum=1, source=PERMENDES,
)  # fmt: skip
IDM = Variable(
    "idm", "Indeks Desa Membangun", "Village development index (IDM)", "number",
    minimum=0, maximum=1, source=PERMENDES,
)  # fmt: skip
IDM_STATUS = Variable(
    "idm_status", "Status IDM", "IDM status", "category",
    categories=(
        Label("Sangat Tertinggal", "Sangat Tertinggal", "Very underdeveloped"),
        Label("Tertinggal", "Tertinggal", "Underdeveloped"),
        Label("Berkembang", "Berkembang", "Developing"),
        Label("Maju", "Maju", "Advanced"),
        Label("Mandiri", "Mandiri", "Independent"),
    ),
    source=PERMENDES,
)  # fmt: skip
