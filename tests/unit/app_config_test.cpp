// SPDX-License-Identifier: BSD-3-Clause
#include "app/config.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <vector>

#include "app/memory_plan.h"
#include "app/setting.h"

namespace mailglass::app {
namespace {

std::string error_of(const std::string& text) {
  try {
    (void)parse_config(text, "x.toml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

std::string with(const Setting& setting, const std::string& value) {
  const std::string table(setting.table);
  const std::string head = table == "port" ? "[[port]]" : '[' + table + ']';
  return head + '\n' + std::string(setting.name) + " = " + value;
}

void expect_defaults(Config config) {
  Config fresh;
  fresh.ports.emplace_back();
  if (config.ports.empty()) config.ports.emplace_back();
#define KEY(table, name, type, field, fallback, min, max, unit, help) \
  EXPECT_EQ(config.field, fresh.field) << #table "." #name;
#include "app/settings.def"
}

// A row's default stands in the struct too: both must say the same.
TEST(AppConfig, RowsAndStructsAgreeOnDefaults) {
  for (const Setting& setting : settings()) {
    SCOPED_TRACE(setting.path());
    expect_defaults(parse_config(with(setting, std::string(setting.fallback)), "x.toml"));
  }
}

TEST(AppConfig, TheShippedFileIsWhatTheTableSays) {
  std::ifstream file(MAILGLASS_SOURCE "/config/mailglass.toml");
  std::ostringstream shipped;
  shipped << file.rdbuf();
  EXPECT_EQ(shipped.str(), default_config_text())
      << "write it anew: mailglass check --defaults > config/mailglass.toml";
  expect_defaults(parse_config(shipped.str(), "mailglass.toml"));
}

TEST(AppConfig, EveryKeyIsInTheTableOfTheGuide) {
  for (const Setting& setting : settings()) {
    EXPECT_NE(settings_table().find("| `" + setting.path() + "` |"), std::string::npos);
  }
}

TEST(AppConfig, NumbersReachTheirFieldAndKeepTheirRange) {
  for (const Setting& setting : settings()) {
    if (setting.type != SettingType::number) continue;
    SCOPED_TRACE(setting.path());
    EXPECT_EQ(error_of(with(setting, std::to_string(setting.min))), "");
    EXPECT_EQ(error_of(with(setting, std::to_string(setting.max))), "");
    std::vector<std::string> outside = {std::to_string(setting.max + 1), "-1"};
    if (setting.min != 0) outside.push_back(std::to_string(setting.min - 1));
    const std::string below = std::to_string(static_cast<std::int64_t>(setting.min) - 1);
    for (const std::string& value : {below, std::to_string(setting.max + 1)}) {
      EXPECT_EQ(error_of(with(setting, value)),
                "x.toml:2: " + setting.path() + " is " + value + ", must be " + range_of(setting));
    }
    EXPECT_EQ(error_of(with(setting, "\"1\"")),
              "x.toml:2: " + setting.path() + " must be a whole number, not a text");
  }
  const Config config = parse_config("[flow]\nflows = 2048\n[mail]\nsessions = 99\n", "x.toml");
  EXPECT_EQ(config.limits.flow.flows, 2048u);
  EXPECT_EQ(config.limits.mail.sessions, 99u);
}

TEST(AppConfig, TextsReachTheirField) {
  const Config config = parse_config(
      "[eve]\nfile = \"e.json\"\nhost = \"gate\"\n[metrics]\naddress = \"[::1]:80\"\n"
      "[patterns]\nfolder = \"/p\"\n[credentials]\npolicy = \"hash\"\n"
      "key = \"00112233445566778899aAbBcCdDeEfF\"\n",
      "x.toml");
  EXPECT_EQ(config.eve_file, "e.json");
  EXPECT_EQ(config.sensor_name, "gate");
  EXPECT_EQ(config.metrics_address, "[::1]:80");
  EXPECT_EQ(config.patterns_folder, "/p");
  EXPECT_EQ(config.credentials.policy, mail::CredentialPolicy::hash);
  EXPECT_TRUE(config.has_key);
  EXPECT_EQ(config.credentials.key[1], 0x11);
  EXPECT_EQ(config.credentials.key[15], 0xff);
}

TEST(AppConfig, NamesTheLineAndSuggestsTheKey) {
  EXPECT_EQ(error_of("\n\n[flow]\n\nflowz = 1"),
            "x.toml:5: unknown key flow.flowz; did you mean flow.flows?");
  EXPECT_EQ(error_of("flows = 1"), "x.toml:1: unknown key flows; did you mean flow.flows?");
  EXPECT_EQ(error_of("[stream]\nsessions = 1"),
            "x.toml:2: unknown key stream.sessions; did you mean mail.sessions?");
  EXPECT_EQ(error_of("[flwo]\nflows = 1"), "x.toml:1: unknown table flwo; did you mean flow?");
  EXPECT_EQ(error_of("[flow.inner]\nx = 1"), "x.toml:1: unknown key flow.inner");
  EXPECT_EQ(error_of("[eve]\nfile = [\"a\"]"),
            "x.toml:2: eve.file must be a text in quotes, not a list");
}

TEST(AppConfig, WhatIsNotTomlIsSaidInOurWords) {
  const std::string no_value =
      " is no TOML: write a whole number, true or false, or a text in \"quotes\"";
  const std::pair<const char*, std::string> kBad[] = {
      {"[flow]\nflows =", "x.toml:2: the value of flows" + no_value},
      {"[run]\n\thugepages = yes", "x.toml:2: the value of hugepages" + no_value},
      {"[flow]\nflows = \"abc", "x.toml:2: the value of flows" + no_value},
      {"[credentials]\nkey = secret", "x.toml:2: the value of key" + no_value},
      {"[run]\nworkers = 2 2", "x.toml:2: the value of workers" + no_value},
      {"[flow]\nx", "x.toml:2: neither a [table] nor key = value"},
      {"[flow]\n = 1", "x.toml:2: a key is missing in front of the ="},
      {"[flow\nflows = 2000", "x.toml:1: [flow is no table: those are written [name] or [[name]]"},
      {"[credentials] key = \"secret\"",
       "x.toml:1: [credentials] is no table: those are written [name] or [[name]]"},
      {"[credentials]\nkey \"secret\" # as=2", "x.toml:2: the value of this" + no_value},
      {"[credentials]\nsecret =", "x.toml:2: the value of this" + no_value},
      {"[credentials]\nsecret = 1",
       "x.toml:2: unknown key in credentials, whose keys are policy and key"},
      {"[credentials.secret]\nx = 1",
       "x.toml:1: unknown key in credentials, whose keys are policy and key"},
      {"[[secret", "x.toml:1: this is no table: those are written [name] or [[name]]"}};
  for (const auto& [text, says] : kBad) EXPECT_EQ(error_of(text), says) << text;
  // Which of the two lines is said is the library's affair.
  EXPECT_TRUE(
      error_of("[flow]\nflows = 2000\nflows = 3000\n").ends_with(": flows stands here twice"));
  EXPECT_TRUE(error_of("[flow]\nflows = 2000\n[flow]\nholds = 3000\n")
                  .ends_with(": [flow] stands here twice"));
}

TEST(AppConfig, AChoiceThatIsNoneIsNamed) {
  EXPECT_EQ(error_of("[detect]\nown_networks = \"10.0.0.0/8;192.0.2.0/24\""),
            "x.toml:2: detect.own_networks must be networks with blanks between, or none, not "
            "\"10.0.0.0/8;192.0.2.0/24\"");
  EXPECT_EQ(error_of("[credentials]\nkey = \"abc\"").find("abc"), std::string::npos);
}

// A quoted key holds what it likes, which a fuzzer found.
TEST(AppConfig, WhatTheFileSaysStaysOnOneLineOfPlainCharacters) {
  EXPECT_EQ(error_of("\"a\\nb\\u001b[31m\" = 1"), "x.toml:1: unknown key a\\x0ab\\x1b[31m");
  EXPECT_EQ(error_of("[\"f\\u202e\"]\nx = 1"), "x.toml:1: unknown table f\\u202e");
}

TEST(AppConfig, BracketsDoNotEatTheStack) {
  EXPECT_EQ(error_of("x = " + std::string(100000, '[')), "x.toml: too large for a configuration");
}

// toml11 3.7.1 reads past the end of this one, which a fuzzer found.
TEST(AppConfig, WhatIsNoTextIsRefusedBeforeTheParser) {
  EXPECT_EQ(error_of("'\xd7[fh'[w=0"), "x.toml:1: not UTF-8");
  EXPECT_EQ(error_of("[eve]\nfile = \"\x01\""), "x.toml:2: a control character");
  EXPECT_EQ(error_of("[eve]\r\nfile = \"caf\u00e9\" # \t"), "");
}

TEST(AppConfig, ValuesThatContradictEachOtherAreRefusedWithBoth) {
  const auto refused = [](const std::string& text) {
    return contradiction(parse_config(text, "x.toml")).sentence;
  };
  EXPECT_EQ(refused(""), "");
  EXPECT_EQ(refused("[flow]\nopening_seconds = 601"),
            "flow.opening_seconds is 601, more than flow.idle_seconds, which is 600");
  EXPECT_EQ(refused("[flow]\nidle_seconds = 4\nopening_seconds = 3"),
            "flow.closed_seconds is 5, more than flow.idle_seconds, which is 4");
  EXPECT_NE(refused("[flow]\nidle_seconds = 9\nopening_seconds = 3\n[stream]\npatience_ms = 9001"),
            "");
  // The line is that of the one that was written.
  EXPECT_EQ(contradiction(parse_config("[flow]\nopening_seconds = 601", "x.toml")).key,
            "flow.opening_seconds");
  EXPECT_EQ(contradiction(parse_config("[flow]\nidle_seconds = 4", "x.toml")).key,
            "flow.idle_seconds");
}

TEST(AppConfig, PortsAreTablesOfTheirOwn) {
  const Config config = parse_config(
      "[[port]]\ndevice = \"a\"\n[run]\nworkers = 2\nhugepages = true\n[[port]]\n"
      "descriptors = 64\ndevice = \"b\"\npromiscuous = false\n",
      "x.toml");
  ASSERT_EQ(config.ports.size(), 2u);
  EXPECT_EQ(config.ports[0], (PortConfig{"a", 1024, true}));
  EXPECT_EQ(config.ports[1], (PortConfig{"b", 64, false}));
  EXPECT_TRUE(config.run.hugepages);
  EXPECT_EQ(parse_config("port = [{device = \"a\"}, {device = \"b\"}]", "x.toml").ports.size(), 2u);
  EXPECT_EQ(error_of("[port]\ndevice = \"a\""), "x.toml:1: the table port is written [[port]]");
  EXPECT_EQ(error_of("[[run]]\nworkers = 1"), "x.toml:1: the table run is written [run]");
  EXPECT_EQ(error_of("[[port]]\ndevcie = \"a\""),
            "x.toml:2: unknown key port.devcie; did you mean port.device?");
  EXPECT_EQ(error_of("[[port]]\npromiscuous = 1"),
            "x.toml:2: port.promiscuous must be true or false, not a whole number");
}

TEST(AppConfig, WordsReachTheirField) {
  const RunSettings run =
      parse_config(
          "[run]\npipeline = \"bridge\"\ndistribution = \"software\"\nidle = \"interrupt\"\n"
          "seccomp = \"log\"\ntelemetry = false\n",
          "x.toml")
          .run;
  EXPECT_EQ(run.pipeline, PipelineKind::bridge);
  EXPECT_EQ(run.distribution, nic::Distribution::software);
  EXPECT_EQ(run.idle, nic::Idle::interrupt);
  EXPECT_EQ(run.seccomp, SeccompMode::log);
  EXPECT_FALSE(run.telemetry);
  EXPECT_EQ(error_of("[run]\nidle = \"lazy\""),
            "x.toml:2: run.idle must be poll, adaptive or interrupt, not \"lazy\"");
}

TEST(AppConfig, SettingsOfARunThatContradictEachOther) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"[run]\ncpus = \"2-4\"\nworkers = 2",
       "run.cpus names 3 CPUs, run.workers is 2: each worker takes one"},
      {"[run]\ncpus = \"2,2\"\nworkers = 2", "run.cpus is \"2,2\", which names a CPU twice"},
      {"[run]\ncpus = \"4-2\"",
       "run.cpus must be CPU numbers such as \"2-5\" or \"2,4\", not \"4-2\""},
      {"[run]\npipeline = \"bridge\"\n[[port]]\ndevice = \"a\"",
       "run.pipeline is \"bridge\", which takes ports in pairs, and [[port]] stands here 1 times"},
      {"[[port]]\ndevice = \"net_x,a=1\"\n[[port]]\ndevice = \"net_x,a=2\"",
       "port.device \"net_x,a=2\": there is another net_x; number them, such as net_x0 and net_x1"},
      {"[[port]]\ndevice = \"eth1\"",
       "port.device \"eth1\" is no DPDK device; the kernel's interface of that name is "
       "\"net_af_packet0,iface=eth1\""},
      {"[[port]]\ndescriptors = 64", "port.device is missing: each [[port]] names one"},
      {"[[port]]\ndevice = \"0000:3b:00.0\"",
       "port.device \"0000:3b:00.0\" is a physical NIC, which needs run.hugepages = true"},
      {"[run]\nsecondaries = true",
       "run.secondaries is true, which needs run.hugepages = true: other processes cannot see "
       "other memory"},
  };
  for (const auto& [text, said] : kWrong) {
    EXPECT_EQ(contradiction(parse_config(text, "x.toml")).sentence, said);
  }
  const char* const right =
      "[run]\nhugepages = true\nsecondaries = true\npipeline = \"bridge\"\nworkers = 3\n"
      "cpus = \"1,4-5\"\n[[port]]\ndevice = \"3b:00.0\"\n[[port]]\ndevice = \"3b:00.1\"";
  EXPECT_EQ(contradiction(parse_config(right, "x.toml")).sentence, "");
}

TEST(AppConfig, AContradictionNamesItsLine) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"[run]\nworkers = 2\n\ncpus = \"3\"\n",
       ":4: run.cpus names 1 CPUs, run.workers is 2: each worker takes one"},
      {"[[port]]\ndevice = \"net_a\"\n[[port]]\ndevice = \"eth1\"\n[[port]]\ndevice = \"net_b\"\n",
       ":4: port.device \"eth1\" is no DPDK device; the kernel's interface of that name is "
       "\"net_af_packet0,iface=eth1\""},
      {"[[port]]\ndevice = \",\"\n", ":2: port.device \",\" names no device"},
      {"[eve]\nfile = \"a\\u0000b\"\n", ":2: eve.file holds a NUL, which no name has"},
      {"[flow]\nflows = 99999999999999999999\n",
       ":2: flow.flows is too large, must be 1024 to 67108864 flows"},
      {"[[port]]\ndevice = \"xyz0,iface=s0\"\n",
       ":2: port.device \"xyz0,iface=s0\" is no DPDK device; the kernel's interface of that name "
       "is \"net_af_packet0,iface=s0\""},
      {"[run]\nhugepages = true\n[[port]]\ndevice = \"3b:00.0\"\n"
       "[[port]]\ndevice = \"0000:3b:00.0,a=b\"\n",
       ":6: port.device \"0000:3b:00.0,a=b\" stands here twice"},
      {"[[port]]\ndevice = \"net_af_packet0,iface=a\"\n[[port]]\ndevice = "
       "\"net_af_packet1,iface=a\"\n",
       ":4: port.device \"net_af_packet1,iface=a\": there is another port of the interface a"},
      {"[[port]]\ndevice = \"net_a\"\n\n[[port]]\ndescriptors = 64\n",
       ":4: port.device is missing: each [[port]] names one"},
  };
  const std::string file = testing::TempDir() + "/contradiction.toml";
  for (const auto& [text, said] : kWrong) {
    std::ofstream(file) << text;
    try {
      (void)load_config(file);
      ADD_FAILURE() << "taken: " << text;
    } catch (const ConfigError& error) {
      EXPECT_EQ(std::string(error.what()), file + said);
    }
  }
}

TEST(AppConfig, WhatThisMachineLacks) {
  const std::string nobody = "[run]\nuser = \"nobody\"\n";
  const auto said = [](const std::string& text) {
    const Config config = parse_config(text, "x.toml");
    try {
      refuse(missing_here(config), config, "x.toml");
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(
      said(nobody + "[[port]]\ndevice = \"net_null0\"\n[[port]]\ndevice = "
                    "\"net_af_packt0,iface=eth1\""),
      "x.toml:6: port.device \"net_af_packt0,iface=eth1\" is of no driver that DPDK has here; "
      "did you mean net_af_packet?");
  for (const char* device : {"net_tap0", "net_tun0", "net_bonding0", "net_virtio_user0,path=x",
                             "eth_pcap0", "net_memif0,id=1,a-later-key=7"}) {
    EXPECT_EQ(said(nobody + "[[port]]\ndevice = \"" + device + '"'), "");
  }
  const std::pair<const char*, const char*> kLacking[] = {
      {"ff:1f.7", "there is no PCI device 0000:ff:1f.7"},
      {"net_af_packet0", "net_af_packet0: say of which network interface"},
      {"net_af_packet0,ifac=eth1",
       "port.device \"net_af_packet0,ifac=eth1\" has an argument ifac; did you mean iface?"},
      {"net_af_xdp0,iface=no-such-if", "net_af_xdp0: there is no network interface no-such-if"},
      {"net_pcap0,rx_pcap=/no/such.pcap", "net_pcap0: /no/such.pcap: No such file or directory"},
      {"net_pcap0,rx_pcap=/", "net_pcap0: /: is a directory, not a capture"},
      {"net_pcap0,rx_pcap=/proc/self/exe", "net_pcap0: /proc/self/exe: "},
      {"net_pcap0,tx_pcap=/no/such/out.pcap", "net_pcap0: /no/such: No such file or directory"},
      {"net_pcap0,rx_pcap=/dev/null,tx_iface=no-such-if",
       "net_pcap0: there is no network interface no-such-if"},
      {"net_pcap0", "net_pcap0: say what it plays or records, as in net_pcap0,rx_pcap=FILE"},
      {"net_null1,siz=9",
       "port.device \"net_null1,siz=9\" has an argument siz; did you mean size?"},
      {"net_bogusdriver0",
       "port.device \"net_bogusdriver0\" is of no driver that DPDK has here: Debian's "
       "librte-meta-net has all"}};
  for (const auto& [device, says] : kLacking) {
    const std::string sentence =
        said(nobody + "[[port]]\ndevice = \"net_null0\"\n[[port]]\ndevice = \"" + device + '"');
    EXPECT_TRUE(sentence.starts_with(std::string("x.toml:6: ") + says)) << sentence;
  }
  const std::string pipe = testing::TempDir() + "/port.pcap";
  ASSERT_TRUE(mkfifo(pipe.c_str(), 0600) == 0 || errno == EEXIST);
  EXPECT_EQ(said(nobody + "[[port]]\ndevice = \"net_pcap0,rx_pcap=" + pipe + '"'), "")
      << "left alone: to open it would wait for its writer";
  const std::string port = "[[port]]\ndevice = \"net_null0\"\n";
  const std::string cpu = said(port + nobody + "cpus = \"0,1023\"");
  EXPECT_TRUE(cpu.starts_with("x.toml:5: there is no CPU 1023: this machine has ")) << cpu;
  const std::string pages = said(port + nobody + "hugepages = true\nmemory_mib = 65536");
  EXPECT_TRUE(pages.starts_with("x.toml:6: too few hugepages: 65536 MiB are wanted and "));
  EXPECT_EQ(said(port + nobody + "[eve]\nfile = \"/no/such/eve.json\""),
            "x.toml:6: /no/such/eve.json: there is no folder /no/such");
  EXPECT_EQ(said(port + nobody + "[eve]\nfile = \"eve.json\""), "");
  EXPECT_EQ(said(port + nobody + "[eve]\nfile = \"/tmp\""), "x.toml:6: /tmp: is a folder");
  EXPECT_EQ(said(port + nobody + "[metrics]\naddress = \"192.0.2.7:9465\""),
            "x.toml:6: metrics.address 192.0.2.7:9465: Cannot assign requested address");
  EXPECT_EQ(said(port + nobody + "workers = 2\ndistribution = \"rss\""), "") << "DPDK will say";
  EXPECT_EQ(
      said("[[port]]\ndevice = \"net_memif0\"\n" + nobody + "workers = 2\ndistribution = \"rss\""),
      "x.toml:6: run.distribution is \"rss\", and net_memif cannot distribute frames: use "
      "\"automatic\"");
  const std::string little = said(port + nobody + "memory_mib = 64\nworkers = 32");
  EXPECT_TRUE(little.starts_with("x.toml:5: run.memory_mib = 64 is too little: no less than "))
      << little;
  const std::string stranger = "[run]\nuser = \"no-such-user\"\n";
  EXPECT_EQ(
      said(stranger + "[[port]]\ndevice = \"net_null0\""),
      "x.toml:2: run.user: there is no user no-such-user: create it (adduser --system --group "
      "no-such-user), or name another");
  EXPECT_EQ(said(stranger), "") << "nothing runs by it";
  EXPECT_EQ(said("[run]\nuser = \"\"\n[[port]]\ndevice = \"net_null0\""), "");
}

TEST(AppConfig, WhatIsReadIsNotWritten) {
  const std::string folder = testing::TempDir(), own = folder + "/own.toml";
  const std::string played = folder + "/played.pcap", patterns = folder + "/patterns";
  std::ofstream(played) << "x";
  std::filesystem::create_directory(patterns);
  std::ofstream(patterns + "/smtp.patterns") << "x";
  const std::string plays = "[[port]]\ndevice = \"net_pcap0,rx_pcap=" + played;
  const std::string eve = "[eve]\nfile = \"";
  const std::pair<std::string, std::string> kWrong[] = {
      {eve + own + "\"\n", ":2: eve.file " + own + ": is the configuration"},
      {eve + played + "\"\n" + plays + "\"\n",
       ":2: eve.file " + played + ": is a capture to be read"},
      {eve + played + "\"\n[[port]]\ndevice = \"net_pcap0,rx_pcap=a,rx_pcap=" + played + "\"\n",
       ":2: eve.file " + played + ": is a capture to be read"},
      {eve + patterns + "/smtp.patterns\"\n[patterns]\nfolder = \"" + patterns + "\"\n",
       ":2: eve.file " + patterns + "/smtp.patterns: is a file of patterns"},
      {"[[port]]\ndevice = \"net_null0\"\n" + plays + ",tx_pcap=" + folder + "/./played.pcap\"\n",
       ":4: tx_pcap=" + folder + "/./played.pcap: is a capture to be read"},
      {plays + "\"\n[[port]]\ndevice = \"net_pcap1,tx_pcap=" + played + "\"\n",
       ":4: tx_pcap=" + played + ": is a capture to be read"},
      {eve + folder + "/new\"\n[[port]]\ndevice = \"net_pcap1,tx_pcap=" + folder + "/new\"\n",
       ":2: eve.file " + folder + "/new: is where another port's frames go, too"},
  };
  for (const auto& [text, says] : kWrong) {
    std::ofstream(own) << text;
    try {
      (void)load_config(own);
      ADD_FAILURE() << "taken: " << text;
    } catch (const ConfigError& error) {
      EXPECT_EQ(std::string(error.what()), own + says);
    }
  }
}

TEST(AppConfig, CpuLists) {
  std::vector<unsigned> cpus;
  EXPECT_TRUE(parse_cpus("0", cpus));
  EXPECT_TRUE(parse_cpus("2-4,8", cpus));
  EXPECT_EQ(cpus, (std::vector<unsigned>{2, 3, 4, 8}));
  for (const char* bad : {"", ",", "1,", "-1", "1-", "a", "1 2", "1024", "0-99999999999", "2-1"}) {
    EXPECT_FALSE(parse_cpus(bad, cpus)) << bad;
  }
}

TEST(AppConfig, ReloadableKeysExistAndSayAreSo) {
  std::size_t reloadable = 0;
  for (const Setting& setting : settings()) reloadable += is_reloadable(setting);
#define RELOADABLE(table, name) --reloadable;
#include "app/settings.def"
  EXPECT_EQ(reloadable, 0u);
  EXPECT_NE(default_config_text().find("at most 4096 octets. Reloadable."), std::string::npos);
}

TEST(AppConfig, TablesThatDoNotFitTheMachineAreRefusedWithTheirSizes) {
  Config config;
  EXPECT_EQ(memory_complaint(config, std::uint64_t{4} << 30), "");
  config.limits.flow.flows = 67108864;
  const std::string said = memory_complaint(config, std::uint64_t{4} << 30);
  EXPECT_NE(said.find("do not fit the machine's 4.0 GiB"), std::string::npos) << said;
  EXPECT_NE(said.find("flow.flows = 67108864 takes 8.0 GiB"), std::string::npos) << said;
  config = {};
  config.run.workers = 64;
  EXPECT_NE(memory_complaint(config, std::uint64_t{4} << 30).find("of each of run.workers = 64"),
            std::string::npos);
  // Packets have memory of their own, once there are ports.
  config = parse_config("[run]\nmemory_mib = 65536", "x.toml");
  EXPECT_EQ(memory_complaint(config, std::uint64_t{4} << 30), "");
  config.ports.push_back({"net_null0", 1024, true});
  EXPECT_NE(memory_complaint(config, std::uint64_t{4} << 30)
                .find("run.memory_mib = 65536 for packets takes 64.0 GiB"),
            std::string::npos);
  config = parse_config("[run]\nmemory_mib = 3800\n[[port]]\ndevice = \"net_null0\"", "x.toml");
  EXPECT_NE(memory_complaint(config, std::uint64_t{4} << 30), "") << "the tables come on top";
  // Each alone, beside the defaults.
  const std::pair<const char*, const char*> large[] = {
      {"[mail]\nsessions = 16777216", "mail.sessions = 16777216"},
      {"[mail]\nblocks = 16777216", "mail.blocks = 16777216"},
      {"[mail]\ndigests = \"md5\"\ndigest_slots = 1048576", "mail.digest_slots = 1048576"},
      {"[stream]\nblocks = 4194304", "stream.blocks = 4194304"},
      {"[stream]\nholds = 1048576", "stream.holds = 1048576"},
      {"[stream]\nhistory_mib = 1024", "stream.history_mib = 1024"},
      {"[wire]\nfragment_blocks = 4194304", "wire.fragment_blocks = 4194304"},
      {"[wire]\ndatagrams = 1048576", "wire.datagrams = 1048576"},
      {"[eve]\nring_mib = 1024", "eve.ring_mib = 1024"},
  };
  for (const auto& [text, named] : large) {
    const Config one = parse_config(text, "x.toml");
    const std::string complaint = memory_complaint(one, std::uint64_t{128} << 20);
    EXPECT_NE(complaint.find(named), std::string::npos) << complaint;
  }
}

// A wrong secret is still somebody's secret.
TEST(AppConfig, AnErrorDoesNotRepeatASecret) {
  const std::string error = error_of("[credentials]\nkey = \"0123456789abcdef\"");
  EXPECT_EQ(error, "x.toml:2: credentials.key must be 32 hexadecimal digits");
  EXPECT_NE(error_of("[credentials]\nkey = \"zz112233445566778899aabbccddeeff\""), "");
}

TEST(AppConfig, AKeyIsMadeWhereNoneIsGiven) {
  Config first, second,
      given = parse_config("[credentials]\nkey = \"00112233445566778899aabbccddeeff\"", "x.toml");
  ensure_key(first);
  ensure_key(second);
  EXPECT_NE(first.credentials.key, second.credentials.key);
  const SecretKey before = given.credentials.key;
  ensure_key(given);
  EXPECT_EQ(given.credentials.key, before);
}

TEST(AppConfig, SocketAddresses) {
  for (const char* good : {"127.0.0.1:9465", "0.0.0.0:1", "[::1]:9465", "[::]:65535"}) {
    EXPECT_TRUE(is_socket_address(good)) << good;
  }
  for (const char* bad : {"", "9465", ":9465", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
                          "127.0.0.1:65536", "127.0.0.1:80x", "::1:9465", "host:80", "[]:80",
                          "127.0.0.1:-1", "127.0.0.1:+80", "127.0.0.1: 80"}) {
    EXPECT_FALSE(is_socket_address(bad)) << bad;
  }
}

TEST(AppConfig, TellsWhatMemoryItTakes) {
  const Config config = parse_config(
      "[flow]\nflows = 2097152\n[run]\nworkers = 3\nmemory_mib = 512\n"
      "[[port]]\ndevice = \"net_null0\"",
      "x.toml");
  std::uint64_t each = 0;
  for (const Reserved& row : memory_plan(config)) each += row.octets;
  const std::string text = describe_memory(config);
  EXPECT_NE(text.find("  flow.flows = 2097152\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" 512 MiB  run.memory_mib = 512, packets of all ports\n"), std::string::npos);
  EXPECT_NE(text.find(std::to_string(each >> 20) + " MiB  of each worker, "), std::string::npos);
  const double together = static_cast<double>(3 * each + (512ull << 20)) / (1 << 30);
  std::array<char, 32> last{};
  std::snprintf(last.data(), last.size(), "%.1f GiB  together\n", together);
  EXPECT_TRUE(text.ends_with(last.data())) << text;
}

}  // namespace
}  // namespace mailglass::app
