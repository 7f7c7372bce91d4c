"""A small form with everything an export has to carry, in two versions, and fillings of it."""

from __future__ import annotations

from datetime import UTC, datetime

from pk_research.survey import Filled, Form, Surroundings, parse_form

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:pk="http://pabrik-kampoeng.example/form">
<h:head><h:title>Panen</h:title><model>
  <itext>
    <translation lang="Bahasa Indonesia (id)">
      <text id="name"><value>Siapa nama Anda?</value></text>
      <text id="village"><value>Di desa mana?</value></text>
      <text id="kind"><value>Usaha apa?</value></text>
      <text id="other"><value>Usaha lain apa?</value></text>
      <text id="wants"><value>Apa yang dibutuhkan **sekarang**?</value></text>
      <text id="workers"><value>Berapa pekerja?</value></text>
      <text id="food"><value>Makanan</value></text><text id="else"><value>Lainnya</value></text>
      <text id="loan"><value>Kredit</value></text><text id="training"><value>Pelatihan</value></text>
      <text id="crop"><value>Tanaman</value></text><text id="what"><value>Tanaman apa?</value></text>
    </translation>
    <translation lang="English (en)">
      <text id="name"><value>What is your name?</value></text>
      <text id="village"><value>In which village?</value></text>
      <text id="kind"><value>Which business?</value></text>
      <text id="other"><value>Which other business?</value></text>
      <text id="wants"><value>What is needed **now**?</value></text>
      <text id="workers"><value>How many workers?</value></text>
      <text id="food"><value>Food</value></text><text id="else"><value>Other</value></text>
      <text id="loan"><value>Loan</value></text><text id="training"><value>Training</value></text>
      <text id="crop"><value>Crop</value></text><text id="what"><value>Which crop?</value></text>
    </translation>
  </itext>
  <instance><data id="harvest" version="1">
    <name/><greeting/>
    <location><village/><place/></location>
    <kind/><other/><wants/><workers/><income/><started/><photo/>
    <crops><crop jr:template=""><what/><sale jr:template=""><kg/></sale></crop></crops>
    <meta><instanceID/></meta>
  </data></instance>
  <bind nodeset="/data/name" required="true()" pk:personal="yes"/>
  <bind nodeset="/data/greeting" calculate="concat('Ibu/Bapak ', /data/name)"/>
  <bind nodeset="/data/location/place" type="geopoint"/>
  <bind nodeset="/data/other" relevant="/data/kind = 'other'"/>
  <bind nodeset="/data/workers" type="int" constraint=". &gt;= 0 and . &lt;= 999 or . = -99"/>
  <bind nodeset="/data/income" type="decimal"
    relevant="selected(/data/wants, 'loan') and /data/workers &gt; 0"/>
  <bind nodeset="/data/started" type="date"/>
  <bind nodeset="/data/photo" type="binary"/>
  <bind nodeset="/data/crops/crop/sale/kg" type="decimal"/>
  <bind nodeset="/data/meta/instanceID" jr:preload="uid"/>
</model></h:head><h:body>
  <input ref="/data/name"><label ref="jr:itext('name')"/></input>
  <group ref="/data/location"><label>Lokasi</label>
    <input ref="/data/location/village"><label ref="jr:itext('village')"/></input>
    <input ref="/data/location/place"><label>GPS</label></input></group>
  <select1 ref="/data/kind"><label ref="jr:itext('kind')"/>
    <item><label ref="jr:itext('food')"/><value>food</value></item>
    <item><label ref="jr:itext('else')"/><value>other</value></item></select1>
  <input ref="/data/other"><label ref="jr:itext('other')"/></input>
  <select ref="/data/wants"><label ref="jr:itext('wants')"/>
    <item><label ref="jr:itext('loan')"/><value>loan</value></item>
    <item><label ref="jr:itext('training')"/><value>training</value></item></select>
  <input ref="/data/workers"><label ref="jr:itext('workers')"/></input>
  <input ref="/data/income"><label>Rp</label></input>
  <input ref="/data/started"><label>Sejak</label></input>
  <upload ref="/data/photo" mediatype="image/*"><label>Foto</label></upload>
  <group ref="/data/crops"><label>Hasil</label>
    <group ref="/data/crops/crop"><label ref="jr:itext('crop')"/><repeat nodeset="/data/crops/crop">
      <input ref="/data/crops/crop/what"><label ref="jr:itext('what')"/></input>
      <group ref="/data/crops/crop/sale"><label>Penjualan</label><repeat nodeset="/data/crops/crop/sale">
        <input ref="/data/crops/crop/sale/kg"><label>kg</label></input></repeat></group>
    </repeat></group></group>
</h:body></h:html>"""

SECOND = (
    FORM.replace('version="1"', 'version="2"')
    .replace('"/data/workers" type="int"', '"/data/workers" type="decimal"')
    .replace("<kind/>", "<kind/><since/>")
    .replace('<input ref="/data/other">', '<input ref="/data/since"/><input ref="/data/other">')
    .replace(
        "<value>training</value></item>",
        "<value>training</value></item><item><label>Pasar</label><value>market</value></item>",
    )
)
"""A later version: workers may be halves, one more question, one more choice."""

ANNA = "uuid:00000000-0000-4000-8000-000000000001"
BUDI = "uuid:00000000-0000-4000-8000-000000000002"


def first_version() -> Form:
    return parse_form(FORM)


def second_version() -> Form:
    return parse_form(SECOND)


def filled(form: Form, instance_id: str, answers: dict[str, str], **about: object) -> Filled:
    """Fill the form; a path with a number adds the instance where it is missing."""
    session = form.start(Surroundings(seed=1))
    for path, value in answers.items():
        for place in [n for n, sign in enumerate(path) if sign == "["]:
            repeat, number = path[:place], int(path[place + 1 : path.index("]", place)])
            while session.count(f"/data/{repeat}") < number:
                session.add_repeat(f"/data/{repeat}")
        session.answer(f"/data/{path}", value)
    xml = session.finish()
    own = session.value("/data/meta/instanceID")
    known: dict[str, object] = {
        "submitted_at": datetime(2026, 5, 17, 9, 30, tzinfo=UTC),
        "submitter_id": "7",
        "submitter_name": "Enumerator One",
        "device_id": "phone:1",
    }
    return Filled(
        instance_id, form.identifier, form.version, xml.replace(own, instance_id), **{**known, **about}
    )


def two_fillings(form: Form) -> list[Filled]:
    """Anna answers everything; Budi hardly anything."""
    anna = {
        "name": "Anna",
        "location/village": "Sukamaju, RT 3",
        "location/place": "-6.25 107.01 12 5",
        "kind": "other",
        "other": "=HYPERLINK(1)",
        "wants": "loan training",
        "workers": "4",
        "income": "1250000.5",
        "started": "2021-03-01",
        "photo": "rumah.jpg",
        "crops/crop[1]/what": "padi",
        "crops/crop[1]/sale[1]/kg": "12.5",
        "crops/crop[1]/sale[2]/kg": "3",
        "crops/crop[2]/what": "melon",
        "crops/crop[2]/sale[1]/kg": "0",
    }
    return [
        filled(form, ANNA, anna, attachments={"rumah.jpg": "0" * 64}, review_state="has issues"),
        filled(form, BUDI, {"name": "Budi", "kind": "food", "workers": "-99"}, edits=1),
    ]
