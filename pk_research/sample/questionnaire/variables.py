"""The variables of the made survey, declared once."""

from __future__ import annotations

from dataclasses import replace

from pk_research.codebook import Codebook, Label, Variable
from pk_research.sample.questionnaire.products import PRODUCTS
from pk_research.sample.questionnaire.questions import MADE, choice, count, measure, percent, present
from pk_research.sources.vocabulary import (
    IDM,
    IDM_STATUS,
    IKE,
    IKL,
    IKS,
    KECAMATAN,
    VILLAGE,
    VILLAGE_CODE,
    YEAR,
)

DESA = "desa (not kelurahan)"
WITH_BUMDES = "desa with a BUMDes"
LEVEL = "level 1-5"


def _aspect(name: str, label_id: str, label_en: str) -> Variable:
    return count(name, label_id, label_en, LEVEL, minimum=1, maximum=5, universe=WITH_BUMDES)


IDENTITY = (
    VILLAGE_CODE,
    YEAR,
    KECAMATAN,
    VILLAGE,
    Variable(
        "village_kind",
        "Jenis (desa atau kelurahan)",
        "Kind (desa or kelurahan)",
        "category",
        categories=(Label("desa", "Desa", "Desa (village)"), Label("kelurahan", "Kelurahan", "Urban ward")),
        source=VILLAGE_CODE.source,
    ),
    Variable("interview_date", "Tanggal wawancara", "Date of the interview", "date", source=MADE),
    Variable("enumerator", "Kode pencacah", "Enumerator", "code", source=MADE),
    choice(
        "respondent",
        "Responden",
        "Respondent",
        ("Kepala desa/lurah", "Head of the village"),
        ("Sekretaris desa", "Village secretary"),
        ("Perangkat desa", "Village official"),
    ),
)
PEOPLE = (
    count("population", "Penduduk", "Population", "persons", minimum=500, maximum=120_000),
    count("households", "Rumah tangga", "Households", "households", minimum=150, maximum=40_000),
    count("poor_households", "Rumah tangga miskin", "Poor households", "households"),
    count("unemployed", "Penganggur terbuka", "Unemployed persons", "persons"),
    count("stunted_children", "Anak balita stunting", "Stunted children under five", "persons"),
    count(
        "income_idr_month",
        "Rata-rata pendapatan rumah tangga per bulan",
        "Mean household income a month",
        "IDR/month",
        minimum=500_000,
        maximum=25_000_000,
    ),
)
ECONOMY = (
    choice(
        "livelihood",
        "Mata pencaharian utama",
        "Main livelihood",
        ("Pertanian", "Farming"),
        ("Perikanan", "Fishing and ponds"),
        ("Industri", "Manufacturing"),
        ("Perdagangan dan jasa", "Trade and services"),
    ),
    measure("rice_field_ha", "Luas sawah", "Rice fields", "ha", maximum=3000),
    measure("dryland_ha", "Luas ladang dan kebun", "Dry fields and gardens", "ha", maximum=3000),
    measure("fishpond_ha", "Luas tambak dan kolam", "Fish ponds", "ha", maximum=5000),
    count("factory_workers", "Warga yang bekerja di pabrik", "Residents working in factories", "persons"),
    count("umkm_count", "Usaha mikro, kecil, dan menengah", "Small enterprises (UMKM)", "enterprises"),
    count("rented_rooms", "Kamar kos dan kontrakan", "Rented rooms", "rooms"),
    measure(
        "market_km", "Jarak ke pasar permanen terdekat", "Distance to a permanent market", "km", maximum=60
    ),
    measure("toll_gate_km", "Jarak ke gerbang tol terdekat", "Distance to a toll gate", "km", maximum=80),
    choice(
        "road_condition",
        "Kondisi jalan desa",
        "Condition of village roads",
        ("Baik", "Good"),
        ("Sedang", "Fair"),
        ("Rusak ringan", "Slightly damaged"),
        ("Rusak berat", "Badly damaged"),
    ),
    choice(
        "phone_signal",
        "Sinyal telepon",
        "Telephone signal",
        ("Kuat", "Strong"),
        ("Lemah", "Weak"),
        ("Tidak ada", "None"),
    ),
    present("bank", "Bank atau agen bank", "Bank or bank agent"),
    present("cooperative", "Koperasi aktif", "Active cooperative"),
    count("village_fund_idr_year", "Dana desa", "Village fund", "IDR/year", universe=DESA),
    count("own_revenue_idr_year", "Pendapatan asli desa", "Village's own revenue", "IDR/year", universe=DESA),
)
PRODUCT = (
    choice(
        "flagship_product",
        "Produk unggulan",
        "Flagship product",
        *((product.name, product.english) for product in PRODUCTS),
    ),
    count(
        "product_sellers", "Pelaku usaha produk unggulan", "Makers and sellers of the product", "enterprises"
    ),
    count(
        "product_sales_idr_month",
        "Penjualan produk unggulan per bulan",
        "Sales of the product a month",
        "IDR/month",
    ),
    choice(
        "product_packaging",
        "Kemasan",
        "Packaging",
        ("Tanpa kemasan", "Unpacked"),
        ("Kemasan polos", "Plain pack"),
        ("Kemasan berlabel", "Labelled pack"),
    ),
    choice(
        "product_permit",
        "Izin atau sertifikat produk",
        "Permit or certificate of the product",
        ("Tidak ada", "None"),
        ("PIRT/NIB", "Home industry or business number"),
        ("PIRT dan halal", "Home industry number and halal"),
    ),
    choice(
        "product_buyer",
        "Pembeli utama",
        "Main buyer",
        ("Warga sekitar", "Residents"),
        ("Pasar", "Market"),
        ("Tengkulak", "Middleman"),
        ("Hotel/restoran", "Hotels and restaurants"),
        ("Daring", "Online"),
    ),
    count(
        "hotel_restaurant_buyers", "Hotel dan restoran pembeli", "Hotels and restaurants that buy", "buyers"
    ),
    percent("online_sales_pct", "Bagian penjualan daring", "Share of sales made online"),
)
BUMDES = (
    present("bumdes", "BUMDes", "Village enterprise (BUMDes)", universe=DESA),
    choice(
        "bumdes_legal",
        "Status badan hukum BUMDes",
        "Legal status of the BUMDes",
        ("Berbadan hukum", "Incorporated"),
        ("Dalam proses", "In progress"),
        ("Belum", "Not yet"),
        universe=WITH_BUMDES,
    ),
    count("bumdes_workers", "Pekerja BUMDes", "Workers of the BUMDes", "persons", universe=WITH_BUMDES),
    count(
        "bumdes_turnover_idr_year", "Omzet BUMDes", "Turnover of the BUMDes", "IDR/year", universe=WITH_BUMDES
    ),
    count("bumdes_assets_idr", "Aset BUMDes", "Assets of the BUMDes", "IDR", universe=WITH_BUMDES),
    _aspect("bumdes_institution", "Kelembagaan BUMDes", "BUMDes: institution"),
    _aspect("bumdes_management", "Manajemen BUMDes", "BUMDes: management"),
    _aspect("bumdes_business", "Usaha BUMDes", "BUMDes: business units"),
    _aspect("bumdes_partnership", "Kemitraan BUMDes", "BUMDes: partnerships"),
    _aspect("bumdes_capital", "Aset dan permodalan BUMDes", "BUMDes: assets and capital"),
    _aspect("bumdes_reporting", "Administrasi dan pelaporan BUMDes", "BUMDes: accounts and reporting"),
    _aspect("bumdes_benefit", "Manfaat BUMDes", "BUMDes: benefit to the village"),
)
FACILITIES = (
    count("primary_schools", "SD/MI", "Primary schools", "schools"),
    count("secondary_schools", "SMP, SMA, dan sederajat", "Secondary schools", "schools"),
    choice(
        "health_facility",
        "Sarana kesehatan tertinggi",
        "Highest health facility",
        ("Puskesmas/klinik", "Health centre or clinic"),
        ("Pustu/poskesdes", "Health post"),
        ("Posyandu saja", "Mother and child clinic only"),
    ),
    percent("electricity_pct", "Rumah tangga berlistrik", "Households with electricity"),
    percent("internet_pct", "Rumah tangga berinternet", "Households with internet"),
    percent("clean_water_pct", "Rumah tangga dengan air bersih", "Households with clean water"),
    percent("toilet_pct", "Rumah tangga dengan jamban sendiri", "Households with their own toilet"),
    choice(
        "waste_disposal",
        "Pembuangan sampah",
        "Waste disposal",
        ("Diangkut", "Collected"),
        ("Dibakar/ditimbun", "Burned or buried"),
        ("Ke sungai/saluran", "Into rivers or drains"),
    ),
    choice(
        "disaster",
        "Bencana utama setahun terakhir",
        "Main disaster of the past year",
        ("Tidak ada", "None"),
        ("Banjir", "Flood"),
        ("Rob", "Tidal flood"),
        ("Kekeringan", "Drought"),
        ("Longsor", "Landslide"),
    ),
    count(
        "flood_days_year",
        "Hari tergenang setahun terakhir",
        "Days under water in the past year",
        "days/year",
        maximum=365,
    ),
)
INDEX = tuple(
    replace(variable, universe=DESA, source=f"{MADE}; formula: {variable.source}")
    for variable in (IKS, IKE, IKL, IDM, IDM_STATUS)
)
CODEBOOK = Codebook((*IDENTITY, *PEOPLE, *ECONOMY, *PRODUCT, *BUMDES, *FACILITIES, *INDEX))
ASPECTS = tuple(variable.name for variable in BUMDES if variable.unit == LEVEL)
TYPE_VARIABLES = (
    "rice_field_ha",
    "dryland_ha",
    "fishpond_ha",
    "rented_rooms",
    "income_idr_month",
    "market_km",
    "internet_pct",
)
"""What tells the made villages apart: land, work, welfare and access."""
