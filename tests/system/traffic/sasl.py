# SPDX-License-Identifier: BSD-3-Clause
"""The client's side of SASL mechanisms, each a generator: yields responses, is sent challenges."""
import base64
import hashlib
import hmac
import os
import re


def plain(user, password):
    yield f"\0{user}\0{password}".encode()


def login(user, password):
    yield None
    yield user.encode()
    yield password.encode()


def cram_md5(user, password):
    """RFC 2195."""
    challenge = yield None
    yield f"{user} {hmac.new(password.encode(), challenge, 'md5').hexdigest()}".encode()


def digest_md5(user, password, uri):
    """RFC 2831, quality of protection `auth`."""
    said = dict(re.findall(r'([\w-]+)="?([^",]*)"?', (yield None).decode()))
    realm, nonce, cnonce = said.get("realm", ""), said["nonce"], base64.b64encode(os.urandom(9))
    cnonce = cnonce.decode()
    md5 = lambda octets: hashlib.md5(octets)                # noqa: E731
    secret = md5(f"{user}:{realm}:{password}".encode()).digest()
    first = md5(secret + f":{nonce}:{cnonce}".encode()).hexdigest()
    second = md5(f"AUTHENTICATE:{uri}".encode()).hexdigest()
    proof = md5(f"{first}:{nonce}:00000001:{cnonce}:auth:{second}".encode()).hexdigest()
    yield (f'username="{user}",realm="{realm}",nonce="{nonce}",cnonce="{cnonce}",nc=00000001,'
           f'qop=auth,digest-uri="{uri}",response={proof},charset=utf-8').encode()
    yield b""                                               # the server's own proof was rspauth


def scram(user, password, algorithm):
    """RFC 5802, RFC 7677, without channel binding."""
    nonce = base64.b64encode(os.urandom(12)).decode()
    bare = f"n={user},r={nonce}"
    first = (yield f"n,,{bare}".encode()).decode()
    said = dict(part.split("=", 1) for part in first.split(","))
    salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), base64.b64decode(said["s"]),
                                 int(said["i"]))
    key = hmac.new(salted, b"Client Key", algorithm).digest()
    last = f"c=biws,r={said['r']}"
    signature = hmac.new(hashlib.new(algorithm, key).digest(),
                         f"{bare},{first},{last}".encode(), algorithm).digest()
    proof = bytes(a ^ b for a, b in zip(key, signature))
    yield f"{last},p={base64.b64encode(proof).decode()}".encode()
    yield b""


def xoauth2(user, token):
    yield f"user={user}\1auth=Bearer {token}\1\1".encode()
    yield b""                                               # after the error that failed it


def oauthbearer(user, token):
    """RFC 7628."""
    yield f"n,a={user},\1auth=Bearer {token}\1\1".encode()
    yield b"\1"


def encode(response):
    return base64.b64encode(response).decode() if response else "="
