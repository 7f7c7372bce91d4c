"""Forms are published as versions side by side, and none is ever changed."""

from __future__ import annotations

import threading

import pytest
from store_house import DATABASES, FORM, KEY, RESEARCHER, SITI, filling, newest, open_house, version_two

from pk_research.errors import BadInput, NotFound
from pk_research.store import Store, open_store
from pk_research.store.actors import NotAllowed

WITH_LIST = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Pilihan</h:title><model>
  <instance><data id="list" version="1"><v/><meta><instanceID/></meta></data></instance>
  <instance id="villages" src="jr://file-csv/villages.csv"/>
</model></h:head><h:body><select1 ref="/data/v">
  <itemset nodeset="instance('villages')/*/item"><value ref="name"/><label ref="label"/></itemset>
</select1></h:body></h:html>"""
LIST = b"name,label\n3216012001,Satu\n"


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    return open_house(request, tmp_path)


def test_a_published_form_is_found_listed_and_ready_to_fill(store):
    version = newest(store)
    assert (version.form_id, version.version, version.title) == ("usaha", "1", "Usaha")
    assert version.xml == FORM
    assert version.is_open
    assert version.is_newest
    assert store.forms.list() == (version,)
    assert store.forms.open(version) is store.forms.open(version)


def test_versions_stand_side_by_side_and_old_fillings_keep_theirs(store):
    old = store.submissions.receive(filling(), by=SITI, via="survey").instance_id
    store.forms.publish(version_two(), by=RESEARCHER)
    assert [(v.version, v.is_newest) for v in store.forms.versions("usaha")] == [("1", False), ("2", True)]
    assert [v.version for v in store.forms.list()] == ["2"]
    assert store.forms.find("usaha", "1").xml == FORM
    late = store.submissions.receive(filling(), by=SITI, via="survey").instance_id
    kept = {name: store.submissions.read(name, by=SITI).version for name in (old, late)}
    assert kept == {old: "1", late: "1"}, "a phone that was offline still sends the version it has"


def test_publishing_the_same_again_changes_nothing(store):
    events = len(store.audit.events())
    assert store.forms.publish(FORM, by=RESEARCHER) == newest(store)
    assert len(store.audit.events()) == events


def test_a_changed_form_needs_a_new_version(store):
    with pytest.raises(BadInput, match="Raise the version"):
        store.forms.publish(FORM.replace("Usaha", "Usaha baru"), by=RESEARCHER)
    store.forms.publish(WITH_LIST, by=RESEARCHER, files={"villages.csv": LIST})
    with pytest.raises(BadInput, match="Raise the version"):
        store.forms.publish(WITH_LIST, by=RESEARCHER, files={"villages.csv": LIST + b"2,Dua\n"})


def test_the_files_of_a_form_and_its_spreadsheet_are_kept_with_it(store):
    version = store.forms.publish(
        WITH_LIST, by=RESEARCHER, files={"villages.csv": LIST}, source=b"PK..", source_name="list.xlsx"
    )
    assert [(file.name, file.size) for file in version.files] == [("villages.csv", len(LIST))]
    assert store.forms.file(version, "villages.csv") == LIST
    assert store.forms.source(version) == ("list.xlsx", b"PK..")
    assert store.forms.source(newest(store)) is None
    session = store.forms.open(version).start()
    assert [choice.value for choice in session.choices("/data/v")] == ["3216012001"]
    with pytest.raises(NotFound, match="no file 'other"):
        store.forms.file(version, "other.csv")


def test_a_form_that_cannot_run_is_not_published(store):
    with pytest.raises(BadInput, match=r"the file 'villages\.csv' is not there"):
        store.forms.publish(WITH_LIST, by=RESEARCHER)
    with pytest.raises(BadInput, match="not well-formed"):
        store.forms.publish("<html>", by=RESEARCHER)
    with pytest.raises(BadInput, match="its name cannot be used"):
        store.forms.publish(WITH_LIST, by=RESEARCHER, files={"../villages.csv": LIST})
    with pytest.raises(BadInput, match=r"its version 'vvv.*cannot be used"):
        store.forms.publish(FORM.replace('version="1"', f'version="{"v" * 300}"'), by=RESEARCHER)
    assert [version.form_id for version in store.forms.list(is_open=None)] == ["usaha"]


def test_a_closed_form_is_not_listed_as_open(store):
    store.forms.close("usaha", by=RESEARCHER)
    assert store.forms.list() == ()
    assert [version.is_open for version in store.forms.list(is_open=False)] == [False]
    assert len(store.forms.list(is_open=None)) == 1
    with pytest.raises(NotFound, match="there is no form 'hotel'"):
        store.forms.close("hotel", by=RESEARCHER)


def test_only_who_may_publish_publishes(store):
    for act in (
        lambda: store.forms.publish(version_two(), by=SITI),
        lambda: store.forms.close("usaha", by=SITI),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_publishers_at_the_same_moment_publish_once(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", key=KEY)
    publishers = [
        threading.Thread(target=store.forms.publish, args=(FORM,), kwargs={"by": RESEARCHER})
        for _ in range(6)
    ]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()
    assert len(store.forms.versions("usaha")) == 1
    assert [event.kind for event in store.audit.events()] == ["form published"]


@pytest.mark.parametrize("xml", [FORM.encode("utf-16"), b"\xff" + FORM.encode()], ids=["UTF-16", "a byte"])
def test_a_form_that_is_not_utf_8_is_refused_in_words(store, xml):
    with pytest.raises(BadInput, match="byte 1 is not UTF-8"):
        store.forms.publish(xml, by=RESEARCHER)
