// SPDX-License-Identifier: BSD-3-Clause
// Giving up what only the start needed. Everything here holds for all threads there are, and for
// those made later.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "app/run_settings.h"

namespace mailglass::app {

struct Identity {
  uid_t user;
  gid_t group;
  std::string name;
};

// That there is no such user and what to do; "" if there is, or none is named.
std::string user_complaint(const std::string& user);

// Whom `run.user` names. Nothing where nobody is to change: the name is empty, or the process is
// not root and so can't. Throws std::runtime_error where root is to become somebody unknown.
std::optional<Identity> identity_of(const std::string& user);

// A folder and what lies in it, not deeper; the one above lets its new owner through. What cannot
// be given stays as it is.
void give_folder_to(const std::string& folder, const Identity& identity);

// Becomes `identity`, if there is one, and gives up every capability (capabilities(7)), for good:
// no program that is executed gains any (no_new_privs). Throws std::system_error, or
// std::runtime_error where a thread could not be reached.
void drop_privileges(const std::optional<Identity>& identity);

// The system calls that a service at work needs, and no others (seccomp(2)). Throws
// std::runtime_error.
void restrict_system_calls(SeccompMode mode);

// No core dump, no ptrace(2) by others: memory holds mail.
void forbid_core_dumps();

}  // namespace mailglass::app
