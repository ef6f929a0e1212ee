# SPDX-License-Identifier: BSD-3-Clause
"""Random messages of many parts, made by Python's email package and then bent in places."""
import email.encoders
import email.message
import email.policy
from email.mime.base import MIMEBase

WORDS = ["report", "Wintermärchen", "naïve", "データ", "a b", "semi;colon", "q\"uote", "x" * 90,
         "percent%41", "tick'y", "=?", "résumé", "..", "🜁"]
TYPES = [("application", "pdf"), ("image", "png"), ("text", "plain"), ("text", "html"),
         ("application", "octet-stream"), ("audio", "x-odd"), ("text", "calendar")]
HEADS = [b"%PDF-1.5\n", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"GIF89a", b"", b"\0\0", b"<html>"]
URLS = ["http://example.com/{}", "https://example.org/a?b={}&c=d", "HTTP://EXAMPLE.NET/{}/",
        "ftp://ftp.example.com/{}.gz"]


def message(random):
    one = _entity(random, depth=0)
    one["From"], one["To"] = "a@example.com", "b@example.org"
    one["Subject"] = f"number {random.randrange(10**6)}"
    octets = one.as_bytes(policy=_policy(random))
    octets = b"\r\n".join(octets.replace(b"\r\n", b"\n").split(b"\n"))
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def _policy(random):
    return random.choice((email.policy.SMTP, email.policy.compat32,
                          email.policy.SMTP.clone(cte_type="7bit")))


def _entity(random, depth):
    kind = random.random()
    if depth < 5 and (depth == 0 and kind < 0.8 or kind < 0.25):
        return _multipart(random, depth)
    if 0 < depth < 5 and kind < 0.33:
        whole = MIMEBase("message", "rfc822")
        whole.attach(_entity(random, depth + 1))
        return whole
    return _attachment(random) if kind < 0.75 else _text(random)


def _multipart(random, depth):
    many = MIMEBase("multipart", random.choice(("mixed", "alternative", "related", "x-odd")))
    for _ in range(random.randrange(1, 5)):
        many.attach(_entity(random, depth + 1))
    boundary = "".join(random.choice("abcXYZ019'()+_,-./:=?") for _ in range(
        random.choice((1, 3, 20, 40, 70))))
    many.set_boundary(f"{depth}{boundary}"[:70] if random.random() < 0.7 else
                      f"=_{depth}_{random.randrange(10**9)}")
    if random.random() < 0.3:
        many.preamble = "-- \nThis is a message of many parts.\n--\n-"
    if random.random() < 0.3:
        many.epilogue = "--\nthe end\n"
    return many


def _attachment(random):
    main, sub = random.choice(TYPES)
    part = MIMEBase(main, sub)
    size = random.choice((0, 1, 2, 3, 40, 57, 58, 511, 512, 513, 4000))
    content = (random.choice(HEADS) + random.randbytes(size))[:size]
    way = random.random()
    if way < 0.6 or main != "text" and way < 0.8:
        part.set_payload(content)
        email.encoders.encode_base64(part)
        if random.random() < 0.2:
            part.set_payload(part.get_payload().replace("\n", ""))
    elif way < 0.9:
        part.set_payload(content)
        email.encoders.encode_quopri(part)
    else:
        part.set_payload("\n".join("-" * random.randrange(5) + "plain" * random.randrange(20)
                                   for _ in range(random.randrange(20))))
        part["Content-Transfer-Encoding"] = "7bit"
    name = " ".join(random.sample(WORDS, random.randrange(1, 3))) + ".bin"
    form = random.random()
    plain = name.isascii()
    if form < 0.5 or not plain:
        part.add_header("Content-Disposition", "attachment",
                        filename=name if plain else ("utf-8", "", name))
    elif form < 0.8:
        part.set_param("name", name)
    else:
        cut = len(name) // 2
        quoted = [piece.replace("\\", "\\\\").replace('"', '\\"')
                  for piece in (name[:cut], name[cut:])]
        part["Content-Disposition"] = (f'inline; filename*0="{quoted[0]}";\n'
                                       f' filename*1="{quoted[1]}"')
    return part


def _text(random):
    text = email.message.EmailMessage()
    lines = []
    for _ in range(random.randrange(30)):
        line = " ".join(random.choice(("spam", "eggs", "-", "=", "--", "straße", ":", "//", "http:"))
                        for _ in range(random.randrange(12)))
        if random.random() < 0.2:
            line += " " + random.choice(URLS).format(random.randrange(30))
        lines.append(line)
    text.set_content("\n".join(lines) + "\n", subtype=random.choice(("plain", "html")),
                     cte=random.choice((None, "base64", "quoted-printable", "8bit")))
    del text["MIME-Version"]
    return text
