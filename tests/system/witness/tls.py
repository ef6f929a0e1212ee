# SPDX-License-Identifier: BSD-3-Clause
"""What TLS handshakes say in clear, from tshark's fields; JA4 is put together from them here, by
FoxIO's specification, since tshark 4.0 does not know it."""
import collections
import hashlib

from . import tshark

FIELDS = ("tcp.stream", "tls.handshake.type", "tls.handshake.extensions_server_name",
          "tls.handshake.version", "tls.handshake.extensions.supported_version",
          "tls.handshake.ja3", "tls.handshake.ja3_full", "tls.handshake.ciphersuite",
          "tls.handshake.extension.type", "tls.handshake.sig_hash_alg",
          "tls.handshake.extensions_alpn_str", "tls.handshake.certificate")
VERSIONS = {0x0304: "TLS 1.3", 0x0303: "TLS 1.2", 0x0302: "TLS 1.1", 0x0301: "TLSv1",
            0x0300: "SSLv3"}
MARKS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3"}


def handshakes(capture):
    """For each stream with TLS: sni, alpns, ja3, ja4, version, and the certificate's SHA-1."""
    told = collections.defaultdict(dict)
    for row in tshark.rows(capture, "tls.handshake.type in {1, 2, 11}", FIELDS):
        hello, types = told[int(row["tcp.stream"][0])], row["tls.handshake.type"]
        if "1" in types and "ja3" not in hello:
            hello.update(_client(row))
        if "2" in types and "version" not in hello:
            # RFC 8446 4.2.1: a server that chose 1.3 says so in the extension only.
            version = (row["tls.handshake.extensions.supported_version"]
                       or row["tls.handshake.version"])[0]
            hello["version"] = VERSIONS[int(version, 16)]
        if "11" in types and "fingerprint" not in hello:
            der = bytes.fromhex(row["tls.handshake.certificate"][0].replace(":", ""))
            hello["fingerprint"] = hashlib.sha1(der).hexdigest()
    return told


def _client(row):
    return {"sni": "".join(row["tls.handshake.extensions_server_name"]) or None,
            "alpns": row["tls.handshake.extensions_alpn_str"] or None,
            "ja3": "".join(row["tls.handshake.ja3"]),
            "ja3_string": "".join(row["tls.handshake.ja3_full"]), "ja4": _ja4(row)}


def _numbers(row, field, base):
    """Without the values of RFC 8701."""
    numbers = [int(text, base) for text in row[field]]
    return [n for n in numbers if n & 0x0f0f != 0x0a0a or n >> 8 != n & 255]


def _ja4(row):
    ciphers = _numbers(row, "tls.handshake.ciphersuite", 16)
    extensions = _numbers(row, "tls.handshake.extension.type", 10)
    algorithms = _numbers(row, "tls.handshake.sig_hash_alg", 16)
    versions = (_numbers(row, "tls.handshake.extensions.supported_version", 16)
                or _numbers(row, "tls.handshake.version", 16))
    alpn = (row["tls.handshake.extensions_alpn_str"] or ["00"])[0]
    front = (f"t{MARKS.get(max(versions), '00')}{'d' if 0 in extensions else 'i'}"
             f"{min(len(ciphers), 99):02}{min(len(extensions), 99):02}{alpn[0]}{alpn[-1]}")
    hashed = _hex(sorted(e for e in extensions if e not in (0, 16)))
    if algorithms:
        hashed += "_" + _hex(algorithms)
    return f"{front}_{_hash(_hex(sorted(ciphers)))}_{_hash(hashed)}"


def _hex(numbers):
    return ",".join(f"{number:04x}" for number in numbers)


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "000000000000"
