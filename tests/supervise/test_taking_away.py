"""What is taken away from the supervise app: in which layout and language, and without what."""

from __future__ import annotations

import io
import zipfile

import pytest
from store_house import FORM, KEY, RESEARCHER, SUPERVISOR
from supervise_pages import looked_at_by, text_of

from pk_research.apps.supervise.dossier import read_dossier
from pk_research.store import open_store
from pk_research.store.actors import Role


@pytest.mark.parametrize(
    ("layout", "name", "holds"),
    [
        ("central", "usaha-salinan-internal.zip", "usaha.csv"),
        ("kobo", "usaha-salinan-internal.xlsx", "xl/workbook.xml"),
        ("spss", "usaha-spss-salinan-internal.zip", ".sav"),
        ("stata", "usaha-stata-salinan-internal.zip", ".dta"),
        ("parquet", "usaha-parquet-salinan-internal.zip", ".parquet"),
    ],
)
def test_submissions_are_taken_away_in_each_layout(store, layout, name, holds):
    model = looked_at_by(SUPERVISOR, store).model
    model.is_internal = True
    file = model.export(layout)
    assert file.name == name
    names = zipfile.ZipFile(io.BytesIO(file.content)).namelist()
    assert any(inside.endswith(holds) for inside in names), names
    assert store.audit.events()[0].kind == "submissions exported"


@pytest.mark.parametrize(("language", "asked"), [("id", "Tentang siapa?"), ("en", "About whom?")])
def test_labels_are_taken_away_in_the_language_chosen(language, asked):
    spoken = """<itext>
      <translation lang="Bahasa (id)"><text id="w"><value>Tentang siapa?</value></text></translation>
      <translation lang="English (en)"><text id="w"><value>About whom?</value></text></translation></itext>"""
    form = FORM.replace("<model>", f"<model>{spoken}").replace(
        '<input ref="/data/workers"/>',
        '<input ref="/data/workers"><label ref="jr:itext(\'w\')"/></input>',
    )
    opened = open_store("sqlite://", key=KEY)
    opened.forms.publish(form, by=RESEARCHER)
    view = looked_at_by(SUPERVISOR, opened)
    assert view.labels.value == "id", "the page's language, until another is chosen"
    view.labels.value = language
    view.internal.value = True
    archive = zipfile.ZipFile(io.BytesIO(view.model.export("spss").content))
    assert opened.audit.events()[0].details["language"] == language
    assert asked.encode() in archive.read("usaha.sav")
    assert b"About whom?" in archive.read("usaha.codebook.csv")


def test_an_answer_that_a_later_version_marks_is_said_to_be_hidden(store):
    marked = FORM.replace('<bind nodeset="/data/workers"', '<bind nodeset="/data/workers" pk:personal="yes"')
    store.forms.publish(marked.replace('version="1"', 'version="2"'), by=RESEARCHER)
    name = store.submissions.list("usaha", by=SUPERVISOR)[0].instance_id
    hidden = {
        actor.role: {
            answer.question.id: answer.is_hidden for answer in read_dossier(store, name, by=actor).answers
        }
        for actor in (SUPERVISOR, RESEARCHER)
    }
    assert hidden[Role.RESEARCHER]["workers"]
    assert not hidden[Role.SUPERVISOR]["workers"]


def test_what_was_left_out_is_told_beside_the_files(store):
    model = looked_at_by(RESEARCHER, store).model
    model.is_internal = True
    archive = zipfile.ZipFile(io.BytesIO(model.export("stata").content))
    notes = archive.read("notes.txt").decode()
    assert "Data pribadi tidak disertakan" in notes
    assert "Personal data is left out" in notes


def test_a_researcher_takes_no_personal_answer_away(store):
    files = {}
    for actor in (SUPERVISOR, RESEARCHER):
        model = looked_at_by(actor, store).model
        model.is_internal = True
        files[actor.role] = model.export("central")
    texts = {}
    for role, file in files.items():
        archive = zipfile.ZipFile(io.BytesIO(file.content))
        texts[role] = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Ibu Aminah" in texts[Role.SUPERVISOR]
    assert b"Aminah" not in texts[Role.RESEARCHER]


def test_what_a_supervisor_takes_away_is_a_release_unless_a_copy_is_asked_for(store):
    view = looked_at_by(SUPERVISOR, store)
    file = view.model.export("central")
    archive = zipfile.ZipFile(io.BytesIO(file.content))
    assert file.name == "usaha.zip"
    assert b"Aminah" not in b"".join(archive.read(name) for name in archive.namelist())
    assert store.audit.events()[0].kind == "data released"
    assert "Teks bebas ditahan sampai ada yang membaca dan menyetujuinya" in text_of(view)
