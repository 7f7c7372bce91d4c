"""The register of villages, and what messy entries come to."""
# ruff: noqa: E501 - the sentences stand whole in their tables

from __future__ import annotations

import ast
import csv
import gzip
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pk_research.errors import BadInput, NotFound
from pk_research.language import catalogue
from pk_research.register import (
    Register,
    find_changes,
    load_register,
    make_crosswalk,
    normalise_code,
    resolve,
    resolve_all,
    village_at,
)
from pk_research.register.files import villages_csv

REGISTER = load_register()


def table(text: str) -> list[list[str]]:
    """Read a table drawn with bars; its first line is the heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def small_register() -> Register:
    """Three villages called Sukamaju, two with numerals, and a desa and a kelurahan of one name."""
    rows = table("""
        code       | name         | kecamatan  | regency
        3216042002 | Sukamaju     | Tambelang  | Kabupaten Bekasi
        3215012003 | Sukamaju     | Karawang   | Kabupaten Karawang
        3215022001 | Sukamaju     | Cikampek   | Kabupaten Karawang
        3215022002 | Mekar Sari I | Cikampek   | Kabupaten Karawang
        3215022003 | Mekarsari II | Cikampek   | Kabupaten Karawang
        3215022004 | Nusaniwe     | Cikampek   | Kabupaten Karawang
        3215021005 | Nusaniwe     | Cikampek   | Kabupaten Karawang
        3275011001 | Bekasijaya   | Tambelang  | Kota Bekasi
        3216042009 | Desa Baru    | Tambelang  | Kabupaten Bekasi
    """)
    return Register(
        tuple(
            village_at(code, name, kecamatan=kecamatan, regency=regency, province="Jawa Barat")
            for code, name, kecamatan, regency in rows
        )
    )


# The villages that ship with the project


def test_kabupaten_bekasi_has_187_villages_in_23_kecamatan():
    assert len(REGISTER) == 187
    assert len(REGISTER.kecamatan()) == 23
    assert [village.kind for village in REGISTER].count("kelurahan") == 8
    assert REGISTER.kecamatan()["321601"] == "Tarumajaya"
    assert REGISTER.by_code("3216011007").kind == "kelurahan"
    assert REGISTER.by_code("3216019999") is None


def test_the_shipped_file_is_in_the_form_the_package_writes(project):
    shipped = (project / "data" / "reference" / "villages_3216.csv").read_bytes()
    assert shipped == villages_csv(reversed(REGISTER.villages))


def test_the_villages_are_those_of_the_boundaries(shared):
    path = shared / "data" / "boundaries" / "bekasi_desa_kelurahan.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    drawn = {
        normalise_code(feature["properties"]["kode"]): feature["properties"]["nama"] for feature in features
    }
    assert drawn == {village.code: village.name for village in REGISTER}


def test_every_changed_code_is_out_of_use_and_has_a_source(project):
    with (project / "data" / "reference" / "code_changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["old_code"] for row in rows}) == 1108
    olds, news = {row["old_code"] for row in rows}, {row["new_code"] for row in rows}
    assert olds.isdisjoint(news)
    assert olds.isdisjoint(village.code for village in REGISTER)
    for row in rows:
        assert normalise_code(row["old_code"]) == row["old_code"]
        assert normalise_code(row["new_code"]) == row["new_code"]
        assert row["source"]
        if row["new_code"].startswith("3216"):
            assert REGISTER.by_code(row["new_code"]).name == row["village"]


# Codes


@pytest.mark.parametrize(
    "written",
    [
        "3216012001", 3216012001, 3216012001.0, "3216012001.0", "3216012001,00", "32.16.01.2001",
        "32 16 01 2001", "32-16-01-2001", "321601.2001", "'3216012001", '="3216012001"', " 3216012001\n",
        "\u00a03216012001", "3.216012001E+09", "3,216012001e9", "3.216.012.001", "3,216,012,001",
    ],
)  # fmt: skip
def test_a_code_is_read_from_whatever_form_it_was_kept_in(written):
    assert normalise_code(written) == "3216012001"


@pytest.mark.parametrize(
    "written",
    [None, "", "-", float("nan"), float("inf"), True, 3216012001.5, -3216012001, "321601200", "32160120011",
     "3.21601E+09", "Sukamaju", "32a6012001"],
)  # fmt: skip
def test_what_is_no_code_is_none(written):
    assert normalise_code(written) is None


def test_single_precision_has_lost_the_last_digits():
    numpy = pytest.importorskip("numpy")
    assert normalise_code(numpy.float64(3216012001)) == "3216012001"
    assert normalise_code(numpy.int64(3216012001)) == "3216012001"
    assert normalise_code(numpy.float32(3216012001)) is None


@given(st.integers(10**9, 10**10 - 1).map(str), st.sampled_from(["", ".", "-", " ", "/"]))
def test_any_code_survives_its_forms(code, separator):
    parts = separator.join((code[:2], code[2:4], code[4:6], code[6:]))
    assert {normalise_code(parts), normalise_code(float(code)), normalise_code(f"{code}.0")} == {code}


# Entries that lead to a village


@pytest.mark.parametrize(
    ("entry", "village", "how"),
    table("""
        entry                                | village            | how
        3216022008                           | Babelankota        | code
        3216022008.0                         | Babelankota        | code
        32.16.02.2008                        | Babelankota        | code
        3216012007                           | Setia Asih         | old code
        32.16.01.2007                        | Setia Asih         | old code
        Desa 3216022008                      | Babelankota        | code
        3216022008 - BABELAN KOTA            | Babelankota        | code
        Babelankota (32.16.02.2008)          | Babelankota        | code
        BABELANKOTA                          | Babelankota        | name
        babelan kota                         | Babelankota        | name
        Suka Maju                            | Sukamaju           | name
        Desa Sukamaju                        | Sukamaju           | name
        Ds. Karang Setia                     | Karangsetia        | name
        DS.KARANGSETIA                       | Karangsetia        | name
        Pemerintah Desa Karang Setia         | Karangsetia        | name
        Kel. Setia-Asih                      | Setia Asih         | name
        Desa/Kelurahan Bahagia               | Bahagia            | name
        KARANG SATU                          | Karangsatu         | name
        Karang I                             | Karangsatu         | spelling
        Karang 01                            | Karangsatu         | spelling
        Soekamadjoe                          | Sukamaju           | spelling
        Tjibuntu                             | Cibuntu            | spelling
        Segara Makmur                        | Sagara Makmur      | spelling
        Setya Mulya                          | Setia Mulya        | spelling
        PANTAI HARAPAN JAYA                  | Pantai Harapanjaya | name
        Sukamaju, Kec. Tambelang, Kab Bekasi | Sukamaju           | name
        Sukamaju (Kecamatan Tambelang)       | Sukamaju           | name
        Sukamaju, Tambelang                  | Sukamaju           | name
    """),
)
def test_one_text_leads_to_its_village(entry, village, how):
    answer = resolve(entry, REGISTER)
    assert (answer.village and answer.village.name, answer.how) == (village, how)
    assert answer.doubt is None
    assert [candidate.village for candidate in answer.candidates] == [answer.village]


@pytest.mark.parametrize(
    ("entry", "name", "kecamatan", "village"),
    table("""
        entry         | name          | kecamatan      | village
        3216012001    | SEGARA MAKMUR |                | 3216012001
        Sagara Makmur | 3216012001.0  |                | 3216012001
        3216012007    | Setia Asih    | Tarumajaya     | 3216011007
        -             | Sukamaju      | Tambelang      | 3216042002
        Sukamaju      | SUKA MAJU     | 32.16.04       | 3216042002
        Sukamju       |               | Kec. Tambelang | 3216042002
        Sukamaju      |               | TAMBELNG       | 3216042002
    """),
)
def test_columns_side_by_side_lead_to_their_village(entry, name, kecamatan, village):
    answer = resolve(entry, REGISTER, name=name, kecamatan=kecamatan, regency="Kab. Bekasi")
    assert answer.village is REGISTER.by_code(village), answer.doubt


# Entries that lead to a doubt


@pytest.mark.parametrize(
    ("entry", "name", "kecamatan", "doubt", "offered"),
    table("""
        entry       | name     | kecamatan  | doubt                                                       | offered
                    |          |            | There is neither a code nor a name.                         |
        Desa        |          |            | There is neither a code nor a name.                         |
        nan         |          | Tambelang  | There is neither a code nor a name.                         |
        321601201   |          |            | The code 321601201 has 9 digits; the code of a village has 10. |
        321604      |          |            | 321604 is the code of kecamatan Tambelang, not of a village. |
        3.21601E+09 |          |            | Digits of the code were rounded away (321601...): keep codes as text. |
        3216042099  |          |            | No village has the code 3216042099.                         |
        3216061002  |          |            | No village has the code 3216061002.                         | Lambangsari
        3215012001  |          |            | The code 3215012001 lies in regency 3215, which this register does not hold. |
        3216050001  |          |            | No village has the code 3216050001. It is built like a code of BPS, which needs a crosswalk. |
        3216042003  | Sukamaju |            | The code 3216042003 is of Sukaraja (Tambelang, Kabupaten Bekasi), but the name given is Sukamaju. | Sukaraja, Sukamaju
        3216042002  | Bahagia  |            | The code 3216042002 is of Sukamaju (Tambelang, Kabupaten Bekasi), but the name given is Bahagia. | Sukamaju, Bahagia
        3216042002  |          | Babelan    | The code 3216042002 is of Sukamaju (Tambelang, Kabupaten Bekasi), not in Babelan. | Sukamaju
        3216042002  |          | Lembang    | The register holds no kecamatan Lembang there.              | Sukamaju
        Sukamaju    |          | Lembang    | The register holds no kecamatan Lembang there.              | Sukamaju
        Sukamaju    |          | Babelan    | No village there is called Sukamaju, but Sukamaju (Tambelang, Kabupaten Bekasi) is. | Sukamaju
        Sukamaju    | Bahagia  |            | Two different names are given: Sukamaju and Bahagia.        |
        3216042099  | Sukamaju |            | No village has the code 3216042099.                         | Sukamaju
        Zzz         |          |            | No village is called Zzz, or anything like it.              |
    """),
)  # fmt: skip
def test_what_is_not_certain_is_offered_with_the_reason(entry, name, kecamatan, doubt, offered):
    answer = resolve(entry, REGISTER, name=name, kecamatan=kecamatan)
    assert answer.village is None
    assert answer.how == ""
    assert answer.doubt.text("en") == doubt
    assert ", ".join(candidate.village.name for candidate in answer.candidates[:2]) == offered


def test_a_name_that_resembles_several_is_not_guessed():
    answer = resolve("Karangstia", REGISTER)
    assert answer.village is None
    assert answer.doubt.text("en") == "No village is called Karangstia: those most alike are listed."
    likest = [(candidate.village.name, round(candidate.score)) for candidate in answer.candidates[:3]]
    assert likest == [("Karangsetia", 91), ("Karangsatria", 83), ("Karangsegar", 73)]
    assert answer.candidates[0].reason.text("id") == "namanya mirip: 91 dari 100"


@pytest.mark.parametrize(
    ("entry", "kecamatan", "regency", "village"),
    table("""
        entry              | kecamatan | regency        | village
        Sukamaju           |           |                | 3 villages are called Sukamaju: more must be known to choose.
        Sukamaju           |           | Kab. Karawang  | 2 villages are called Sukamaju: more must be known to choose.
        Sukamaju           |           | Kab. Bekasi    | 3216042002
        Sukamaju           |           | 3216           | 3216042002
        Sukamaju           |           | Bekasi         | 3216042002
        Sukamaju           |           | Kab. Bekassi   | 3216042002
        Sukamaju           |           | Kota Bandung   | The register holds no regency Kota Bandung.
        Sukamaju           | Cikampek  |                | 3215022001
        Sukamaju           | Tambelang |                | 3216042002
        Bekasijaya         | Tambelang | Kabupaten Bekasi | No village is called Bekasijaya, or anything like it.
        Mekarsari I        |           |                | 3215022002
        Mekarsari 2        |           |                | 3215022003
        MEKAR SARI DUA     |           |                | 3215022003
        Mekarsari III      |           |                | No village is called Mekarsari III: those most alike are listed.
        Nusaniwe           | Cikampek  |                | 2 villages are called Nusaniwe: more must be known to choose.
        Kel. Nusaniwe      | Cikampek  |                | 3215021005
        Desa Nusaniwe      | Cikampek  |                | 3215022004
        Desa Baru          |           |                | 3216042009
        Baru               | Tambelang |                | 3216042009
    """),
)  # fmt: skip
def test_between_homonyms_only_more_knowledge_decides(entry, kecamatan, regency, village):
    answer = resolve(entry, small_register(), kecamatan=kecamatan, regency=regency)
    assert (answer.village.code if answer.village else answer.doubt.text("en")) == village


def test_numerals_are_never_taken_for_one_another():
    register = Register(
        (village_at("3215022002", "Mekarsari I", kecamatan="A", regency="Kabupaten B", province="C"),)
    )
    assert resolve("Mekarsari Satu", register).village
    for other in ("Mekarsari II", "Mekarsari", "Mekarsari 3"):
        assert resolve(other, register).village is None
        assert resolve("3215022002", register, name=other).village is None


# Codes of BPS


def crosswalk():
    pairs = table("""
        bps          | kemendagri
        3216050001.0 | 32.16.03.2001
        3216050002.0 | 32.16.03.2002
        3216050002.0 | 32.16.03.2003
        3216010007.0 | 32.16.01.2007
        3216010007.0 | 32.16.01.1007
        3216042002.0 | 32.16.04.2003
        3216050009.0 | 32.16.03.2099
        3216050003.0 |
    """)
    return make_crosswalk(pairs)


def test_a_crosswalk_reports_what_it_could_not_settle():
    made = crosswalk()
    assert len(made) == 5
    assert made["3216050001"] == ("3216032001",)
    assert set(made.conflicts) == {"3216050002", "3216010007"}
    assert made.unreadable == (("3216050003.0", ""),)
    assert make_crosswalk([("3216050001", "3216032001"), ("3216050002", "3216032001")]).shared == {
        "3216032001": ("3216050001", "3216050002")
    }


def test_a_crosswalk_is_made_from_a_frame():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"bps": [3216050001.0, None], "kemendagri": ["32.16.03.2001", None]})
    assert make_crosswalk(frame)["3216050001"] == ("3216032001",)


@pytest.mark.parametrize(
    ("code", "name", "answer"),
    table("""
        code         | name        | answer
        3216050001.0 |             | Sukaringin, bps code
        3216010007   |             | Setia Asih, bps code
        3216050002   |             | The crosswalk leads from BPS code 3216050002 to 2 villages.
        3216050002   | SUKA DAYA   | Sukadaya, bps code
        3216050009   |             | The crosswalk leads from BPS code 3216050009 to 3216032099, which is not in the register.
        3216042002   |             | 3216042002 is the Kemendagri code of Sukamaju (Tambelang, Kabupaten Bekasi) and the BPS code of Sukaraja (Tambelang, Kabupaten Bekasi).
        3216042002   | Sukaraja    | Sukaraja, bps code
        3216042002   | Sukamaju    | Sukamaju, code
        3216032001   |             | Sukaringin, code
    """),
)  # fmt: skip
def test_a_crosswalk_opens_the_codes_of_bps(code, name, answer):
    found = resolve(code, REGISTER, name=name, crosswalk=crosswalk())
    said = f"{found.village.name}, {found.how}" if found.village else found.doubt.text("en")
    assert said == answer


def test_a_plain_mapping_is_a_crosswalk_too():
    assert resolve(3216050001.0, REGISTER, crosswalk={"3216050001": "3216032001"}).how == "bps code"


# Many entries at once

MESSY = st.one_of(
    st.text(max_size=30),
    st.floats(),
    st.none(),
    st.integers(),
    st.sampled_from([v.code for v in REGISTER] + [v.name.upper() for v in REGISTER]),
)


@given(st.lists(st.tuples(MESSY, MESSY, MESSY), max_size=6))
def test_many_at_once_are_answered_as_one_by_one(rows):
    texts, names, kecamatan = ([row[column] for row in rows] for column in range(3))
    together = resolve_all(texts, REGISTER, names=names, kecamatan=kecamatan, n_jobs=2)
    assert together == tuple(
        resolve(text, REGISTER, name=name, kecamatan=inner) for text, name, inner in rows
    )
    for answer in together:
        assert (answer.village is None) == (answer.doubt is not None) == (answer.how == "")
        if answer.village:
            assert [candidate.village for candidate in answer.candidates] == [answer.village]


@given(st.sampled_from(REGISTER.villages), st.data())
def test_case_spaces_and_signs_never_matter(village, data):
    signs = st.sampled_from(["", " ", "-", ".", "  "])
    written = "".join(
        letter + data.draw(signs)
        for letter in data.draw(st.sampled_from([village.name, village.name.upper()]))
    )
    assert resolve(written, REGISTER).village is village


def test_columns_of_another_length_are_refused():
    with pytest.raises(BadInput, match="there are 1 for 2 texts"):
        resolve_all(["a", "b"], REGISTER, names=["a"])


# Files


def test_a_register_that_is_not_there_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(NotFound, match=r"nowhere\.csv: there is no such register file"):
        load_register(path=tmp_path / "nowhere.csv")


def test_outside_the_project_the_remedy_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("pk_research.register.files.project_folder", lambda: tmp_path)
    with pytest.raises(NotFound, match="Run from the project's folder, or give the path of a register file"):
        load_register()


def test_every_damaged_line_of_a_register_is_named(tmp_path):
    header, first, second, *_ = villages_csv(REGISTER).decode().splitlines()
    path = tmp_path / "villages.csv"
    lines = [
        header,
        first,
        first,
        second.replace("desa", "kelurahan"),
        second.replace("3216012001", "32160"),
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_register(path=path)
    assert [problem.what for problem in caught.value.problems] == [
        "the code 3216011007 stands there twice",
        "kind is 'kelurahan', but the code 3216012001 says 'desa'",
        "'32160' is not the 10 digits of a code",
    ]
    assert caught.value.problems[0].where == f"{path}, line 3"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("other.csv", b"a,b\n1,2\n"),
        ("latin.csv", "code,name\n1,caf\xe9\n".encode("latin-1")),
        ("cut.csv.gz", gzip.compress(villages_csv(REGISTER), mtime=0)[:-200]),
        ("plain.csv.gz", b"code,name\n"),
    ],
)
def test_a_file_that_is_no_register_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=re.escape(str(path))):
        load_register(path=path)


# Codes that change


def test_changes_are_found_only_where_one_village_of_a_name_went_and_one_came():
    def edition(text: str) -> list:
        return [
            village_at(code, name, kecamatan="-", regency=regency, province="-")
            for code, name, regency in table(text)
        ]

    before = edition("""
        code       | name       | regency
        3216012007 | SETIA ASIH | KABUPATEN BEKASI
        3209392001 | SAMBENG    | KABUPATEN CIREBON
        9201011001 | MAKBON     | KABUPATEN SORONG
        3216012002 | SEGARAJAYA | KABUPATEN BEKASI
        7206072021 | MBOKITTA   | KABUPATEN MOROWALI
        9201072028 | MAIBO      | KABUPATEN SORONG
        9201432001 | MAIBO      | KABUPATEN SORONG
    """)
    after = edition("""
        code       | name       | regency
        3216011007 | Setia Asih | Kabupaten Bekasi
        3209212016 | Sambeng    | Kabupaten Cirebon
        9601011001 | Makbon     | Kabupaten Sorong
        3216012002 | Segarajaya | Kabupaten Bekasi
        7206202006 | Mbokita    | Kabupaten Morowali
        9601052006 | Maibo      | Kabupaten Sorong
        9601182001 | Maibo      | Kabupaten Sorong
    """)
    assert [(c.old_code, c.new_code, c.reason) for c in find_changes(before, after)] == [
        ("3209392001", "3209212016", "other kecamatan"),
        ("3216012007", "3216011007", "desa or kelurahan"),
        ("9201011001", "9601011001", "regency renumbered"),
    ]


# What stakeholders read


def test_every_sentence_is_translated(project):
    texts = catalogue("id")
    for path in sorted((project / "pk_research" / "register").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message":
                sentence = node.args[0].value
                assert sentence in texts, f"{path.name}: {sentence}"
                assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", texts[sentence]))
