# SPDX-License-Identifier: BSD-3-Clause
"""The `email` object and fileinfo events beside what Python's email package makes of the octets."""
import email
import email.policy
import hashlib


def compare(report, field, told, octets):
    """`told` is the email object of an event, `octets` the message as transferred."""
    message = email.message_from_bytes(octets, policy=email.policy.default)
    told = told or {}
    for name in ("from", "subject", "date", "message_id"):
        true = message[name.replace("_", "-")]
        report.same(f"{field}.{name}", _squeezed(told.get(name)), _squeezed(true))
    report.same(f"{field}.to", [_squeezed(one) for one in told.get("to", [])],
                [one.strip() for one in str(message["to"] or "").split(",") if one.strip()])
    names = [name for name, _ in attachments(octets)]
    report.same(f"{field}.attachment", told.get("attachment", []), names)


def attachments(octets):
    message = email.message_from_bytes(octets, policy=email.policy.default)
    return [(part.get_filename(), part.get_payload(decode=True)) for part in message.walk()
            if part.get_filename()]


def files(report, events, messages):
    """Each attachment of a message that was transferred whole has a fileinfo event."""
    told = {}
    for event in events:
        info = event.get("fileinfo", {})
        told.setdefault(info.get("filename"), info)
    for octets in messages:
        for name, content in attachments(octets):
            info = told.get(name)
            report.holds(f"fileinfo {name}", info, "no such event")
            if info:
                report.same(f"fileinfo {name}.size", info.get("size"), len(content))
                report.same(f"fileinfo {name}.state", info.get("state"), "CLOSED")
                for digest in ("md5", "sha1", "sha256"):
                    if digest in info:
                        report.same(f"fileinfo {name}.{digest}", info[digest],
                                    hashlib.new(digest, content).hexdigest())


def _squeezed(text):
    return " ".join(str(text).split()) if text is not None else None
