// SPDX-License-Identifier: BSD-3-Clause
#include "nic/runtime_folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace mailglass::nic {
namespace {

constexpr const char* kVariable = "RUNTIME_DIRECTORY";  // see systemd.exec(5)

struct Leftovers {
  std::string prefix, folder;
  bool hugepages = false;
  bool armed = false;
};
Leftovers leftovers;

std::vector<std::string> hugepage_mounts() {
  std::vector<std::string> found;
  std::ifstream mounts("/proc/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::string device, where, type;
    std::istringstream(line) >> device >> where >> type;
    if (type == "hugetlbfs") found.push_back(where);
  }
  return found;
}

// In the folder of our own, or beside those of others. The folder goes too, where that may be.
void remove_hugepage_files(const std::string& prefix) {
  for (const std::string& mount : hugepage_mounts()) {
    for (const std::string& where : {mount + "/" + prefix, mount}) {
      std::error_code ignored;
      for (const auto& file : std::filesystem::directory_iterator(where, ignored)) {
        if (file.path().filename().string().starts_with(prefix + "map_")) {
          std::filesystem::remove(file.path(), ignored);
        }
      }
    }
    rmdir((mount + "/" + prefix).c_str());
  }
}

void remove_leftovers() {
  if (leftovers.folder.empty()) return;
  std::error_code ignored;
  if (leftovers.hugepages) {
    remove_hugepage_files(leftovers.prefix);
    std::filesystem::remove_all(leftovers.folder, ignored);
  }
  // Not where another process of the same prefix still has its socket.
  rmdir(leftovers.folder.c_str());
  rmdir(std::filesystem::path(leftovers.folder).parent_path().c_str());
}

}  // namespace

bool can_share_hugepages() {
  const auto mounts = hugepage_mounts();
  return std::any_of(mounts.begin(), mounts.end(), [](const std::string& mount) {
    return access(mount.c_str(), W_OK | X_OK) == 0;
  });
}

std::string hugepage_folder(const std::string& prefix) {
  for (const std::string& mount : hugepage_mounts()) {
    const std::string folder = mount + "/" + prefix;
    const bool is_there = mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
    if (is_there && access(folder.c_str(), W_OK | X_OK) == 0) return folder;
  }
  return {};
}

PassingFolder::PassingFolder(std::string prefix) : prefix_(std::move(prefix)) {
  if (const char* before = getenv(kVariable)) before_ = before;
  const char* const places[] = {getenv("TMPDIR"), "/tmp", "/run", "/dev/shm", "."};
  for (const char* place : places) {
    if (place == nullptr) continue;
    path_ = std::string(place) + "/mailglass-XXXXXX";
    if (mkdtemp(path_.data()) != nullptr) {
      setenv(kVariable, path_.c_str(), 1);
      return;
    }
  }
  path_.clear();  // nowhere to write: let DPDK try its own way
}

PassingFolder::~PassingFolder() {
  if (path_.empty()) return;
  rmdir((path_ + "/dpdk/" + prefix_).c_str());
  rmdir((path_ + "/dpdk").c_str());
  rmdir(path_.c_str());
  if (before_) {
    setenv(kVariable, before_->c_str(), 1);
  } else {
    unsetenv(kVariable);
  }
}

void remove_at_exit(const std::string& prefix, bool with_hugepages) {
  leftovers.prefix = prefix;
  leftovers.hugepages = with_hugepages;
  if (!leftovers.armed) std::atexit(remove_leftovers);
  leftovers.armed = true;
}

void remember_folder(const std::string& path) { leftovers.folder = path; }

}  // namespace mailglass::nic
