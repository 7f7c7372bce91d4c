"""A survey that forged requests are sent to: its form, who fills it, and what may be left in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from survey_server import SUPERVISOR, Answer, SurveyHouse, Visitor

from pk_research.store.actors import Actor

FORM = """
| survey |
|  | type              | name     | label    | required | relevant            | calculation    | read_only | repeat_count |
|  | text              | owner    | Pemilik  | yes      |                     |                |           |              |
|  | integer           | workers  | Pekerja  |          |                     |                |           |              |
|  | select_one yesno  | licensed | Berizin? |          |                     |                |           |              |
|  | text              | number   | Nomor    |          | ${licensed} = 'yes' |                |           |              |
|  | image             | photo    | Foto     |          |                     |                |           |              |
|  | calculate         | tax      |          |          |                     | ${workers} * 2 |           |              |
|  | text              | fixed    | Tetap    |          |                     | 'house'        | yes       |              |
|  | begin_repeat      | item     | Barang   |          |                     |                |           |              |
|  | text              | name     | Nama     |          |                     |                |           |              |
|  | end_repeat        |          |          |          |                     |                |           |              |
|  | begin_repeat      | pair     | Sepasang |          |                     |                |           | 2            |
|  | text              | half     | Setengah |          |                     |                |           |              |
|  | end_repeat        |          |          |          |                     |                |           |              |
| choices |
|  | list_name | name | label |
|  | yesno     | yes  | Ya    |
|  | yesno     | no   | Tidak |
| settings |
|  | form_id | version | form_title |
|  | toko    | 1       | Toko       |
"""  # noqa: E501 - a table
NEVER_TOLD = ("Traceback", 'File "', "sqlite", "SELECT ")
NOBODYS = "uuid:00000000-0000-4000-8000-000000000000"


@dataclass
class Filler:
    """Somebody who came in by an invitation of their own, and a draft they began."""

    visitor: Visitor
    draft: str

    @classmethod
    def invited(cls, house: SurveyHouse, form_id: str = "toko") -> Filler:
        visitor = Visitor(house)
        visitor.ask(house.invite(form_id))
        return cls(visitor, visitor.begin(form_id))

    @property
    def actor(self) -> Actor:
        actor = self.visitor.house.store.access.who(self.cookie("pk_session"))
        assert actor is not None
        return actor

    def cookie(self, name: str) -> str:
        [value] = [cookie.value for cookie in self.visitor.jar if cookie.name == name]
        return str(value)

    def kept(self) -> str:
        """Return the answers as the store keeps them."""
        return self.visitor.house.store.drafts.find(self.draft, by=self.actor).snapshot

    def sync(self, **answers: str) -> Answer:
        ops = [
            {"n": n, "op": "answer", "path": f"/data/{name}", "value": value}
            for n, (name, value) in enumerate(answers.items(), start=1)
        ]
        return self.visitor.api("sync", draft=self.draft, client="honest", ops=ops)

    def submit(self) -> Answer:
        return self.visitor.api("submit", draft=self.draft, client="honest", ops=[])


def send_honestly(filler: Filler, sent: dict[str, str], owner: str) -> str:
    filler.sync(owner=owner)
    code = str(filler.submit().json["receipt"]["code"])
    sent[code] = owner
    return code


def upload(filler: Filler, name: str, content: bytes = b"\x89PNG", *, path: str = "/data/photo") -> Answer:
    address = f"/survey/api/upload?draft={quote(filler.draft)}&path={quote(path)}"
    return filler.visitor.ask(address, content, X_PK_Form="1", X_File_Name=quote(name))


def assert_told(answer: Answer, status: int) -> None:
    """Make sure of the status, and that the answer says nothing of how the house is built."""
    assert answer.status == status, answer.text[:300]
    assert [secret for secret in NEVER_TOLD if secret in answer.text] == []


def assert_only_what_is_honest(house: SurveyHouse, sent: Mapping[str, str]) -> None:
    """Make sure that the store holds what was honestly sent and no more, and that the log verifies."""
    kept = house.store.submissions.list("toko", by=SUPERVISOR)
    form = house.store.forms.opened("toko", "1")
    owners = [form.start(instance=filled.xml, origin="checked").value("/data/owner") for filled in kept]
    assert sorted(owners) == sorted(sent.values())
    assert house.submissions() == []
    assert house.store.audit.verify().faults == ()
    assert "Traceback" not in house.log.read_text()
