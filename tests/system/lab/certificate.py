# SPDX-License-Identifier: BSD-3-Clause
"""A self-signed certificate for the server, made anew for each run and valid for two days."""
import subprocess

from . import accounts


def make(folder):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/O=Example Mail/CN={accounts.HOST}",
         "-addext", f"subjectAltName=DNS:{accounts.HOST}",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
    return certificate, key
