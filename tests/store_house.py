"""A small house to test the store in: one form, the people, and honest fillings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pk_research.store import Store, open_store
from pk_research.store.actors import HOUSE, Actor, Role
from pk_research.store.forms import FormVersion
from pk_research.survey import Surroundings, parse_form

DATABASES = ["sqlite", "postgresql"]
KEY = b"a key of 32 bytes, only for test"

RESEARCHER = HOUSE[Role.RESEARCHER]
SUPERVISOR = HOUSE[Role.SUPERVISOR]
ADMIN = HOUSE[Role.ADMIN]
SITI = Actor("account", "a-siti", Role.ENUMERATOR)
BUDI = Actor("account", "a-budi", Role.ENUMERATOR)

VILLAGE = "3216012001"
PHOTO = b"\xff\xd8 a photo"

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa" xmlns:pk="http://pabrik-kampoeng.example/form">
<h:head><h:title>Usaha</h:title><model>
  <instance><data id="usaha" version="1">
    <owner/><village_code/><workers/><income/><tax/><photo/><licence/>
    <product jr:template=""><name/><picture/></product>
    <meta><instanceID/><instanceName/></meta>
  </data></instance>
  <bind nodeset="/data/owner" required="true()" pk:personal="yes"/>
  <bind nodeset="/data/workers" type="int" constraint=". &gt;= 0"/>
  <bind nodeset="/data/income" type="decimal"/>
  <bind nodeset="/data/tax" type="decimal" calculate="/data/income * 0.1"/>
  <bind nodeset="/data/photo" type="binary"/>
  <bind nodeset="/data/licence" type="binary" pk:personal="yes"/>
  <bind nodeset="/data/product/picture" type="binary"/>
  <bind nodeset="/data/meta/instanceID" jr:preload="uid"/>
  <bind nodeset="/data/meta/instanceName" calculate="concat('Usaha ', /data/owner)"/>
</model></h:head><h:body>
  <input ref="/data/owner"/><input ref="/data/village_code"/><input ref="/data/workers"/>
  <input ref="/data/income"/>
  <upload ref="/data/photo" mediatype="image/*"/><upload ref="/data/licence" mediatype="image/*"/>
  <group ref="/data/product"><repeat nodeset="/data/product">
    <input ref="/data/product/name"/><upload ref="/data/product/picture" mediatype="image/*"/>
  </repeat></group>
</h:body></h:html>"""

PARSED = parse_form(FORM)
ANSWERS = {"owner": "Ibu Aminah", "village_code": VILLAGE, "workers": "4", "income": "1000"}


def open_house(request: pytest.FixtureRequest, tmp_path: Path, *, folder: Path | None = None) -> Store:
    """Open an empty store on the database the test is for, with the form published."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    else:
        url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = open_store(url, attachments=folder, key=KEY)
    store.forms.publish(FORM, by=RESEARCHER)
    return store


def filling(*products: str, seed: int | None = None, **answers: str) -> str:
    """Fill the form honestly; each filling has an identifier of its own."""
    session = PARSED.start(Surroundings(seed=seed))
    for name, value in {**ANSWERS, **answers}.items():
        session.answer(f"/data/{name}", value)
    for number, name in enumerate(products, start=1):
        session.add_repeat("/data/product")
        session.answer(f"/data/product[{number}]/name", name)
    return session.finish()


def version_two() -> str:
    """Return the form with another version, in which there is one question more."""
    return (
        FORM.replace('version="1"', 'version="2"')
        .replace("<workers/>", "<workers/><women/>")
        .replace('<input ref="/data/income"/>', '<input ref="/data/income"/><input ref="/data/women"/>')
    )


def newest(store: Store) -> FormVersion:
    """Return the form's newest version."""
    return store.forms.find("usaha")
