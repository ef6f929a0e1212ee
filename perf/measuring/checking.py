# SPDX-License-Identifier: BSD-3-Clause
"""Metrics and events against the generator's truth; perf/truth says what is asked."""
import collections
import json
import re

MECHANISMS = {"USER": "USER/PASS"}  # the generator's name: ours


class Report:
    def __init__(self):
        self.compared = 0
        self.differences = []
        self.skipped = set()

    def equal(self, what, said, meant):
        self.compared += 1
        if said != meant:
            self.differences.append(f"{what}: said {said!r}, meant {meant!r}")

    def between(self, what, said, least, most):
        self.compared += 1
        if not least <= said <= most:
            self.differences.append(f"{what}: said {said}, meant {least} to {most}")

    def among(self, what, said, possible):
        self.compared += 1
        if said not in possible:
            self.differences.append(f"{what}: said {said!r}, which nobody said")


class Metrics(dict):
    """'name{label="value"}' to number; a series that is not there is a KeyError, not a 0."""

    def total(self, name, **labels):
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        return self[f"mailglass_{name}_total" + (f"{{{inside}}}" if inside else "")]

    def family(self, name):
        return {re.search(r'"(.*)"', key)[1]: value for key, value in self.items()
                if key.startswith(f"mailglass_{name}_total{{")}


def read_metrics(path):
    metrics = Metrics()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#") and line.strip():
                name, value = line.rsplit(" ", 1)
                metrics[name] = int(float(value)) if float(value).is_integer() else float(value)
    return metrics


def flow_of(entry):
    return entry["src_ip"], entry["src_port"], entry["dest_ip"], entry["dest_port"]


def read_events(path):
    """5-tuple to event type to list, in the file's order."""
    flows = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if "src_ip" in event:
                flows[flow_of(event)][event["event_type"]].append(event)
    return flows


# ---- totals -------------------------------------------------------------------------------------

def totals(report, truth, sessions, metrics):
    capture = truth["capture"]
    lost = sum(s["lost_octets"] for s in sessions if s["protocol"] in ("smtp", "pop3"))
    report.equal("frames", metrics.total("frames"), capture["packets"])
    report.equal("octets", metrics.total("octets"), capture["bytes"])
    report.equal("segments", metrics.total("segments"), capture["packets"])
    report.equal("drops", sum(metrics.family("drops").values()), 0)
    report.equal("flows opened", metrics.total("flows_opened"),
                 capture["flows"] + capture["flood_syns"])
    report.equal("records dropped", metrics.total("events", fate="dropped_ring_full"), 0)
    report.equal("events dropped", metrics.total("eve_lines", sink="file", fate="dropped"), 0)
    report.equal("octets missing", metrics.total("stream_octets", kind="missing"), lost)
    for protocol in ("smtp", "pop3"):
        report.equal(f"{protocol} sessions", metrics.total("sessions", protocol=protocol),
                     capture["sessions"][protocol])
    hidden = sum((held(s) for s in sessions if s["lost_octets"]), collections.Counter())
    for what, said, meant in dialogue_totals(truth, metrics):
        report.between(what, said, meant - hidden[what], meant)
    for what, said, meant in message_octets(truth, metrics):
        report.between(what, said, meant - lost_messages(sessions, lost), meant)
    if lost == 0:
        report.equal("anomalies", sum(metrics.family("anomalies").values()), 0)


def held(session):
    """What one session adds to the totals at most, by their names: so much a hole in it can hide."""
    tried = len(session.get("logins", []))
    if session["protocol"] == "pop3":
        got, gone = len(session["retrieved"]), session["deleted"]
        verbs = {"USER": tried, "PASS": tried, "RETR": got, "DELE": gone,
                 **dict.fromkeys(("STAT", "LIST", "UIDL", "CAPA", "QUIT"), 1)}
        replies = {word: 1 + sum(verbs.values()) for word in ("+OK", "-ERR")}
        more = {"messages RETR": got}
    elif session["protocol"] == "smtp":
        begun = len(session["transactions"])
        rcpts = sum(len(t["rcpts"]) for t in session["transactions"])
        verbs = {"EHLO": 1, "QUIT": 1, "AUTH": tried, "MAIL": begun, "RCPT": rcpts, "DATA": begun,
                 "RSET": begun}
        replies = {f"{digit}xx": 1 + 2 * tried + begun + sum(verbs.values()) for digit in "2345"}
        more = {"messages DATA": begun}
        for outcome in ("accepted", "rejected"):
            more |= {f"transactions {outcome}": begun, f"recipients {outcome}": rcpts}
    else:
        return collections.Counter()
    protocol = session["protocol"]
    named = {f"{protocol} {what}": count for what, count in (verbs | replies).items()}
    for outcome in ("accepted", "rejected"):
        named[f"{protocol} logins {outcome}"] = tried
    return collections.Counter(named | more)


def lost_messages(sessions, lost):
    """Octets of messages that a session with losses may hide: all its messages."""
    if lost == 0:
        return 0
    hidden = 0
    for session in sessions:
        if session["lost_octets"]:
            messages = session.get("transactions", []) + session.get("retrieved", [])
            hidden += sum(message.get("octets", 0) for message in messages)
    return hidden


def dialogue_totals(truth, metrics):
    smtp, pop3 = truth["smtp"], truth["pop3"]
    for protocol, meant in (("smtp", smtp["commands"]), ("pop3", pop3["commands"])):
        for verb, said in metrics.family(f"{protocol}_commands").items():
            if verb != "unknown" or not truth["capture"]["lost_segments"]:
                yield f"{protocol} {verb}", said, meant.get(verb, 0)
    for digit in "12345":
        meant = sum(count for code, count in smtp["replies"].items() if code[0] == digit)
        yield f"smtp {digit}xx", metrics.total("smtp_replies", **{"class": digit + "xx"}), meant
    for status, word in (("ok", "+OK"), ("err", "-ERR")):
        yield (f"pop3 {word}", metrics.total("pop3_replies", status=status),
               pop3["replies"].get(word, 0))
    for outcome in ("accepted", "rejected"):
        yield (f"transactions {outcome}", metrics.total("smtp_transactions", outcome=outcome),
               smtp["transactions"][outcome])
        yield (f"recipients {outcome}", metrics.total("smtp_recipients", outcome=outcome),
               smtp["recipients"][outcome])
    for protocol in ("smtp", "pop3"):
        for word, outcome in (("success", "accepted"), ("failure", "rejected")):
            meant = sum(login[outcome] for login in truth[protocol]["logins"].values())
            yield (f"{protocol} logins {outcome}",
                   metrics.total(f"logins_{protocol}", outcome=word), meant)
    sent = smtp["messages_accepted"]["count"] + smtp["messages_rejected"]["count"]
    yield "messages DATA", metrics.total("messages", transfer="DATA"), sent
    retrieved = pop3["messages_retrieved"]["count"]
    yield "messages RETR", metrics.total("messages", transfer="RETR"), retrieved


def message_octets(truth, metrics):
    smtp = truth["smtp"]
    sent = smtp["messages_accepted"]["octets"] + smtp["messages_rejected"]["octets"]
    yield "octets DATA", metrics.total("message_transfer_octets", transfer="DATA"), sent
    retrieved = truth["pop3"]["messages_retrieved"]["octets"]
    yield "octets RETR", metrics.total("message_transfer_octets", transfer="RETR"), retrieved


# ---- sessions -----------------------------------------------------------------------------------

def each_session(report, sessions, events):
    for session in sessions:
        if session["protocol"] not in ("smtp", "pop3"):
            continue
        said = events.pop(flow_of(session), {})
        name = "{src_ip}:{src_port}".format(**session)
        flows = said.get("flow", [])
        report.equal(f"{name} flow events", len(flows), 1)
        if len(flows) != 1:
            continue
        one_flow(report, name, flows[0]["flow"], session)
        check = {"smtp": smtp_session, "pop3": pop3_session}[session["protocol"]]
        if session["lost_octets"]:
            with_losses(report, name, said, session)
        else:
            logins(report, name, said.get("login", []), session)
            check(report, name, said, session)
    report.equal("mail flows nobody meant", len(events), 0)


def one_flow(report, name, flow, session):
    packets = flow["pkts_toserver"] + flow["pkts_toclient"]
    report.equal(f"{name} packets", packets, session["packets"])
    report.equal(f"{name} octets missing", flow["bytes_missing"], session["lost_octets"])
    report.equal(f"{name} gap", flow["gap"], session["lost_octets"] != 0)


def logins(report, name, said, session):
    def key(mechanism, user, success):
        return MECHANISMS.get(mechanism, mechanism), user, success
    report.equal(f"{name} logins",
                 [key(e["login"]["mechanism"], e["login"].get("user"), e["login"].get("success"))
                  for e in said],
                 [key(login["mechanism"], login["user"], login["accepted"])
                  for login in session.get("logins", [])])


def smtp_session(report, name, said, session):
    said = said.get("smtp", [])
    meant = session["transactions"]
    report.equal(f"{name} helo", said[0]["smtp"].get("helo") if said else None, session["helo"])
    said = [event for event in said if "mail_from" in event["smtp"]]
    report.equal(f"{name} transactions", len(said), len(meant))
    for number, (event, transaction) in enumerate(zip(said, meant), 1):
        one_transaction(report, f"{name} tx {number}", event, transaction)


def one_transaction(report, name, event, meant):
    smtp = event["smtp"]
    report.equal(f"{name} mail_from", smtp["mail_from"], f'<{meant["mail_from"]}>')
    report.equal(f"{name} recipients",
                 [(r["address"], r["code"]) for r in smtp.get("recipients", [])],
                 [(r["rcpt_to"], r["code"]) for r in meant["rcpts"]])
    if meant["code"]:
        report.equal(f"{name} code", smtp.get("result", {}).get("code"), meant["code"])
    report.equal(f"{name} queue_id", smtp.get("result", {}).get("queue_id"), meant.get("queue_id"))
    report.equal(f"{name} octets", smtp.get("octets"), meant.get("octets"))
    outcome = "accepted" if meant["code"] == 250 else "rejected"
    report.equal(f"{name} outcome", smtp["outcome"], outcome)
    if "octets" in meant:
        one_message(report, name, event.get("email", {}), meant)


def pop3_session(report, name, said, session):
    said = said.get("pop3", [])
    retrieved = [event for event in said if "retr" in event["pop3"]]
    deleted = [event for event in said if event["pop3"]["request"]["command"] == "DELE"
               and event["pop3"]["response"]["success"]]
    report.equal(f"{name} deleted", len(deleted), session["deleted"])
    report.equal(f"{name} retrieved", len(retrieved), len(session["retrieved"]))
    for number, (event, meant) in enumerate(zip(retrieved, session["retrieved"]), 1):
        retr = event["pop3"]["retr"]
        report.equal(f"{name} retr {number} octets", retr.get("octets"), meant["octets"])
        report.equal(f"{name} retr {number} declared", retr.get("octets_declared"),
                     meant["octets"])
        one_message(report, f"{name} retr {number}", event.get("email", {}), meant)


def one_message(report, name, email, meant):
    report.equal(f"{name} subject", email.get("subject"), meant["subject"])
    report.equal(f"{name} message_id", email.get("message_id"), f'<{meant["message_id"]}>')
    if "attachment" in email:
        report.equal(f"{name} attachment", email["attachment"], [meant.get("attachment")])
    elif "attachment" in meant:
        report.skipped.add("attachments (the events name none)")


def with_losses(report, name, said, session):
    """Nothing is made up. A value a hole may have cut is a piece of one that was meant."""
    meant = session.get("transactions", [])
    recipients = {r["rcpt_to"] for t in meant for r in t["rcpts"]}
    for event in said.get("smtp", []):
        smtp = event["smtp"]
        if smtp.get("mail_from", "<>") != "<>":
            report.among(f"{name} mail_from", smtp["mail_from"],
                         {f'<{t["mail_from"]}>' for t in meant})
        for recipient in smtp.get("recipients", []):
            report.among(f"{name} recipient", recipient["address"], recipients)
    most = max((m.get("octets", 0) for m in meant + session.get("retrieved", [])), default=0)
    for event in said.get("smtp", []) + said.get("pop3", []):
        octets = event.get("smtp", {}).get("octets") or event.get("pop3", {}).get("retr", {}).get(
            "octets", 0)
        report.between(f"{name} octets", octets, 0, most + session["lost_octets"])
    for event in said.get("login", []):
        report.among(f"{name} login", event["login"].get("user"),
                     {login["user"] for login in session.get("logins", [])} | {None})
