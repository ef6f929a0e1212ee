# SPDX-License-Identifier: BSD-3-Clause
"""pop3 events beside the dialogue: one event for each command with its answer."""
from . import message

KEYWORDS = {"USER", "PASS", "APOP", "AUTH", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "NOOP",
            "RSET", "LAST", "CAPA", "STLS", "UTF8", "LANG", "XTND", "QUIT"}


def compare(report, stream, events, session):
    logged = [event.get("pop3", {}).get("request", {}).get("command") for event in events]
    report.same("pop3 commands", logged, [one.command for one in session.exchanges])
    if len(events) != len(session.exchanges):
        return                      # every field of every later command would differ as well
    for number, (event, exchange) in enumerate(zip(events, session.exchanges)):
        told, field = event.get("pop3", {}), f"pop3[{number}] {exchange.command}"
        _request(report, field, told.get("request", {}), exchange)
        _response(report, field, told, exchange)
        _meaning(report, field, event, exchange)
        latency = told.get("latency_ms")
        longest = (stream.ended - stream.begun) * 1000
        report.holds(f"{field}.latency_ms",
                     isinstance(latency, (int, float)) and 0 <= latency <= longest + 0.01,
                     f"{latency!r} in a connection of {longest:.3f} ms")


def _request(report, field, told, exchange):
    """In a secret's place may be a mark or nothing; secrets.py looks for the secret itself."""
    args, open_args = told.get("args", []), len(exchange.args) - exchange.secrets
    if exchange.command not in KEYWORDS:    # may be a mistyped PASS: its words are not logged
        open_args = 0
    report.same(f"{field}.args", args[:open_args], exchange.args[:open_args])
    report.holds(f"{field}.args", len(args) <= len(exchange.args), f"{args!r} has too many")


def _response(report, field, told, exchange):
    response = told.get("response", {})
    report.same(f"{field}.success", response.get("success"), exchange.success)
    report.same(f"{field}.status", response.get("status", "").lstrip("+-"),
                exchange.status.lstrip("+-"))
    code, _, rest = exchange.header.partition("] ")
    if exchange.header.startswith("["):             # RFC 2449 8
        report.same(f"{field}.code", told.get("code"), code[1:])
        report.among(f"{field}.header", response.get("header"), (exchange.header, rest))
    elif exchange.command not in KEYWORDS:          # the answer may repeat the words
        report.among(f"{field}.header", response.get("header", ""), (exchange.header, "***"))
    else:
        report.same(f"{field}.header", response.get("header", ""), exchange.header)


def _meaning(report, field, event, exchange):
    told, command = event.get("pop3", {}), exchange.command
    if not exchange.success:
        return
    if command == "STAT":
        messages, octets = map(int, exchange.header.split()[:2])
        report.same(f"{field}.stat", told.get("stat"), {"messages": messages, "octets": octets})
    elif command in ("LIST", "UIDL"):
        lines = exchange.lines if exchange.lines is not None else [exchange.header]
        pairs = [line.split()[:2] for line in lines]
        truth = ([{"number": int(n), "octets": int(value)} for n, value in pairs]
                 if command == "LIST" else [{"number": int(n), "id": value} for n, value in pairs])
        report.same(f"{field}.{command.lower()}", told.get(command.lower(), []), truth)
    elif command == "RETR":
        _retr(report, field, event, exchange)


def _retr(report, field, event, exchange):
    told = event.get("pop3", {}).get("retr", {})
    report.same(f"{field}.retr.number", told.get("number"), int(exchange.args[0]))
    report.same(f"{field}.retr.octets_declared", told.get("octets_declared"),
                int(exchange.header.split()[0]))
    report.same(f"{field}.retr.octets", told.get("octets"), len(exchange.message))
    message.compare(report, f"email[{field}]", event.get("email") or told.get("email"),
                    exchange.message)
