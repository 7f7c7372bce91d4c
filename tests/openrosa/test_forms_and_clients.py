"""The OpenRosa endpoint asked as phones ask it, over the wire: forms, the code to scan, other clients.

There are two clients here: curl, and `Phone`. Neither shares a line with the server.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
import zlib
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
from openrosa_phone import (
    FORM,
    LIST,
    MIB,
    OTHER,
    PICTURE,
    VILLAGES,
    Answer,
    Phone,
    business,
    enumerator,
    filled,
    instance_of,
    kept,
    key,
    md5,
)
from ports import free_port
from pyxform.xls2xform import convert
from survey_server import PASSWORD, RESEARCHER, SUPERVISOR, Visitor

from pk_research.apps.openrosa import collect_qr, collect_settings
from pk_research.apps.serve import voila_environment
from pk_research.language import catalogue

# --- getting forms


def test_the_list_holds_the_form_of_the_invitation_and_no_other(house):
    [entry] = key(house).forms()
    assert (entry["formID"], entry["name"], entry["version"]) == (FORM, "Usaha rumah tangga", "1")
    assert set(entry) == {"formID", "name", "version", "hash", "downloadUrl"}


def test_an_account_sees_all_forms_or_the_one_it_asks_for(house):
    siti = enumerator(house)
    assert {entry["formID"] for entry in siti.forms()} == {FORM, "desa", OTHER}
    assert [entry["formID"] for entry in siti.forms("?formID=desa")] == ["desa"]
    assert siti.forms("?formID=nothing") == []


def test_a_verbose_list_describes_the_forms(house):
    [entry] = key(house).forms("?verbose=true")
    assert entry["descriptionText"].startswith("Usaha rumah tangga, 20")


def test_a_form_arrives_byte_for_byte_with_everything_that_belongs_to_it(house):
    phone = key(house, OTHER)
    [entry] = phone.forms()
    assert (entry["name"], entry["version"]) == ("Foto <produk> & desa", '2 "b"')
    assert phone.form(OTHER) == house.store.forms.find(OTHER).xml.encode()
    assert phone.media(OTHER) == {"peta.png": PICTURE, "villages.csv": VILLAGES}


def test_a_version_that_is_not_the_newest_is_still_there_with_its_own_files(house):
    form = "| survey |\n|  | type | name | label |\n|  | note | n | {n} |\n| settings |\n"
    form += "|  | form_id | version | form_title |\n|  | lama | {n} | Lama |\n"
    for n in (1, 2):
        xform = convert(xlsform=form.format(n=n), pretty_print=False).xform
        house.store.forms.publish(xform, by=RESEARCHER)
    phone = key(house, "lama")
    [newest] = phone.forms()
    assert newest["version"] == "2"
    address = newest["downloadUrl"].replace("version=2", "version=1")
    assert phone.ask(address).content == house.store.forms.find("lama", "1").xml.encode()
    house.store.forms.close("lama", by=RESEARCHER)
    assert phone.forms() == []
    assert phone.ask(address).status == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [("formList", 200), ("submission", 405), ("form.xml?formID=x", 404), ("manifest", 400), ("nothing", 404)],
)
def test_every_answer_says_its_version_and_date(house, path, status):
    answer = key(house).ask(f"{key(house).url}/{path}")
    assert answer.status == status
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - datetime.now(UTC)) < timedelta(hours=1)
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"


# --- the code to scan


def test_a_settings_code_holds_the_address_and_nothing_else():
    settings = json.loads(zlib.decompress(b64decode(collect_settings("https://example.org/key/i-0.a"))))
    assert settings == {"general": {"server_url": "https://example.org/key/i-0.a"}, "admin": {}}


def picture_of(svg: str) -> np.ndarray:
    """Paint the strokes of a QR code, four pixels to a module."""
    [light] = re.findall(r'fill="#fff" d="M0 0h(\d+)v\1', svg)
    [dark] = re.findall(r'd="([^"]+)"[^>]* stroke="#000"|stroke="#000" d="([^"]+)"', svg)
    pixels, x, y = np.full((int(light), int(light)), 255, np.uint8), 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", "".join(dark)):
        if command == "h":
            pixels[int(y), int(x) : int(x + float(first))] = 0
            x += float(first)
        else:
            x, y = float(first) + x * (command == "m"), float(second) + y * (command == "m")
    return np.kron(pixels, np.ones((4, 4), np.uint8))


def test_another_program_reads_the_code(house):
    zxingcpp = pytest.importorskip("zxingcpp", reason="needs zxing-cpp, a second reader of QR codes")
    url = key(house).url
    [found] = zxingcpp.read_barcodes(picture_of(collect_qr(url)))
    assert json.loads(zlib.decompress(b64decode(found.text)))["general"]["server_url"] == url


def test_the_page_shows_the_code_and_three_steps_in_two_languages(house):
    phone = key(house)
    page, visitor = urlsplit(phone.url).path, Visitor(house)
    for address in (page, f"{page}/"):
        answer = visitor.ask(address)
        assert answer.status == 200
        assert "Isi dengan ODK Collect" in answer.text
        assert answer.text.count("<li>") == 3
        assert collect_qr(phone.url) in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Fill in with ODK Collect" in visitor.ask(f"{page}/?language=en").text
    assert re.findall(r"<style| style=| on[a-z]+=", answer.text) == []


def test_every_text_of_the_page_has_its_indonesian(project):
    page = (project / "pk_research/apps/openrosa/templates/collect.html").read_text(encoding="utf-8")
    texts = {first or second for first, second in re.findall(r"""say\((?:"([^"]+)"|'([^']+)')\)""", page)}
    assert len(texts) == 9
    assert sorted(texts - set(catalogue("id"))) == []


def test_the_page_of_a_forged_link_shows_nothing(house):
    answer = Visitor(house).ask("/key/i-0123456789abcdef.AAAA/")
    assert answer.status == 403
    assert "<svg" not in answer.text


# --- another client


def curl(*arguments: str) -> Answer:
    """Ask with curl; its answer with the headers of the last response."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "60", *arguments]
    head, _, content = subprocess.check_output(command).partition(b"\r\n\r\n")
    while b" 100 " in head.split(b"\r\n")[0]:
        head, _, content = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = http.client.HTTPMessage()
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name] = value
    return Answer(int(first.split()[1]), content, headers)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gets_a_form_and_sends_it_with_a_large_photograph(house, tmp_path):
    [entry] = enumerator(house).forms(f"?formID={quote(OTHER)}")
    user = ["--user", f"siti:{PASSWORD}"]
    listed = curl(*user, f"{house.address}/openrosa/formList")
    assert entry["downloadUrl"] in [url.text for url in listed.xml.iter(f"{LIST}downloadUrl")]
    form = curl(*user, entry["downloadUrl"]).content
    assert md5(form) == entry["hash"]
    submission = f"{house.address}/openrosa/submission"
    assert curl(submission, "--head").status == 401
    assert curl(*user, submission, "--head").status == 204
    xml = filled(form, {"village": "v2"}, photos=["besar.jpg"])
    (tmp_path / "filling.xml").write_bytes(xml)
    (tmp_path / "besar.jpg").write_bytes(os.urandom(12 * MIB))
    parts = [("xml_submission_file", "filling.xml", "text/xml"), ("besar.jpg", "besar.jpg", "image/jpeg")]
    fields = [f"{name}=@{tmp_path / file};type={kind}" for name, file, kind in parts]
    answer = curl(*user, *(word for one in fields for word in ("--form", one)), submission)
    assert answer.status == 201, answer.content
    sent = (tmp_path / "besar.jpg").read_bytes()
    assert house.store.submissions.attachment(instance_of(xml), "besar.jpg", by=SUPERVISOR) == sent


# --- a Jupyter server, and what servers write down


def secrets_of(phone: Phone, xml: bytes) -> tuple[str, ...]:
    token = phone.url.rpartition("/")[2]
    return token, token[:18], instance_of(xml), "Rahasia", "collect:abc", "collect%3Aabc"


def test_the_log_holds_no_token_identifier_device_or_answer(house):
    phone, xml = key(house), business(house, "Rahasia")
    phone.forms()
    phone.post(xml, query="?deviceID=collect%3Aabc")
    phone.post(xml.replace(b"Rahasia", b"Rahasia 2"))
    phone.ask(f"{phone.url}/form.xml?formID=desa")
    phone.ask(f"{phone.url}/nothing")
    phone.ask(phone.url)
    written = house.log.read_text()
    assert "409 POST Submission" in written
    assert "404 GET FormFile" in written
    for secret in (*secrets_of(phone, xml), "/key/"):
        assert secret not in written
    assert "Traceback" not in written


def test_a_jupyter_server_answers_phones_as_well(house, tmp_path):
    port, log = free_port(), tmp_path / "jupyter.log"
    places = {f"JUPYTER_{what}_DIR": str(tmp_path) for what in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **voila_environment(house.settings), **places}
    chosen = tmp_path / "jupyter_server_config.d" / "pk_openrosa.json"
    chosen.parent.mkdir()
    chosen.write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"pk_research.apps.openrosa": True}}}))
    serve = ["--no-browser", "--allow-root", "--debug", f"--ServerApp.port={port}"]
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *serve, f"--ServerApp.root_dir={tmp_path}"],
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        token = key(house).url.rpartition("/")[2]
        phone, xml = Phone(f"http://127.0.0.1:{port}/key/{token}"), business(house, "Rahasia")
        _wait_for(f"{phone.url}/formList", log)
        assert [entry["formID"] for entry in phone.forms()] == [FORM]
        assert phone.ask(f"{phone.url}x/formList").status == 403
        assert phone.post(xml, query="?deviceID=collect%3Aabc").status == 201
        page = phone.ask(f"{phone.url}/").content.decode()
        for address in re.findall(r'(?:src|href)="(/survey/static/[^"]+)"', page):
            assert phone.ask(f"http://127.0.0.1:{port}{address}").status == 200
    finally:
        server.kill()
        server.wait()
    assert kept(house, xml).xml.encode() == xml
    written = log.read_text()
    for secret in secrets_of(phone, xml):
        assert secret not in written


def _wait_for(url: str, log: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
