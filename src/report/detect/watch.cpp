// SPDX-License-Identifier: BSD-3-Clause
#include "report/detect/watch.h"

#include <algorithm>
#include <utility>

#include "report/envelope.h"

namespace mailglass::report {
namespace {

using tally::LoginOutcome;
using tally::Phase;
using tally::Pop3Verb;
using tally::Protocol;
using tally::SmtpVerb;

// While a record of this dialogue is looked at.
class Looking {
 public:
  Looking(Dialogue*& at, Dialogue& dialogue) : at_(at) { at_ = &dialogue; }
  ~Looking() { at_ = nullptr; }
  Looking(const Looking&) = delete;
  Looking& operator=(const Looking&) = delete;

 private:
  Dialogue*& at_;
};

// The server refused this user and secret, not the mechanism, the moment or the syntax (RFC 4954
// section 6; RFC 2449 section 8.1 and RFC 3206 for POP3, whose code 2 is -ERR).
bool refused(const tally::Login& login, std::string_view text, bool pop3) {
  if (login.outcome != LoginOutcome::failure) return false;
  if (pop3) {
    return !text.starts_with("[IN-USE]") && !text.starts_with("[LOGIN-DELAY]") &&
           !text.starts_with("[SYS/");
  }
  constexpr std::uint16_t kOtherwise[] = {500, 501, 502, 503, 504, 530, 534, 538};
  return login.code >= 500 && std::find(std::begin(kOtherwise), std::end(kOtherwise), login.code) ==
                                  std::end(kOtherwise);
}

// The recipient was refused for good for who it is, not for policy or relaying (RFC 3463 section
// 3.2 and 3.3); servers without enhanced codes say 550, 551 or 553 for both.
bool unknown_user(const tally::Reply& reply) {
  if (reply.code < 500 || reply.code > 599) return false;
  if (reply.enhanced[0] != 0) {
    return reply.enhanced[1] == 1 || (reply.enhanced[1] == 2 && reply.enhanced[2] <= 1);
  }
  return reply.code == 550 || reply.code == 551 || reply.code == 553;
}

}  // namespace

Watch::Watch(const DetectSettings& settings, Totals& totals, Tell tell)
    : settings_(settings),
      detectors_(settings_, totals,
                 [this, tell = std::move(tell)](const Evidence& evidence, Tick time) {
                   tell(evidence.ended ? nullptr : dialogue_, evidence, time);
                 }) {}

void Watch::advance(Tick time) { detectors_.advance(time); }

// Behind a balancer of ours it is the one that the PROXY header names. Anybody can send such a
// header, and would choose by it whom to be counted as.
Address Watch::client(const Dialogue& dialogue) const {
  const bool named = dialogue.proxied && !dialogue.proxied->local &&
                     settings_.proxy_networks.covers(dialogue.opened.client);
  return named ? dialogue.proxied->source : dialogue.opened.client;
}

bool Watch::ignored(const Dialogue& dialogue) const {
  return settings_.ignored_networks.covers(client(dialogue));
}

void Watch::command(Dialogue& dialogue, const tally::Command& command, std::string_view argument) {
  if (dialogue.protocol != Protocol::smtp || command.continuation || ignored(dialogue)) return;
  const Looking looking(dialogue_, dialogue);
  const auto verb = static_cast<SmtpVerb>(command.verb);
  const Subject source = subjects_.source(client(dialogue));
  if (verb == SmtpVerb::RCPT) {
    const EnvelopeArgument rcpt(argument);
    detectors_.count(Alert::recipient_flood, source, subjects_.word(rcpt.path()));
  } else if (verb == SmtpVerb::VRFY || verb == SmtpVerb::EXPN) {
    detectors_.count(Alert::user_enumeration, source, subjects_.word(argument));
  }
}

void Watch::reply(Dialogue& dialogue, const tally::Reply& reply) {
  if (reply.phase != Phase::command || ignored(dialogue)) return;
  const Looking looking(dialogue_, dialogue);
  if (dialogue.protocol == Protocol::smtp && static_cast<SmtpVerb>(reply.verb) == SmtpVerb::RCPT) {
    return recipient_answered(dialogue, reply);
  }
  const bool user = dialogue.is_pop3() && static_cast<Pop3Verb>(reply.verb) == Pop3Verb::USER;
  if (!user || static_cast<Pop3Status>(reply.code) != Pop3Status::err) return;
  const Pop3Exchange* asked = dialogue.pop3.find(reply.command);
  const bool named = asked != nullptr && !asked->args.empty();
  detectors_.count(Alert::user_enumeration, subjects_.source(client(dialogue)),
                   named ? subjects_.word(asked->args.front()) : Subject{});
}

void Watch::recipient_answered(Dialogue& dialogue, const tally::Reply& reply) {
  const SmtpTransaction* transaction = dialogue.smtp.find(reply.tx);
  const Recipient* recipient = nullptr;
  if (transaction != nullptr) {
    const auto& all = transaction->recipients;
    const auto at =
        std::lower_bound(all.begin(), all.end(), reply.command,
                         [](const Recipient& r, std::uint32_t index) { return r.command < index; });
    if (at != all.end() && at->command == reply.command) recipient = &*at;
  }
  const Subject name = recipient != nullptr ? subjects_.word(recipient->address) : Subject{};
  if (unknown_user(reply)) {
    detectors_.count(Alert::user_enumeration, subjects_.source(client(dialogue)), name);
  } else if (reply.code >= 200 && reply.code < 300 && recipient != nullptr &&
             relays(dialogue, recipient->address)) {
    detectors_.count(Alert::open_relay, subjects_.host(dialogue.opened.server), name);
  }
}

// A server of ours, or one that serves us, takes mail from without for without.
bool Watch::relays(const Dialogue& dialogue, std::string_view recipient) const {
  const NetworkList& own = settings_.own_networks;
  if (settings_.own_domains.empty() || own.empty() || dialogue.authenticated) return false;
  if (own.covers(client(dialogue))) return false;
  const std::string_view destination = destination_of(recipient, settings_.own_domains);
  return !destination.empty() && !settings_.own_domains.covers(destination);
}

void Watch::login(Dialogue& dialogue, const tally::Login& login, std::string_view user,
                  std::string_view text) {
  if (login.outcome == LoginOutcome::success) {
    dialogue.authenticated = true;
    dialogue.account = ShortName(user);
  }
  if (ignored(dialogue)) return;
  const Looking looking(dialogue_, dialogue);
  const Subject source = subjects_.source(client(dialogue));
  const Subject who = subjects_.word(user);
  if (login.outcome == LoginOutcome::success) {
    detectors_.tell_if_over(Alert::login_after_failures, source);
  } else if (refused(login, text, dialogue.is_pop3())) {
    detectors_.count(Alert::login_failures_source, source, who);
    detectors_.count(Alert::login_failures_user, who, source);
    detectors_.spray(source, who);
    detectors_.note(Alert::login_after_failures, source, who);
  }
}

void Watch::mailbox(Dialogue& dialogue, const tally::Mailbox& mailbox) {
  if (!mailbox.drained || mailbox.messages < detectors_.limit(Alert::mailbox_drain).threshold ||
      ignored(dialogue)) {
    return;
  }
  const Looking looking(dialogue_, dialogue);
  const Subject source = subjects_.source(client(dialogue));
  const Subject user = subjects_.word(dialogue.account.view());
  detectors_.count(Alert::mailbox_drain, user ? user : source, source, mailbox.messages);
}

// The sender is the account that has logged in, else the envelope's. <> sends everybody's bounces:
// there it is the source.
void Watch::transaction(Dialogue& dialogue, const SmtpTransaction& transaction) {
  if (dialogue.protocol != Protocol::smtp || ignored(dialogue)) return;
  if (!transaction.message || transaction.end.outcome != tally::Outcome::accepted) return;
  const Looking looking(dialogue_, dialogue);
  const Subject source = subjects_.source(client(dialogue));
  const std::string_view account = dialogue.account.view();
  const Subject sender =
      subjects_.word(dialogue.authenticated && !account.empty() ? account : transaction.sender);
  detectors_.count(Alert::message_burst, sender ? sender : source, source);
}

}  // namespace mailglass::report
