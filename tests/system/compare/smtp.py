# SPDX-License-Identifier: BSD-3-Clause
"""smtp events beside the dialogue."""
from . import message


def compare(report, events, session):
    """One event for each transaction, or a single one when the session held none."""
    wanted = session.transactions or [None]
    report.same("smtp events", len(events), len(wanted))
    report.same("smtp.pipelined", any(event.get("smtp", {}).get("pipelined") for event in events),
                session.pipelined)
    for number, (event, transaction) in enumerate(zip(events, wanted)):
        told, field = event.get("smtp", {}), f"smtp[{number}]"
        if transaction:
            _envelope(report, field, told, transaction)
            _recipients(report, field, told, transaction, session.lmtp)
            _transfer(report, field, event, transaction, session.lmtp)
        else:
            report.same(f"{field}.helo", told.get("helo"), session.helo)
            report.same(f"{field}.greeting", told.get("greeting"), session.greeting)
            report.same(f"{field}.mail_from", told.get("mail_from"), None)
        _session(report, field, told, session)


def _session(report, field, told, session):
    report.same(f"{field}.banner", told.get("banner"), session.banner)
    report.same(f"{field}.extensions", told.get("extensions", []), session.extensions)
    for name, true in session.starttls.items():
        report.same(f"{field}.starttls.{name}", bool(told.get("starttls", {}).get(name)), true)


def _envelope(report, field, told, transaction):
    report.same(f"{field}.helo", told.get("helo"), transaction.helo)
    report.same(f"{field}.greeting", told.get("greeting"), transaction.greeting)
    report.same(f"{field}.mail_from", told.get("mail_from"), transaction.mail_from)
    esmtp, said = told.get("esmtp", {}), transaction.parameters
    size = int(said["SIZE"]) if "SIZE" in said else None
    report.same(f"{field}.esmtp.size_declared", esmtp.get("size_declared"), size)
    for name in ("body", "ret", "envid"):
        report.same(f"{field}.esmtp.{name}", esmtp.get(name), said.get(name.upper()))


def _recipients(report, field, told, transaction, lmtp):
    report.same(f"{field}.rcpt_to", told.get("rcpt_to", []),
                [path for path, _, _ in transaction.recipients])
    listed = told.get("recipients", [])
    report.same(f"{field}.recipients", len(listed), len(transaction.recipients))
    for number, (one, (path, said, reply)) in enumerate(zip(listed, transaction.recipients)):
        name = f"{field}.recipients[{number}]"
        report.same(f"{name}.address", one.get("address", "").strip("<>"), path.strip("<>"))
        if lmtp and transaction.result:     # RFC 2033: the reply after the message is the outcome
            report.same(f"{name}.code", one.get("code"), reply.code)
        else:
            _reply(report, name, one, reply)
        for parameter in ("notify", "orcpt"):
            report.same(f"{name}.{parameter}", one.get(parameter), said.get(parameter.upper()))


def _reply(report, name, told, reply):
    report.same(f"{name}.code", told.get("code"), reply.code)
    report.same(f"{name}.enhanced", told.get("enhanced"), reply.enhanced)
    # The contract leaves open whether the text begins with the enhanced code.
    report.among(f"{name}.text", told.get("text"), (reply.text, reply.short))


def _transfer(report, field, event, transaction, lmtp):
    told = event.get("smtp", {})
    report.same(f"{field}.transfer", told.get("transfer"), transaction.transfer)
    _outcome(report, field, told, transaction)
    if not transaction.result:
        return
    octets = transaction.message
    report.same(f"{field}.octets", told.get("octets"), len(octets))
    if transaction.transfer == "BDAT":
        report.same(f"{field}.chunks", told.get("chunks"), transaction.chunks)
    if lmtp:                # one reply for each recipient: the log has the last, the witness the first
        report.same(f"{field}.result.code", told.get("result", {}).get("code"),
                    transaction.result.code)
    else:
        _reply(report, f"{field}.result", told.get("result", {}), transaction.result)
        report.same(f"{field}.result.queue_id", told.get("result", {}).get("queue_id"),
                    transaction.queue_id)
    message.compare(report, f"email[{field}]", event.get("email"), octets)


def _outcome(report, field, told, transaction):
    truths = [transaction.outcome]
    refused = [not reply.good for _, _, reply in transaction.recipients]
    if transaction.outcome in ("aborted", "reset") and refused and all(refused):
        truths.append("rejected")   # QUIT or RSET after the last recipient was refused: both true
    report.among(f"{field}.outcome", told.get("outcome"), truths)
