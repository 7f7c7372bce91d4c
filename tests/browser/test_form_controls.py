"""Every kind of question: found by its label, answered as a person would, kept by the server."""

from __future__ import annotations

import re

import pytest
from browser.forms import filling, form_of
from playwright.sync_api import expect

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf"
    "500f0003860180a5dd7b0b0000000049454e44ae426082"
)
ANSWER = """([path, value]) => {
  const { form } = document.querySelector("[data-pk-form]").pkForm;
  form.answer(path, value);
  return new Promise((resolve) => setTimeout(resolve));
}"""
CHOICES = """
    | list_name | name  | label          |
    | yesno     | y     | Ya             |
    | yesno     | n     | Tidak          |
    | kind      | food  | Makanan        |
    | kind      | craft | Kerajinan      |
    | kind      | other | Jasa           |
"""


def test_answers_that_are_typed(chromium):
    form = form_of("""
        | type    | name  | label      | appearance    |
        | text    | name  | Nama       |               |
        | text    | story | Cerita     | multiline     |
        | text    | site  | Situs      | url           |
        | text    | nik   | NIK        | numbers       |
        | integer | sales | Penjualan  | thousands-sep |
        | integer | staff | Pekerja    | counter       |
        | decimal | area  | Luas       |               |
        | barcode | code  | Kode       |               |
    """)
    with filling(chromium, form) as desk:
        page = desk.page
        page.get_by_label("Nama").fill("Siti <b>Aminah</b>")
        page.get_by_label("Cerita").fill("baris 1\nbaris 2")
        page.get_by_label("Situs").fill("https://desa.example")
        page.get_by_label("NIK").fill("0321")
        page.get_by_label("Penjualan").fill("1.250.000")
        page.get_by_role("button", name="Tambah satu").click()
        page.get_by_role("button", name="Tambah satu").click()
        page.get_by_label("Luas").fill("1,5")
        page.get_by_label("Kode").fill("899123")
        assert desk.answers == {
            "name": "Siti <b>Aminah</b>",
            "story": "baris 1\nbaris 2",
            "site": "https://desa.example",
            "nik": "0321",
            "sales": "1250000",
            "staff": "2",
            "area": "1.5",
            "code": "899123",
        }
        assert page.get_by_role("link", name="Buka alamat").get_attribute("href") == "https://desa.example"
        expect(page.get_by_label("Penjualan")).to_have_value("1.250.000")


def test_what_is_no_number_is_said_and_left_standing(chromium):
    form = form_of("""
        | type    | name | label |
        | integer | n    | Umur  |
        | text    | t    | Nama  |
    """)
    with filling(chromium, form) as desk:
        desk.page.get_by_label("Umur").fill("dua puluh")
        desk.page.get_by_label("Nama").click()
        expect(desk.question("Umur")).to_contain_text("Tulis dalam bilangan bulat")
        expect(desk.page.get_by_label("Umur")).to_have_value("dua puluh")
        expect(desk.page.get_by_label("Umur")).to_have_attribute("aria-invalid", "true")
        assert desk.answers == {}
        desk.page.get_by_label("Umur").fill("20")
        assert desk.answers == {"n": "20"}
        expect(desk.page.get_by_label("Umur")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("appearance", "role"),
    [
        ("", "radio"),
        ("likert", "radio"),
        ("quick", "radio"),
        ("columns-2", "radio"),
        ("horizontal", "radio"),
    ],
)
def test_one_of_a_few(chromium, appearance, role):
    survey = f"""
        | type             | name | label | appearance   |
        | select_one yesno | q    | Jual? | {appearance} |
        | text             | next | Nama  |              |
    """
    with filling(chromium, form_of(survey, CHOICES)) as desk:
        desk.page.get_by_role("radiogroup", name="Jual?").get_by_role(role, name="Tidak").check()
        assert desk.answers == {"q": "n"}
        if appearance == "quick":
            expect(desk.page.get_by_label("Nama")).to_be_focused()
        desk.page.get_by_role("button", name="Hapus jawaban").click()
        assert desk.answers == {}


def test_choices_in_a_native_list_in_boxes_and_behind_a_search_field(chromium):
    survey = """
        | type                 | name | label | appearance   |
        | select_one kind      | one  | Jenis | minimal      |
        | select_one kind      | seek | Cari  | autocomplete |
        | select_multiple kind | some | Jalur |              |
        | select_multiple kind | more | Lagi  | minimal      |
    """
    with filling(chromium, form_of(survey, CHOICES)) as desk:
        page = desk.page
        page.get_by_label("Jenis").select_option("craft")
        page.get_by_role("combobox", name="Cari").press_sequentially("jas")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        for name in ("Jasa", "Makanan"):
            desk.question("Jalur").get_by_role("checkbox", name=name).check()
        for name in ("Makanan", "Kerajinan"):
            page.get_by_role("combobox", name="Lagi").click()
            desk.question("Lagi").get_by_role("option", name=name).click()
        page.get_by_role("button", name="Hapus Makanan").click()
        assert desk.answers == {"one": "craft", "seek": "other", "some": "food other", "more": "craft"}
        expect(page.get_by_role("combobox", name="Cari")).to_have_value("Jasa")


def test_a_table_of_questions_has_a_row_for_each_and_names_every_button(chromium):
    survey = """
        | type             | name  | label   | appearance |
        | begin group      | t     | Menilai | table-list |
        | select_one yesno | taste | Rasa    |            |
        | select_one yesno | pack  | Kemasan |            |
        | end group        |       |         |            |
    """
    with filling(chromium, form_of(survey, CHOICES)) as desk:
        row = desk.page.get_by_role("radiogroup", name="Kemasan")
        row.get_by_role("radio", name="Tidak").check()
        assert desk.answers == {"t/pack": "n"}
        first, second = (desk.page.get_by_role("radiogroup", name=name) for name in ("Rasa", "Kemasan"))
        left = [group.get_by_role("radio", name="Ya").bounding_box()["x"] for group in (first, second)]
        assert left[0] == left[1]


def test_dates_and_times(chromium):
    form = form_of("""
        | type     | name  | label    | appearance  |
        | date     | born  | Lahir    |             |
        | date     | since | Sejak    | month-year  |
        | date     | year  | Berdiri  | year        |
        | date     | typed | Izin     | no-calendar |
        | time     | opens | Buka     |             |
        | dateTime | visit | Datang   |             |
    """)
    with filling(chromium, form, timezone_id="Asia/Jakarta") as desk:
        page = desk.page
        page.get_by_label("Lahir").fill("1990-02-28")
        desk.question("Sejak").get_by_label("Bulan").select_option(label="Agustus")
        desk.question("Sejak").get_by_label("Tahun").fill("2019")
        desk.question("Berdiri").get_by_label("Tahun").fill("2015")
        for part, text in (("Tanggal", "31"), ("Tahun", "2024")):
            desk.question("Izin").get_by_label(part).fill(text)
        desk.question("Izin").get_by_label("Bulan").select_option("2")
        page.get_by_label("Buka").fill("08:30")
        page.get_by_label("Datang").fill("2024-05-06T07:08")
        expect(desk.question("Izin")).to_contain_text("Tanggal ini tidak ada")
        desk.question("Izin").get_by_label("Tanggal").fill("29")
        assert desk.answers == {
            "born": "1990-02-28",
            "since": "2019-08-01",
            "year": "2015-01-01",
            "typed": "2024-02-29",
            "opens": "08:30:00.000+07:00",
            "visit": "2024-05-06T07:08:00.000+07:00",
        }
        desk.load()
        expect(page.get_by_label("Datang")).to_have_value("2024-05-06T07:08")


def test_scales_and_orders(chromium):
    survey = """
        | type        | name  | label   | appearance | parameters            |
        | range       | score | Mutu    |            | start=0 end=10 step=1 |
        | range       | stars | Puas    | rating     | start=1 end=5 step=1  |
        | range       | pick  | Tingkat | picker     | start=1 end=3 step=1  |
        | rank kind   | order | Urutan  |            |                       |
        | acknowledge | ok    | Setuju  |            |                       |
    """
    with filling(chromium, form_of(survey, CHOICES)) as desk:
        page = desk.page
        assert desk.answers == {}  # a slider that nobody moved is no answer
        page.get_by_role("slider", name="Mutu").press("ArrowRight")
        page.get_by_role("radio", name="4 bintang").check(force=True)
        page.get_by_label("Tingkat").select_option("3")
        page.get_by_role("button", name="Naikkan Jasa").click()
        page.get_by_role("button", name="Naikkan Jasa").press("Enter")
        expect(page.get_by_role("button", name="Naikkan Jasa")).to_be_focused()
        page.get_by_label("Ya, saya sudah membacanya").check()
        assert desk.answers == {
            "score": "6",
            "stars": "4",
            "pick": "3",
            "order": "other food craft",
            "ok": "OK",
        }
        desk.question("Mutu").get_by_label("Dalam angka").fill("9")
        assert desk.answers["score"] == "9"


def test_an_order_can_be_dragged(chromium):
    survey = """
        | type      | name  | label  |
        | rank kind | order | Urutan |
    """
    with filling(chromium, form_of(survey, CHOICES)) as desk:
        first, last = desk.page.locator(".pk-grip").first, desk.page.locator(".pk-grip").last
        first.hover()
        desk.page.mouse.down()
        box = last.bounding_box()
        desk.page.mouse.move(box["x"] + 3, box["y"] + box["height"] + 8, steps=4)
        desk.page.mouse.up()
        assert desk.answers == {"order": "craft other food"}


def test_a_place_by_the_device_by_typing_and_by_a_tap(chromium):
    form = form_of("""
        | type     | name  | label  | appearance    |
        | geopoint | place | Lokasi | placement-map |
    """)
    here = {"latitude": -6.25, "longitude": 107.15, "accuracy": 8}
    with filling(chromium, form, permissions=["geolocation"], geolocation=here) as desk:
        page = desk.page
        page.get_by_role("button", name="Pakai lokasi saya sekarang").click()
        expect(page.get_by_role("textbox", name="Lintang")).to_have_value("-6.25")
        assert desk.answers == {"place": "-6.25 107.15 0.0 8.0"}
        expect(desk.question("Lokasi")).to_contain_text("ketelitian 8 m")
        page.get_by_role("img", name=re.compile("Gambar lokasi")).click(position={"x": 40, "y": 20})
        tapped = [float(number) for number in desk.answers["place"].split()]
        assert tapped[0] > -6.25
        assert tapped[1] < 107.15
        page.get_by_role("textbox", name="Lintang").fill("-6,3")
        page.get_by_role("textbox", name="Bujur").fill("107,1")
        assert desk.answers == {"place": "-6.3 107.1 0.0 0.0"}
        page.get_by_role("textbox", name="Lintang").fill("-96")
        expect(desk.question("Lokasi")).to_contain_text("Lintang antara -90 dan 90")
        assert desk.answers == {}


def test_a_line_and_an_area_point_by_point(chromium):
    form = form_of("""
        | type     | name  | label |
        | geotrace | road  | Jalan |
        | geoshape | field | Lahan |
    """)
    with filling(chromium, form) as desk:
        for label, points in (("Jalan", 2), ("Lahan", 3)):
            question = desk.question(label)
            for number in range(points):
                question.get_by_role("button", name="Tambah titik dengan mengetik").click()
                question.get_by_role("textbox", name="Lintang").last.fill(f"-6.{number}")
                question.get_by_role("textbox", name="Bujur").last.fill(f"107.{number * number}")
        assert desk.answers == {
            "road": "-6.0 107.0 0.0 0.0;-6.1 107.1 0.0 0.0",
            "field": "-6.0 107.0 0.0 0.0;-6.1 107.1 0.0 0.0;-6.2 107.4 0.0 0.0;-6.0 107.0 0.0 0.0",
        }
        desk.question("Lahan").get_by_role("button", name="Hapus titik ini").first.click()
        expect(desk.question("Lahan")).to_contain_text("sekurangnya tiga titik")


def test_files_and_a_signature(chromium):
    form = form_of("""
        | type  | name  | label   | appearance |
        | image | photo | Foto    |            |
        | file  | paper | Dokumen |            |
        | image | sign  | Paraf   | signature  |
    """)
    with filling(chromium, form) as desk:
        page, files = desk.page, desk.site.drafts.files
        page.get_by_label("Foto").set_input_files(
            {"name": "KTP Siti Aminah.PNG", "mimeType": "image/png", "buffer": PNG}
        )
        page.get_by_label("Dokumen").set_input_files(
            {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
        )
        page.get_by_label("Atau tulis nama Anda").fill("Siti")
        page.get_by_label("Atau tulis nama Anda").press("Tab")
        expect(desk.question("Paraf").get_by_role("button", name="Hapus berkas")).to_be_visible()
        answers = desk.answers
        assert re.fullmatch(r"photo-\w+\.png", answers["photo"])  # the person's name stays at home
        assert files[desk.draft, answers["photo"]] == PNG
        assert files[desk.draft, answers["paper"]] == b"%PDF"
        assert files[desk.draft, answers["sign"]].startswith(b"\x89PNG")
        desk.load()
        expect(desk.question("Foto").get_by_role("img", name="Berkas pilihan Anda")).to_be_visible()
        desk.question("Foto").get_by_role("button", name="Hapus berkas").click()
        assert "photo" not in desk.answers


def test_a_drawing_with_the_finger(chromium):
    form = form_of("""
        | type  | name | label | appearance |
        | image | map  | Denah | draw       |
    """)
    with filling(chromium, form) as desk:
        canvas = desk.page.get_by_role("img", name="Bidang gambar")
        canvas.hover(position={"x": 20, "y": 20})
        box = canvas.bounding_box()
        desk.page.mouse.down()
        desk.page.mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
        desk.page.mouse.up()
        expect(desk.page.get_by_role("button", name="Hapus berkas")).to_be_visible()
        name = desk.answers["map"]
        assert len(desk.site.drafts.files[desk.draft, name]) > 500


def test_repeats_come_and_go_with_their_answers(chromium):
    form = form_of("""
        | type         | name  | label       |
        | begin repeat | item  | Produk      |
        | text         | name  | Nama produk |
        | end repeat   |       |             |
    """)
    with filling(chromium, form) as desk:
        page = desk.page
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_label("Nama produk").fill("Emping")
        for name in ("Dodol", "Batik"):
            page.get_by_role("button", name="Tambah lagi").click()
            expect(page.get_by_label("Nama produk").last).to_be_focused()
            page.keyboard.type(name)
        assert list(desk.answers.values()) == ["Emping", "Dodol", "Batik"]
        page.get_by_role("button", name="Hapus Produk 2").click()
        expect(page.get_by_label("Nama produk")).to_have_count(2)
        assert list(desk.answers.values()) == ["Emping", "Batik"]
        expect(page.get_by_role("heading", name="Produk 2 dari 2")).to_be_visible()


RULES = [
    "${a} = 'y'", "${a} != 'y'", "selected(${b}, 'n')", "not(selected(${b}, 'y'))", "${n} > 3", "${n} <= 3",
    "${n} = 0 or ${n} = 4", "${a} = 'y' and ${n} < 10 and selected(${b}, 'y')", "${n} != 4", "${q0} != ''",
]  # fmt: skip
GIVEN = [
    {"a": "y"}, {"a": "n", "n": "4"}, {"b": "y n", "n": "0"}, {"a": "y", "b": "y", "n": "-7"}, {"b": "n"},
]  # fmt: skip


def test_skip_logic_needs_no_network_and_says_what_the_server_would(chromium):
    """Every plain rule against every set of answers: the browser's forecast is the engine's word."""
    asked = "".join(f"| text | q{place} | Q{place} | {rule} |\n" for place, rule in enumerate(RULES))
    survey = f"""
        | type                  | name | label | relevant |
        | select_one yesno      | a    | A     |          |
        | select_multiple yesno | b    | B     |          |
        | integer               | n    | N     |          |
        {asked}
    """
    form = form_of(survey, CHOICES)
    with filling(chromium, form) as desk:
        desk.context.set_offline(True)
        for answers in GIVEN:
            session = form.start()
            for name in ("a", "b", "n"):
                desk.page.evaluate(ANSWER, [f"{form.root.path}/{name}", answers.get(name, "")])
                session.answer(f"{form.root.path}/{name}", answers.get(name, ""))
            names = [f"Q{place}" for place in range(len(RULES))]
            expected = [
                name for name in names if session.view(f"{form.root.path}/{name.lower()}").is_relevant
            ]
            shown = desk.page.locator(".pk-words").all_inner_texts()
            assert [name for name in shown if name in names] == expected, answers
        desk.context.set_offline(False)


def test_a_section_comes_up_whole_without_a_network(chromium):
    survey = """
        | type             | name  | label       | relevant   |
        | select_one yesno | s     | Jual?       |            |
        | begin group      | g     | Penjualan   | ${s} = 'y' |
        | text             | shop  | Nama toko   |            |
        | select_one kind  | kind  | Barang apa? |            |
        | select_one yesno | craft | Tenun?      | ${kind} = 'craft' |
        | end group        |       |             |            |
    """
    with filling(chromium, form_of(survey, CHOICES)) as desk:
        desk.context.set_offline(True)
        page = desk.page
        page.get_by_role("radio", name="Ya").check()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_label("Nama toko").fill("Sari")
        page.get_by_role("radio", name="Kerajinan").check()
        page.get_by_role("radiogroup", name="Tenun?").get_by_role("radio", name="Tidak").check()
        desk.context.set_offline(False)
        assert desk.answers == {"s": "y", "g/shop": "Sari", "g/kind": "craft", "g/craft": "n"}


def test_a_broken_rule_is_told_again_after_a_reload_and_counts_as_unanswered(chromium):
    survey = """
        | type    | name | label | constraint | constraint_message |
        | text    | t    | Nama  |            |                    |
        | integer | age  | Umur  | . < 120    | Di bawah 120.      |
    """
    with filling(chromium, form_of(survey)) as desk:
        desk.page.get_by_label("Nama").fill("Siti")
        desk.page.get_by_label("Umur").fill("150")
        desk.settle()
        desk.load()
        expect(desk.question("Umur")).to_contain_text("Di bawah 120.")
        expect(desk.page.locator(".pk-progress")).to_contain_text("1 dari 2 terjawab")
        desk.page.get_by_label("Umur").fill("50")
        expect(desk.page.locator(".pk-progress")).to_contain_text("2 dari 2 terjawab")
        expect(desk.question("Umur")).not_to_contain_text("Di bawah 120.")


def test_what_is_to_be_put_right_is_listed_once(chromium):
    survey = """
        | type | name | label | required |
        | text | t    | Nama  | yes      |
    """
    with filling(chromium, form_of(survey)) as desk:
        desk.page.get_by_role("button", name="Periksa dan kirim").first.click()
        desk.page.get_by_role("button", name="Kirim", exact=True).click()
        expect(desk.page.get_by_text("Perlu diperbaiki: 1")).to_have_count(1)
        expect(desk.page.get_by_role("alert")).to_be_focused()
        desk.page.get_by_role("alert").get_by_role("link", name="Nama").click()
        expect(desk.page.get_by_label("Nama")).to_be_focused()


def test_the_form_follows_the_language_of_the_page_around_it(chromium):
    survey = """
        | type | name | label::Bahasa Indonesia (id) | label::English (en) |
        | text | t    | Nama                         | Name                |
    """
    with filling(chromium, form_of(survey)) as desk:
        follow = "(code) => document.querySelector('[data-pk-form]').pkForm.follow(code)"
        desk.page.evaluate(follow, "en")
        expect(desk.page.get_by_label("Name")).to_be_visible()
        desk.page.evaluate(follow, "su")  # which it does not speak
        expect(desk.page.get_by_role("button", name="Check and send").first).to_be_visible()
        desk.settle()
        desk.load()
        expect(desk.page.get_by_label("Name")).to_be_visible()


def test_what_follows_from_an_answer_is_shown(chromium):
    survey = """
        | type             | name | label             | relevant   | constraint | constraint_message |
        | select_one yesno | s    | Jual?             |            |            |                    |
        | text             | shop | Nama toko         | ${s} = 'y' |            |                    |
        | note             | n    | Toko **${shop}**  | ${s} = 'y' |            |                    |
        | integer          | age  | Umur              |            | . < 120    | Di bawah 120.      |
    """
    with filling(chromium, form_of(survey, CHOICES)) as desk:
        page = desk.page
        expect(page.get_by_label("Nama toko")).to_have_count(0)
        page.get_by_role("radio", name="Ya").check()
        page.get_by_label("Nama toko").fill("<i>Sari</i>")
        expect(desk.page.locator("[data-control=note] strong")).to_have_text("<i>Sari</i>")
        page.get_by_label("Umur").fill("150")
        page.get_by_label("Nama toko").click()
        expect(desk.question("Umur")).to_contain_text("Di bawah 120.")
        page.get_by_role("radio", name="Tidak").check()
        expect(page.get_by_label("Nama toko")).to_have_count(0)
