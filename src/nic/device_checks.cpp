// SPDX-License-Identifier: BSD-3-Clause
#include "nic/device_checks.h"

#include <net/if.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>

#include "nic/device.h"
#include "nic/eal.h"

namespace mailglass::nic {
namespace {

namespace fs = std::filesystem;

// Those that drive a device beside the kernel's own driver.
bool is_bifurcated(const std::string& driver) {
  return driver == "mlx5_core" || driver == "mlx4_core" || driver == "mana";
}

bool gives_to_users(const std::string& driver) {
  return driver == "vfio-pci" || driver == "uio_pci_generic" || driver == "igb_uio";
}

void check_interface(const std::string& name, std::string_view interface) {
  if (interface.empty()) return;
  if (if_nametoindex(std::string(interface).c_str()) == 0) {
    throw EalError(name + ": there is no network interface " + std::string(interface) +
                   "; `ip link` lists those there are");
  }
}

// True: somebody listens at this address.
bool is_answered(const sockaddr_un& address, socklen_t length) {
  const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool answered = connect(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0;
  close(fd);
  return answered;
}

// A server makes the socket. What a killed one left behind nobody answers: it goes.
void check_memif(const std::string& name, const std::string& arguments) {
  const std::string_view role = argument_of(arguments, "role");
  if (role != "server" && role != "master") return;
  const std::string path(argument_of(arguments, "socket"));
  if (path.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool abstract = argument_of(arguments, "socket-abstract") != "no";
  if (path.size() + 1 >= sizeof address.sun_path) {
    throw EalError(name + ": the socket's path is over 106 octets long: choose a shorter one");
  }
  std::memcpy(address.sun_path + (abstract ? 1 : 0), path.data(), path.size());
  const auto length = abstract ? offsetof(sockaddr_un, sun_path) + 1 + path.size() : sizeof address;
  if (is_answered(address, static_cast<socklen_t>(length))) {
    throw EalError(name + ": the socket " + path +
                   " is in use by another process: stop that one, or choose another path");
  }
  std::error_code ignored;
  if (!abstract && fs::is_socket(path, ignored)) fs::remove(path, ignored);
}

}  // namespace

std::string_view argument_of(std::string_view arguments, std::string_view key) {
  while (!arguments.empty()) {
    const auto comma = std::min(arguments.find(','), arguments.size());
    const std::string_view one = arguments.substr(0, comma);
    arguments.remove_prefix(std::min(comma + 1, arguments.size()));
    if (one.starts_with(key) && one.substr(key.size()).starts_with('=')) {
      return one.substr(key.size() + 1);
    }
  }
  return {};
}

std::string full_name(const std::string& name) {
  const bool is_short = is_pci_address(name) && std::count(name.begin(), name.end(), ':') == 1;
  return is_short ? "0000:" + name : name;
}

bool is_pci_address(std::string_view name) {
  // [domain:]bus:device.function, all hexadecimal
  const auto hex = [&name](std::size_t least, std::size_t most, char end) {
    std::size_t n = 0;
    while (n < name.size() && std::isxdigit(static_cast<unsigned char>(name[n])) != 0) ++n;
    if (n < least || n > most) return false;
    if (end == '\0') return n == name.size();
    if (n == name.size() || name[n] != end) return false;
    name.remove_prefix(n + 1);
    return true;
  };
  if (std::count(name.begin(), name.end(), ':') == 2 && !hex(4, 8, ':')) return false;
  return hex(2, 2, ':') && hex(2, 2, '.') && hex(1, 1, '\0');
}

void check_pci(const std::string& address) {
  const fs::path folder = "/sys/bus/pci/devices/" + address;
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) {
    throw EalError("there is no PCI device " + address + "; dpdk-devbind.py --status lists them");
  }
  const std::string driver = fs::read_symlink(folder / "driver", ignored).filename();
  if (is_bifurcated(driver) || gives_to_users(driver)) return;
  throw EalError("PCI device " + address + " is " +
                 (driver.empty() ? "without a driver" : "driven by " + driver) +
                 ": dpdk-devbind.py --bind=vfio-pci " + address + " gives it to DPDK");
}

void check_virtual(const std::string& name, const std::string& arguments) {
  if (!name.starts_with("net_") && !name.starts_with("eth_")) {
    throw EalError("\"" + name +
                   "\" is neither a PCI address nor a DPDK device, whose names begin with net_");
  }
  if (name.starts_with("net_af_packet") || name.starts_with("net_af_xdp")) {
    if (argument_of(arguments, "iface").empty()) {
      throw EalError(name + ": say of which network interface, as in " + name + ",iface=eth1");
    }
    check_interface(name, argument_of(arguments, "iface"));
  } else if (name.starts_with("net_pcap")) {
    check_interface(name, argument_of(arguments, "iface"));
    check_interface(name, argument_of(arguments, "rx_iface"));
  } else if (name.starts_with("net_tap")) {
    check_interface(name, argument_of(arguments, "remote"));
  } else if (name.starts_with("net_memif")) {
    check_memif(name, arguments);
  }
}

}  // namespace mailglass::nic
