"""Files are kept once each by what they hold, in the database or in a folder."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from store_house import DATABASES, PHOTO, SITI, filling, open_house

from pk_research.errors import NotReady
from pk_research.settings import read_settings
from pk_research.store import Store, open_store, store_of
from pk_research.store.attachments import MAX_BYTES, Blobs, file_fault, sha256_of
from pk_research.store.database import writing


@pytest.fixture(params=DATABASES)
def store(request, tmp_path) -> Store:
    return open_house(request, tmp_path, folder=tmp_path / "files")


def send_photo(store: Store, content: bytes = PHOTO) -> str:
    xml = filling(photo="photo.jpg")
    receipt = store.submissions.receive(xml, by=SITI, via="survey", attachments={"photo.jpg": content})
    return receipt.instance_id


def test_a_folder_holds_each_content_once_under_its_hash(store, tmp_path):
    names = [send_photo(store) for _ in range(3)]
    (file,) = (tmp_path / "files").glob("??/*")
    assert (file.name, file.parent.name) == (sha256_of(PHOTO), sha256_of(PHOTO)[:2])
    assert file.read_bytes() == PHOTO
    assert {store.submissions.attachment(name, "photo.jpg", by=SITI) for name in names} == {PHOTO}


def test_the_file_is_there_before_the_row_that_names_it(store, tmp_path, monkeypatch):
    seen = []
    insert = Blobs.keep

    def keep(blobs, connection, content):
        seen.append(list((tmp_path / "files").glob("??/*")))
        return insert(blobs, connection, content)

    monkeypatch.setattr(Blobs, "keep", keep)
    send_photo(store)
    assert [len(files) for files in seen] == [1]


def test_a_file_that_was_damaged_is_never_given_out(store, tmp_path):
    name = send_photo(store)
    (file,) = (tmp_path / "files").glob("??/*")
    for damage, said in ((lambda: file.write_bytes(b"x"), "is not what"), (file.unlink, "is not where")):
        damage()
        with pytest.raises(NotReady, match=said):
            store.submissions.attachment(name, "photo.jpg", by=SITI)


def test_a_house_may_begin_to_keep_files_in_a_folder_and_still_finds_the_older_ones(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    inside, outside = open_store(url).blobs, Blobs(tmp_path / "files")
    engine = open_store(url).engine
    with writing(engine) as connection:
        old, new = inside.keep(connection, b"old"), outside.keep(connection, b"new")
        assert (outside.read(connection, old), outside.read(connection, new)) == (b"old", b"new")
        assert inside.find(connection, new) is None
        inside.keep(connection, b"new")
        assert inside.read(connection, new) == b"new"


def test_what_nothing_names_is_swept_away_and_nothing_else(store, tmp_path):
    name = send_photo(store)
    store.blobs.prepare([b"from a transaction that never was"])
    with writing(store.engine) as connection:
        store.blobs.keep(connection, b"named by nothing")
        assert store.blobs.sweep(connection) == 1
    assert len(list((tmp_path / "files").glob("??/*"))) == 3, "nothing goes before it is committed"
    with writing(store.engine) as connection:
        store.blobs.clear(connection)
    assert [file.name for file in (tmp_path / "files").glob("??/*")] == [sha256_of(PHOTO)]
    assert store.submissions.attachment(name, "photo.jpg", by=SITI) == PHOTO


def test_a_file_swept_away_while_it_was_on_its_way_is_written_again(store):
    """The transaction that names a file looks for it while nobody else may sweep."""
    store.blobs.prepare([PHOTO])
    with writing(store.engine) as connection:
        store.blobs.sweep(connection)
        store.blobs.clear(connection)
    with writing(store.engine) as connection:
        kept = store.blobs.keep(connection, PHOTO)
        assert store.blobs.read(connection, kept) == PHOTO


def test_a_folder_that_cannot_be_written_is_explained_and_nothing_is_kept(tmp_path):
    (tmp_path / "files").write_text("not a folder")
    blobs = Blobs(tmp_path / "files")
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with pytest.raises(NotReady, match="cannot be written"), writing(store.engine) as connection:
        blobs.keep(connection, PHOTO)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM blob")).scalar() == 0


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../a", "a/b", "a\\b", "/etc/passwd", "C:a.jpg", "a\x00b", "a\nb", ".hidden", "a.",
        " a", "x" * 201, "\u202egnp.exe", "a|b", "é" * 101,
    ],
)  # fmt: skip
def test_a_name_that_is_more_than_a_name_is_not_taken(name):
    assert file_fault(name, b"") is not None


@pytest.mark.parametrize("name", ["photo.jpg", "foto rumah (1).jpeg", "1717171717-1.amr", "rumah é.jpg", "a"])
def test_an_ordinary_name_is_taken(name):
    assert file_fault(name, b"") is None


def test_a_file_that_is_too_large_is_not_taken():
    fault = file_fault("a.jpg", bytes(MAX_BYTES + 1))
    assert fault.text("id") == "ukurannya lebih dari 52.428.800 bita"


def test_the_store_of_the_settings_keeps_files_where_they_say(tmp_path):
    settings = read_settings({"PK_HOME": str(tmp_path), "PK_ATTACHMENTS": str(tmp_path / "files")})
    store = store_of(settings)
    with writing(store.engine) as connection:
        kept = store.blobs.keep(connection, PHOTO)
    assert [file.name for file in (tmp_path / "files").glob("??/*")] == [kept]
