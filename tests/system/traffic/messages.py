# SPDX-License-Identifier: BSD-3-Clause
"""The messages that are sent and stored. All are bytes with CRLF line ends and no dot stuffing."""
import email.message
import email.policy

DATE = "Mon, 23 Dec 2024 17:00:00 +0000"


def plain(sender, recipient, subject, lines, date=DATE):
    """A text of one part; `subject` may be any Unicode and is then encoded by RFC 2047."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message["Date"], message["Message-ID"] = date, f"<{abs(_stable(subject))}@example.net>"
    message.set_content("\n".join(lines) + "\n")
    return message.as_bytes()


def with_attachment(sender, recipient, subject, lines, filename, size):
    """multipart/mixed with a text and `size` octets called `filename` (RFC 2231 where needed)."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message["Date"], message["Message-ID"] = DATE, f"<{abs(_stable(subject))}@example.net>"
    message["User-Agent"] = "Winter Mail 3.1"
    message.set_content("\n".join(lines) + "\n")
    content = b"%PDF-1.4\n" + bytes(range(256)) * (size // 256 + 1)
    message.add_attachment(content[:size], maintype="application", subtype="pdf",
                           filename=filename)
    message.set_boundary("=_winter_mail_part")
    return message.as_bytes()


def of_octets(size, sender, recipient, subject, date=DATE):
    """A plain message of exactly `size` octets."""
    def build(filler):
        return plain(sender, recipient, subject, filler, date)

    line, lines = "In winter the post comes late and the letters are long; this one too.", []
    while len(build(lines + [line])) + 2 < size:
        lines.append(line)
    rest = size - len(build(lines + [""]))
    # A last line that fills up; one too long for a message line is broken in two.
    lines += ["x" * rest] if rest <= 72 else ["x" * 40, "x" * (rest - 42)]
    message = build(lines)
    assert len(message) == size, (len(message), size)
    return message


def dotted(sender, recipient):
    """Lines of dots in every position: all of them must survive dot stuffing (RFC 5321 4.5.2)."""
    return plain(sender, recipient, "Dots", [".", "..", ".one", "in . between", "...", "", "end."])


def _stable(text):
    value = 0
    for byte in text.encode():
        value = (value * 131 + byte) % 1000000007
    return value
