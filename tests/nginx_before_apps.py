"""nginx with ``deploy/nginx.conf`` before an apps server: on loopback, with a certificate made for it."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext, create_default_context

from ports import free_port

MISSING = [name for name in ("nginx", "openssl") if shutil.which(name) is None]
WHY_NOT = f"not installed: {', '.join(MISSING)} (`apt-get install nginx-light openssl`)"


@dataclass(frozen=True)
class Front:
    """Where nginx listens, and how to know it by its certificate."""

    https: int
    http: int
    certificate: Path

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.https}"

    @property
    def tls(self) -> SSLContext:
        return create_default_context(cafile=str(self.certificate))


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for loopback; return it and its key."""
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key),
         "-out", str(certificate), "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def configured(text: str, folder: Path, front: Front, *, apps: int) -> Path:
    """Write the configuration with the places of this machine in it, and what Debian has around it."""
    _, key = front.certificate, front.certificate.with_name("privkey.pem")
    # This machine may have no IPv6. The server for JupyterHub is told from the first by its name.
    text = "\n".join(line for line in text.splitlines() if "listen [::]" not in line)
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{front.http};",
        "listen 443 ssl": f"listen 127.0.0.1:{front.https} ssl",
        "127.0.0.1:8866": f"127.0.0.1:{apps}",
        "/etc/letsencrypt/live/pk.example.go.id/fullchain.pem": str(front.certificate),
        "/etc/letsencrypt/live/pk.example.go.id/privkey.pem": str(key),
        "/var/cache/nginx/pk": str(folder / "cache"),
        "/var/log/nginx/pk.error.log": str(folder / "error.log"),
        "$host$request_uri": f"127.0.0.1:{front.https}$request_uri",
    }.items():
        assert old in text, f"deploy/nginx.conf names no {old} any more"
        text = text.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"    {kind}_temp_path {folder / kind};\n" for kind in kinds)
    # Run by root its workers would be nobody, who may not write here.
    user = f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
    main = folder / "main.conf"
    main.write_text(
        f"{user}daemon off;\npid {folder / 'nginx.pid'};\nerror_log {folder / 'main.log'};\n"
        f"events {{ worker_connections 512; }}\nhttp {{\n{temporary}{text}\n}}\n"
    )
    return main


@contextmanager
def nginx_before(project: Path, folder: Path, *, apps: int) -> Iterator[Front]:
    """Run nginx before the apps server at a port."""
    folder.mkdir()
    certificate, _ = self_signed(folder)
    front = Front(free_port(), free_port(), certificate)
    conf = configured((project / "deploy" / "nginx.conf").read_text(), folder, front, apps=apps)
    command = ["nginx", "-p", str(folder), "-c", str(conf)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with suppress(OSError):
                urllib.request.urlopen(f"{front.address}/health", context=front.tls, timeout=5).close()
                break
            time.sleep(0.1)
        yield front
    finally:
        process.terminate()
        process.wait(timeout=20)
