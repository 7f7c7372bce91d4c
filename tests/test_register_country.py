"""The whole country's register: fetched with npm, verified byte for byte, kept whole or not at all."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import http.server
import io
import json
import os
import shutil
import tarfile
import threading
from pathlib import Path

import pytest

from pk_research.errors import BadInput, NotFound, NotReady
from pk_research.register import (
    country_file,
    load_country,
    load_register,
    make_crosswalk,
    resolve_all,
    write_reference,
)
from pk_research.register.files import villages_csv
from pk_research.register.package import EDITION, Edition
from pk_research.settings import read_settings

FILES = {
    "LICENSE.md": "the licence\n",
    "provinces.csv": "code,name\n32,Jawa Barat\n91,Papua\n",
    "regencies.csv": "code,province_code,name\n32.16,32,Kabupaten Bekasi\n91.03,91,Kabupaten Jayapura\n",
    "districts.csv": "code,regency_code,name\n32.16.01,32.16,Tarumajaya\n91.03.01,91.03,Sentani\n",
    "villages.csv": (
        "code,district_code,name\n"
        '91.03.01.3007,91.03.01,"Desa Adat Yoboi, ""Lama"""\n'
        "32.16.01.2001,32.16.01,Sagara Makmur\n"
        "32.16.01.1007,32.16.01,Setia Asih\n"
    ),
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pack(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """Make a package file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return packed.getvalue()


def data_files() -> dict[str, bytes]:
    files = {f"package/data/{name}": text.encode() for name, text in FILES.items()}
    manifest = json.dumps({"name": "idn-area-data", "version": "9.9.9"}).encode()
    return {"package/package.json": manifest, **files}


def edition_of(content: bytes) -> Edition:
    files = {name: sha256(text.encode()) for name, text in FILES.items()}
    return Edition("idn-area-data", "9.9.9", sha256(content), files)


PACKAGE = pack(data_files())
SMALL = edition_of(PACKAGE)


@pytest.fixture
def settings(tmp_path):
    return read_settings({"PK_HOME": str(tmp_path / "home")})


@pytest.fixture
def package(tmp_path) -> Path:
    path = tmp_path / "idn-area-data-9.9.9.tgz"
    path.write_bytes(PACKAGE)
    return path


def everything_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# From a file already here


def test_the_country_is_read_from_the_package_file_and_kept_with_its_licence(settings, package):
    register = load_country(settings, source=package, edition=SMALL)
    assert [(village.code, village.name, village.kind) for village in register] == [
        ("3216011007", "Setia Asih", "kelurahan"),
        ("3216012001", "Sagara Makmur", "desa"),
        ("9103013007", 'Desa Adat Yoboi, "Lama"', "desa"),
    ]
    assert register.by_code("9103013007").regency == "Kabupaten Jayapura"
    assert register.by_old_code("3216012007") is register.by_code("3216011007")
    assert everything_in(settings.home) == [
        "register",
        "register/idn-area-data-9.9.9",
        "register/idn-area-data-9.9.9/LICENSE.md",
        "register/idn-area-data-9.9.9/villages.csv.gz",
    ]


def test_once_kept_it_is_there_without_the_package_and_unchanged(settings, package):
    first = load_country(settings, source=package, edition=SMALL)
    before = country_file(settings, edition=SMALL).stat().st_mtime_ns
    load_country(settings, source=package, edition=SMALL)
    package.unlink()
    again = load_country(settings, edition=SMALL)
    assert again.villages == first.villages
    assert country_file(settings, edition=SMALL).stat().st_mtime_ns == before


@pytest.mark.parametrize("inner", [".", "data", "package/data"])
def test_an_unpacked_folder_serves_as_well(settings, tmp_path, inner):
    folder = tmp_path / "unpacked" / inner
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_bytes(text.encode())
    assert len(load_country(settings, source=tmp_path / "unpacked", edition=SMALL)) == 3


def test_the_shipped_reference_is_bekasis_part_of_the_package(package, tmp_path):
    write_reference(tmp_path, package, edition=SMALL)
    register = load_register(path=tmp_path / "villages_3216.csv")
    assert [village.code for village in register] == ["3216011007", "3216012001"]
    assert (tmp_path / "LICENSE-ODbL-1.0.md").read_text(encoding="utf-8") == "the licence\n"


def test_the_shipped_licence_is_that_of_the_pinned_edition(project):
    licence = (project / "data" / "reference" / "LICENSE-ODbL-1.0.md").read_bytes()
    assert sha256(licence) == EDITION.files["LICENSE.md"]
    assert EDITION.sha256 in (project / "data" / "reference" / "README.md").read_text(encoding="utf-8")


# What is not the package is refused, and nothing is kept


@pytest.mark.parametrize(
    "content",
    [b"", b"not a package", PACKAGE[:-20], PACKAGE + b"\0", pack({"package/data/villages.csv": b""})],
    ids=["empty", "text", "truncated", "longer", "other"],
)
def test_a_file_of_another_hash_is_refused(settings, package, content):
    package.write_bytes(content)
    with pytest.raises(
        BadInput, match=f"its sha256 is {sha256(content)}, but version 9.9.9 has {SMALL.sha256}"
    ):
        load_country(settings, source=package, edition=SMALL)
    assert not settings.home.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PACKAGE[:-200], "end-of-stream"),
        (b"", "empty"),
        (b"not a package", "not a gzip"),
        (pack({}), "LICENSE.md' not found"),
        (
            pack({k: v for k, v in data_files().items() if "villages" not in k}),
            "villages.csv' not found",
        ),
        (
            pack(
                {k: v for k, v in data_files().items() if "villages" not in k},
                links={"package/data/villages.csv": "/etc/passwd"},
            ),
            "villages.csv is no plain file",
        ),
    ],
    ids=["truncated", "empty", "text", "no files", "one file missing", "link"],
)
def test_even_a_pinned_file_must_be_a_sound_package(settings, package, content, reason):
    package.write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        load_country(settings, source=package, edition=edition_of(content))
    assert not settings.home.exists()


def test_a_member_too_large_to_be_true_is_not_read(settings, package, monkeypatch):
    monkeypatch.setattr("pk_research.register.package._LARGEST_BYTES", 10)
    with pytest.raises(BadInput, match=r"LICENSE\.md is no plain file of a plausible size"):
        load_country(settings, source=package, edition=SMALL)


def test_a_package_that_reaches_outside_its_folder_writes_nothing_there(settings, package, tmp_path):
    content = pack({**data_files(), "../../escaped": b"!", "/tmp/escaped-from-a-package": b"!"})
    package.write_bytes(content)
    load_country(settings, source=package, edition=edition_of(content))
    assert [path.name for path in tmp_path.rglob("*escaped*")] == []
    assert not Path("/tmp/escaped-from-a-package").exists()


def test_a_folder_with_an_altered_file_is_refused_by_name(settings, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "villages.csv").write_bytes(FILES["villages.csv"].replace("Sagara", "Segara").encode())
    with pytest.raises(BadInput, match=r"villages\.csv: its sha256 is"):
        load_country(settings, source=tmp_path, edition=SMALL)
    assert not settings.home.exists()


def test_a_path_with_nothing_there_says_so(settings, tmp_path):
    with pytest.raises(NotFound, match="there is no such file or folder"):
        load_country(settings, source=tmp_path / "nothing", edition=SMALL)
    with pytest.raises(NotFound, match=r"it does not hold the files LICENSE\.md"):
        load_country(settings, source=tmp_path, edition=SMALL)


def test_a_run_cut_short_leaves_nothing_that_looks_whole(settings, package, monkeypatch):
    def cut_short(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", cut_short)
    with pytest.raises(KeyboardInterrupt):
        load_country(settings, source=package, edition=SMALL)
    monkeypatch.undo()
    assert everything_in(settings.home) == ["register"]
    assert len(load_country(settings, source=package, edition=SMALL)) == 3


# With npm, from a registry on this machine


@pytest.fixture
def registry(monkeypatch, tmp_path):
    """A registry with one package; set `content` to what it shall serve."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: `apt-get install npm`")

    class Registry(http.server.BaseHTTPRequestHandler):
        content = PACKAGE

        def do_GET(self):
            if self.path.endswith(".tgz"):
                body = self.content
            elif self.path == "/idn-area-data":
                body = json.dumps(self.describe()).encode()
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def describe(self):
            integrity = base64.b64encode(hashlib.sha512(self.content).digest()).decode()
            tarball = f"http://{self.headers['Host']}/idn-area-data-9.9.9.tgz"
            dist = {"tarball": tarball, "integrity": f"sha512-{integrity}"}
            version = {"name": "idn-area-data", "version": "9.9.9", "dist": dist}
            return {
                "name": "idn-area-data",
                "dist-tags": {"latest": "9.9.9"},
                "versions": {"9.9.9": version},
            }

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
        monkeypatch.setenv("npm_config_userconfig", os.devnull)
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield Registry
        server.shutdown()
        thread.join()


def test_npm_fetches_the_package_from_wherever_it_is_configured_to_look(settings, registry):
    assert len(load_country(settings, edition=SMALL)) == 3
    assert country_file(settings, edition=SMALL).is_file()


def test_what_npm_fetched_must_have_the_pinned_hash(settings, registry):
    registry.content = pack({**data_files(), "package/data/villages.csv": b"code,district_code,name\n"})
    with pytest.raises(BadInput, match=r"its sha256 is .* fetch idn-area-data 9\.9\.9 again"):
        load_country(settings, edition=SMALL)
    assert not settings.home.exists()


def test_a_version_the_registry_lacks_is_said_with_the_way_round_it(settings, registry):
    missing = Edition("idn-area-data", "1.2.3", SMALL.sha256, SMALL.files)
    with pytest.raises(
        NotReady, match=r"could not fetch idn-area-data 1\.2\.3 \(npm error code ETARGET\).*Or: Fetch"
    ):
        load_country(settings, edition=missing)
    assert not settings.home.exists()


def test_without_npm_the_remedy_is_named(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReady, match=r"npm: it is not installed\. Install npm .* give its path"):
        load_country(settings, edition=SMALL)


# The real country, where it has been loaded


@pytest.fixture(scope="session")
def country():
    settings = read_settings()
    if not country_file(settings).is_file():
        pytest.skip("the country's register is not loaded here: `pk load register --country`")
    return load_country(settings)


def test_the_country_has_83762_villages_and_bekasi_is_as_shipped(country):
    assert len(country) == 83762
    ours = [village for village in country if village.regency_code == "3216"]
    assert villages_csv(ours) == villages_csv(load_register())


def test_every_code_in_use_instead_of_another_is_in_the_country(country, project):
    with (project / "data" / "reference" / "code_changes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert country.by_code(row["new_code"]).name == row["village"]
            assert country.by_code(row["old_code"]) is None


def test_names_as_bps_writes_them_lead_to_the_village_with_the_code_beside_them(country, shared):
    path = shared / "data" / "opendata-jabar" / "sinyal_telepon.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["tahun"] == "2019.0"]
    codes = [row["kemendagri_kode_desa_kelurahan"] for row in rows]
    villages = [answer.village for answer in resolve_all(codes, country)]
    by_name = resolve_all(
        [row["bps_nama_desa_kelurahan"] for row in rows],
        country,
        kecamatan=[row["bps_nama_kecamatan"] for row in rows],
        regency=[row["bps_nama_kabupaten_kota"] for row in rows],
    )
    named = [
        (answer.village, village) for answer, village in zip(by_name, villages, strict=True) if answer.village
    ]
    assert all(answer is village for answer, village in named)
    assert len(named) / len(rows) > 0.98
    crosswalk = make_crosswalk(zip([row["bps_kode_desa_kelurahan"] for row in rows], codes, strict=True))
    by_bps = resolve_all([row["bps_kode_desa_kelurahan"] for row in rows], country, crosswalk=crosswalk)
    assert all(a.village in {None, v} for a, v in zip(by_bps, villages, strict=True))
