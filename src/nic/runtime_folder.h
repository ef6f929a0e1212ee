// SPDX-License-Identifier: BSD-3-Clause
// Where DPDK puts its runtime files, and their end. Private to nic.
#pragma once

#include <optional>
#include <string>

namespace mailglass::nic {

// 22.11 makes a folder even with --no-shconf, where nothing is ever put into it, and fails where
// /var/run can't be written. It gets an empty one of its own, which goes with this object: as soon
// as DPDK has started.
class PassingFolder {
 public:
  explicit PassingFolder(std::string prefix);
  ~PassingFolder();
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;

 private:
  std::string prefix_, path_;
  std::optional<std::string> before_;
};

// A folder for hugepages that others share, where hugetlbfs is mounted. It can be given to the
// service's user, who is to open and remove what lies in it. Made if it is not there. Empty: it
// cannot be made, or none is mounted.
std::string hugepage_folder(const std::string& prefix);

// Whether one is mounted, and can be written to.
bool can_share_hugepages();

// The folder that other programs find us by goes at the end of the process, after the telemetry's
// own clean-up. So do the hugepage files of `prefix`, if others could attach to them. Call before
// DPDK starts, and `remember_folder` behind that.
void remove_at_exit(const std::string& prefix, bool with_hugepages);
void remember_folder(const std::string& path);

}  // namespace mailglass::nic
