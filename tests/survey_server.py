"""A survey server in a process of its own, that can be killed and started again, and its visitors."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ports import free_port
from pyxform.xls2xform import convert

from pk_research.apps.serve import voila_command, voila_environment
from pk_research.settings import Settings
from pk_research.store import Store, open_store
from pk_research.store.access import read_secret
from pk_research.store.actors import HOUSE, Actor, Role
from pk_research.survey import Surroundings, parse_form
from pk_research.workbench.servers import START_TIMEOUT_S

RESEARCHER, SUPERVISOR, ADMIN = (HOUSE[role] for role in (Role.RESEARCHER, Role.SUPERVISOR, Role.ADMIN))
PASSWORD = "empat kata acak lagi"
FORM = """
| survey  |
|         | type              | name     | label::Bahasa Indonesia (id)   | label::English (en)     | required | relevant            | constraint | constraint_message::Bahasa Indonesia (id) | constraint_message::English (en) |
|         | begin_group       | usaha    | Tentang usaha                  | About the business      |          |                     |            |                                           |                                  |
|         | text              | owner    | Siapa pemiliknya?              | Who owns it?            | yes      |                     |            |                                           |                                  |
|         | integer           | workers  | Berapa orang bekerja?          | How many people work?   |          |                     | . >= 0     | Tidak boleh kurang dari nol.              | Not below zero.                  |
|         | select_one yesno  | licensed | Apakah sudah berizin?          | Is it licensed?         |          |                     |            |                                           |                                  |
|         | text              | number   | Berapa nomor izinnya?          | What is the number?     |          | ${licensed} = 'yes' |            |                                           |                                  |
|         | end_group         |          |                                |                         |          |                     |            |                                           |                                  |
|         | begin_group       | produk   | Tentang produk                 | About the product       |          |                     |            |                                           |                                  |
|         | text              | product  | Apa produk utamanya?           | What is the product?    |          |                     |            |                                           |                                  |
|         | image             | photo    | Foto produk                    | Photo of the product    |          |                     |            |                                           |                                  |
|         | end_group         |          |                                |                         |          |                     |            |                                           |                                  |
| choices |
|         | list_name | name | label::Bahasa Indonesia (id) | label::English (en) |
|         | yesno     | yes  | Ya                           | Yes                 |
|         | yesno     | no   | Belum                        | Not yet             |
| settings |
|         | form_id | version | form_title               | default_language      |
|         | usaha   | 1       | Usaha rumah tangga       | Bahasa Indonesia (id) |
"""  # noqa: E501 - a table

VISIT_FORM = """
| survey   |
|          | type     | name         | label::Bahasa Indonesia (id) | label::English (en)      |
|          | start    | start        |                              |                          |
|          | end      | end          |                              |                          |
|          | deviceid | deviceid     |                              |                          |
|          | text     | village_code | Kode desa                    | Village code             |
|          | text     | owner        | Siapa pemiliknya?            | Who owns it?             |
|          | integer  | workers      | Berapa orang bekerja?        | How many people work?    |
| settings |
|          | form_id   | version | form_title      | default_language      |
|          | kunjungan | 1       | Kunjungan usaha | Bahasa Indonesia (id) |
"""
VISITS = [  # the village, the owner, the workers; two from one village, one from none we know
    ("3216012001", "Ibu Aminah", "4"),
    ("3216012001", "Pak Joko", "2"),
    ("3216012002", "Ibu Rini", "3"),
    ("9999999999", "Pak Darto", "1"),
]


def long_form(n: int) -> str:
    """Return a form with one question, which has n choices."""
    choices = "".join(f"|  | villages | v{place} | Desa {place} |\n" for place in range(n))
    return (
        "| survey |\n|  | type | name | label |\n|  | select_one villages | village | Desa mana? |\n"
        f"| choices |\n|  | list_name | name | label |\n{choices}"
        "| settings |\n|  | form_id | version | form_title |\n|  | desa | 1 | Desa |\n"
    )


@dataclass
class SurveyHouse:
    """A house with one form, its store, and a server in front of it."""

    settings: Settings
    store: Store
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.settings.home / "server.log"

    def start(self) -> None:
        command = voila_command(self.settings, ip="127.0.0.1", port=self.port)
        command.append("--VoilaConfiguration.preheat_kernel=False")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **voila_environment(self.settings)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.address}/survey", timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def invite(self, form_id: str = "usaha", **options: Any) -> str:
        """Return an invitation link."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        invitation = self.store.access.invite(form_id, by=SUPERVISOR, expires_at=tomorrow, **options)
        return f"{self.address}/i/{invitation.token}"

    def submissions(self) -> list[str]:
        """Return the XML of everything that was sent."""
        return [filled.xml for filled in self.store.submissions.list("usaha", by=SUPERVISOR)]


@contextmanager
def survey_house(home: Path, *, project: Path) -> Iterator[SurveyHouse]:
    """Run a server in front of a new house."""
    settings = Settings(project, home, f"sqlite:///{home / 'store.sqlite'}", boundaries=None)
    store = open_store(settings.database_url, key=read_secret(home))
    store.forms.publish(convert(xlsform=FORM, pretty_print=False).xform, by=RESEARCHER)
    store.forms.publish(convert(xlsform=long_form(400), pretty_print=False).xform, by=RESEARCHER)
    store.access.add_account("siti", PASSWORD, Role.ENUMERATOR, by=ADMIN)
    store.access.add_account("ratna", PASSWORD, Role.SUPERVISOR, by=ADMIN)
    house = SurveyHouse(settings, store)
    try:
        house.start()
        yield house
    finally:
        house.kill()


def account_of(house: SurveyHouse, name: str) -> str:
    return next(one.identifier for one in house.store.access.accounts(by=ADMIN) if one.name == name)


def send_visits(house: SurveyHouse) -> None:
    """Have Siti send her visits."""
    xform = convert(xlsform=VISIT_FORM, pretty_print=False).xform
    house.store.forms.publish(xform, by=RESEARCHER)
    form = parse_form(xform)
    siti = Actor("account", account_of(house, "siti"), Role.ENUMERATOR)
    for village_code, owner, workers in VISITS:
        session = form.start(Surroundings(properties={"deviceid": "tablet-7"}))
        answers = {"village_code": village_code, "owner": owner, "workers": workers}
        for name, value in answers.items():
            session.answer(f"/data/{name}", value)
        house.store.submissions.receive(session.finish(), by=siti, via="survey")


@dataclass
class Answer:
    """What the server answered."""

    status: int
    text: str
    headers: dict[str, str]
    address: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Visitor:
    """Somebody with a browser that runs no scripts: it keeps cookies and says where it comes from."""

    def __init__(self, house: SurveyHouse, **headers: str) -> None:
        self.house = house
        self.headers = {"Origin": house.address, **headers}
        self.jar = CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Answer:
        address = path if path.startswith("http") else self.house.address + path
        named = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
        request = urllib.request.Request(address, body, named)
        try:
            answer = self.browser.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(
                answer.status, answer.read().decode(errors="replace"), dict(answer.headers), answer.url
            )

    def send(self, path: str, **fields: str) -> Answer:
        """Send the fields of a form."""
        return self.ask(path, urlencode(fields).encode())

    def api(self, what: str, **body: Any) -> Answer:
        """Ask as the form's script does."""
        return self.ask(f"/survey/api/{what}", json.dumps(body).encode(), X_PK_Form="1")

    def begin(self, form_id: str = "usaha") -> str:
        """Begin a form; return its draft."""
        page = self.send("/survey/begin", form=form_id)
        return re.search(r'data-draft="([^"]+)"', page.text)[1]

    def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        return self.send("/survey/signin", name=name, password=password)

    def answer(self, draft: str, n: int = 1, **answers: str) -> Answer:
        """Answer questions of the first page, numbering the operations from n."""
        ops = [
            {"n": n + place, "op": "answer", "path": f"/data/usaha/{name}", "value": value}
            for place, (name, value) in enumerate(answers.items())
        ]
        return self.api("sync", draft=draft, client="phone", ops=ops)

    def upload(self, draft: str, name: str, content: bytes, **headers: str) -> Answer:
        query = f"draft={quote(draft)}&path={quote('/data/produk/photo')}"
        return self.ask(
            f"/survey/api/upload?{query}", content, **{"X_PK_Form": "1", "X_File_Name": name, **headers}
        )
