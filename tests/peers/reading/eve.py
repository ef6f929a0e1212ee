# SPDX-License-Identifier: BSD-3-Clause
"""Reads an EVE log, the product's or Suricata's, by the one table of fields that both have."""
import ipaddress

from reading.facts import Facts, text

# By event type: the place of each field that has the same name and meaning in both.
FIELDS = {
    "smtp": ("smtp.helo", "smtp.mail_from", "smtp.rcpt_to", "email.from", "email.to", "email.cc",
             "email.subject", "email.date", "email.message_id", "email.x_mailer", "email.received",
             "email.reply_to", "email.in_reply_to", "email.references", "email.user_agent",
             "email.attachment", "email.url"),
    "pop3": ("pop3.request.command", "pop3.request.args", "pop3.response.success",
             "pop3.response.status", "pop3.response.header", "pop3.response.data"),
    "fileinfo": ("fileinfo.filename", "fileinfo.size", "fileinfo.md5", "fileinfo.sha1",
                 "fileinfo.sha256", "fileinfo.magic", "fileinfo.state", "fileinfo.gaps"),
    "tls": ("tls.sni", "tls.version", "tls.subject", "tls.issuerdn", "tls.serial",
            "tls.fingerprint", "tls.notbefore", "tls.notafter", "tls.ja3.hash", "tls.ja4",
            "tls.client_alpns"),
    "flow": ("app_proto", "client", "flow.pkts_toserver", "flow.pkts_toclient",
             "flow.bytes_toserver", "flow.bytes_toclient"),
}
NAMES = tuple(name for names in FIELDS.values() for name in names)


def _at(event, place):
    for word in place.split("."):
        if not isinstance(event, dict) or word not in event:
            return None
        event = event[word]
    return event


def end(event, side):
    """Address and port; Suricata writes IPv6 in full."""
    return str(ipaddress.ip_address(event[f"{side}_ip"])), event[f"{side}_port"]


def key(event):
    return Facts.key(end(event, "src"), end(event, "dest"))


def add(told, event, respell, each=False):
    """`respell` gives a value the common spelling: respell(name, value, event); None leaves it out.
    With `each`, every element of a list is a value."""
    names = FIELDS.get(event["event_type"])
    if not names or "src_port" not in event:
        return
    flow = told.flow(key(event))
    event["client"] = "{}:{}".format(*end(event, "src"))
    for name in names:
        value = respell(name, _at(event, name), event)
        values = value if each and isinstance(value, list) else [value]
        flow.setdefault(name, []).extend(text(one) for one in values if one not in (None, "", []))
