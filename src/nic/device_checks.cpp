// SPDX-License-Identifier: BSD-3-Clause
#include "nic/device_checks.h"

#include <net/if.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "nic/capture_file.h"
#include "nic/device_name.h"
#include "nic/eal.h"
#include "nic/lacks.h"

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

void check_played(const std::string& name, const std::string& capture) {
  std::error_code ignored;
  if (fs::is_fifo(capture, ignored)) return;  // its writer would lose its only reader
  if (access(capture.c_str(), R_OK) != 0 && may_be_roots(errno)) return;
  try {
    open_capture(capture);
  } catch (const CaptureError& error) {
    throw EalError(name + ": " + error.what());
  }
}

void check_recorded(const std::string& name, std::string_view recording) {
  const fs::path folder = fs::absolute(recording).parent_path();
  if (access(folder.c_str(), W_OK | X_OK) == 0 || may_be_roots(errno)) return;
  throw EalError(name + ": " + folder.string() + ": " + std::strerror(errno));
}

void check_pcap(const std::string& name, std::string_view arguments) {
  bool does_something = false;
  for (const char* key : {"iface", "rx_iface", "rx_iface_in", "tx_iface"}) {
    const std::string_view interface = argument_of(arguments, key);
    check_interface(name, interface);
    does_something = does_something || !interface.empty();
  }
  for (const std::string_view capture : all_arguments_of(arguments, "rx_pcap")) {
    check_played(name, std::string(capture));
    does_something = true;
  }
  for (const std::string_view recording : all_arguments_of(arguments, "tx_pcap")) {
    check_recorded(name, recording);
    does_something = does_something || !recording.empty();
  }
  if (does_something) return;
  throw EalError(name + ": say what it plays or records, as in " + name + ",rx_pcap=FILE");
}

// Asked of the kernel, not of who listens: DPDK's memif server does not survive a client that goes
// at once.
bool is_listened_at(const std::string& path, bool abstract) {
  std::ifstream sockets("/proc/self/net/unix");  // "address: references protocol flags ... path"
  const std::string end = (abstract ? " @" : " ") + path;
  for (std::string line; std::getline(sockets, line);) {
    // An abstract name may be filled up with zeros, which are written as signs too.
    const std::string shown = line.substr(0, line.find_last_not_of('@') + 1);
    if (shown.ends_with(end)) return true;
  }
  return false;
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

void check_virtual(const std::string& name, std::string_view arguments) {
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
    check_pcap(name, arguments);
  } else if (name.starts_with("net_tap")) {
    check_interface(name, argument_of(arguments, "remote"));
  }
}

}  // namespace

void check_device(const std::string& device) {
  const std::string name = name_of_device(device);
  if (is_pci_address(name)) {
    check_pci(name);
  } else {
    check_virtual(name, arguments_of_device(device));
  }
}

// A server makes the socket. What a killed one left behind nobody answers: it goes.
void make_way(const std::string& device) {
  const std::string name = name_of_device(device);
  if (!name.starts_with("net_memif")) return;
  const std::string_view arguments = arguments_of_device(device);
  const std::string_view role = argument_of(arguments, "role");
  if (role != "server" && role != "master") return;
  const std::string path(argument_of(arguments, "socket"));
  if (path.empty()) return;
  const bool abstract = argument_of(arguments, "socket-abstract") != "no";
  if (path.size() + 1 >= sizeof sockaddr_un{}.sun_path) {
    throw EalError(name + ": the socket's path is over 106 octets long: choose a shorter one");
  }
  if (is_listened_at(path, abstract)) {
    throw EalError(name + ": the socket " + path +
                   " is in use by another process: stop that one, or choose another path");
  }
  std::error_code ignored;
  if (!abstract && fs::is_socket(path, ignored)) fs::remove(path, ignored);
}

}  // namespace mailglass::nic
