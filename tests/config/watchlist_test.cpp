#include "config/watchlist.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "config/config.h"
#include "config/options.h"

namespace holdfast::config {
namespace {

namespace fs = std::filesystem;
using boost::asio::ip::make_address;
using health::Target;
using health::Watchlist;

const health::ProbeSettings kOurs{.exec_directory = "/usr/bin"};
const fs::path kSource = HOLDFAST_SOURCE_DIR;

Target target(const health::MonitorSettings& monitor, const char* address = "192.0.2.1",
              const char* place = "") {
  return {{monitor.name, make_address(address)}, monitor, place};
}

/// What a configuration would have checked: each monitor at one address.
struct Wanted {
  std::vector<Target> targets;
  std::vector<health::LocationSettings> locations;
  std::vector<health::AgentSettings> agents;

  std::string text() const { return write_watchlist(targets, locations, agents); }
  Watchlist list() const { return watchlist(targets, locations, agents, text()); }
};

Wanted wanted(const Config& config) {
  Wanted all{{}, config.locations, config.agents};
  for (const auto& monitor : config.monitors) all.targets.push_back(target(monitor));
  return all;
}

Wanted wanted(const std::string& toml) {
  const Loaded loaded = parse(toml, "/etc/holdfast/site.toml");
  for (const Problem& problem : loaded.problems) {
    if (problem.severity == Problem::Severity::error) ADD_FAILURE() << problem.text();
  }
  return loaded.config ? wanted(*loaded.config) : Wanted{};
}

/// Files that are not there.
void forget_files(health::MonitorSettings& monitor) {
  for (std::string* file : {&monitor.ca_file, &monitor.client_certificate, &monitor.client_key})
    file->clear();
  for (health::MonitorSettings& part : monitor.parts) forget_files(part);
}

/// Every type, and each option with another value than its default.
const std::string kEveryOption = R"(
[probes]
exec_directory = "/usr/bin"
[self]
name = "ns1"
[store]
endpoints = ["https://192.0.2.10:2379"]
[location.europe]
latitude  = 50
longitude = -0.0000001
[location."eu.cork"]
in = "europe"
latitude  = 51.8985
longitude = -8.4756
[agent.ns1]
location  = "eu.cork"
addresses = ["192.0.2.7", "2001:db8::7"]
[agent.a]
location = "europe"
[monitor.web]
type               = "https"
port               = 8443
host               = "www.example.com."
path               = "/healthz?a=%22b%22"
method             = "POST"
http_version       = "2"
headers            = ["Authorization: \"quoted\" \\ and more", "X-Long: )" +
                                 std::string(500, 'x') + R"("]
body               = "\"\\\u0000\u0001\u001f\u007f\t\r\n\u00e4\u20ac\U0001F600'''"
status             = [200, "300-399"]
expect             = { regex = "^\\d+\"\\x00[\u00e4]$" }
reject             = { any_case = "F\"ehler\\\n" }
verify             = false
ca_file            = "/etc/group"
client_certificate = "/etc/passwd"
client_key         = "/etc/hosts"
certificate_days   = 14
interval           = "1h"
retry              = "90s"
timeout            = "1m30s500ms"
connect_timeout    = "1ms"
header_timeout     = "1s"
body_timeout       = "1m1s1ms"
fall               = 100
rise               = 1
agents             = { prefer = ["eu.cork", "europe"], nearest = 256, min = 1, quorum = "any" }
[monitor."dotted.name"]
type   = "http"
method = "HEAD"
timeout = "4s"
interval = "6s"
agents = { quorum = 7 }
[monitor.tcp]
type   = "tcp"
port   = 6379
send   = "PING \"\\\u0000\u00ff\r\n"
expect = "+PONG"
agents = { quorum = "all" }
[monitor.tls]
type = "tls"
interval = "1s"
[monitor.smtp]
type     = "smtp"
ehlo     = true
starttls = true
[monitor.dns]
type       = "dns"
query      = "a\\.b\\032.example.com"
query_type = "TXT"
rcode      = "NXDOMAIN"
expect     = '"a \"b\" \\ \000" c'
[monitor.ping]
type = "ping"
[monitor.exec]
type    = "exec"
command = ["true", "", "-x \"\\", "b c"]
[monitor.both]
type    = "all"
of      = ["web", "tcp", "exec"]
timeout = "900ms"
[monitor.some]
type  = "at_least"
of    = ["web", "tcp", "exec"]
count = 2
timeout = "2s"
)";

TEST(Watchlist, IsReadAsItWasWritten) {
  const Wanted all = wanted(kEveryOption);
  EXPECT_EQ(read_watchlist(all.text(), kOurs), all.list()) << all.text();
}

TEST(Watchlist, CarriesEveryOptionOfAMonitor) {
  const Wanted all = wanted(kEveryOption);
  for (const auto& option : monitor_options()) {
    EXPECT_TRUE(std::any_of(all.targets.begin(), all.targets.end(), [&](const Target& one) {
      return !option.is_default(one.monitor);
    })) << option.name;
  }
}

TEST(Watchlist, CarriesPartsThatAreNoTargets) {
  Wanted all = wanted(kEveryOption);
  std::erase_if(all.targets,
                [](const Target& one) { return one.id.monitor != "both" && one.id.monitor != "some"; });
  ASSERT_EQ(all.targets.size(), 2U);
  EXPECT_EQ(read_watchlist(all.text(), kOurs), all.list()) << all.text();
}

TEST(Watchlist, CarriesWhatAllOurFilesHave) {
  std::vector<fs::path> files = {kSource / "docker/holdfast.toml"};
  for (const char* folder : {"config", "config/demo", "tests/fuzz/seeds/config"}) {
    for (const auto& entry : fs::directory_iterator(kSource / folder)) {
      if (entry.path().extension() == ".toml") files.push_back(entry.path());
    }
  }
  std::size_t monitors = 0;
  for (const fs::path& file : files) {
    const Loaded loaded = load(file);
    if (!loaded.config) continue;  // seeds that are wrong on purpose
    Wanted all = wanted(*loaded.config);
    for (Target& one : all.targets) forget_files(one.monitor);
    monitors += all.targets.size();
    EXPECT_EQ(read_watchlist(all.text(), loaded.config->probes), all.list()) << file << '\n' << all.text();
  }
  EXPECT_GE(monitors, 10U);
}

TEST(Watchlist, IsTheSameInWhateverOrder) {
  Wanted all = wanted(kEveryOption);
  const std::string text = all.text();
  std::reverse(all.targets.begin(), all.targets.end());
  std::reverse(all.locations.begin(), all.locations.end());
  std::reverse(all.agents.begin(), all.agents.end());
  all.targets.push_back(all.targets.front());
  EXPECT_EQ(all.text(), text);
  EXPECT_EQ(read_watchlist(text, kOurs), all.list());
}

TEST(Watchlist, IsForPeopleToo) {
  Wanted all{{}, {{.name = "eu", .latitude = 53.5, .longitude = 0.0}}, {{"a", "eu", {}}}};
  const health::MonitorSettings web{.name = "web", .host = "www.example.com"};
  all.targets = {target(web, "2001:db8::1"), target(web, "192.0.2.1", "eu")};
  EXPECT_EQ(all.text(), R"(# What one server wants checked. It writes this anew; a change made here is lost.
[location.eu]
latitude = 53.5
longitude = 0
[agent.a]
location = "eu"
[monitor.web]
type = "http"
host = "www.example.com"
retry = "1s"
timeout = "3s"
[pool.1]
monitor = "web"
members = [
  { address = "192.0.2.1", location = "eu" },
  { address = "2001:db8::1" },
]
)");
  EXPECT_EQ(all.list().digest.size(), 32U);
  EXPECT_EQ(watchlist({}, {}, {}, "").digest,
            "e3b0c44298fc1c149afbf4c8996fb924");  // of FIPS 180-4's empty message
}

TEST(Watchlist, HoldsManyTargets) {
  Wanted all;
  for (unsigned i = 0; i < 10'000; ++i) {
    const health::MonitorSettings web{.name = "web" + std::to_string(i % 3), .host = "www.example.com"};
    all.targets.push_back(
        target(web, ("10.0." + std::to_string(i / 250) + '.' + std::to_string(i % 250)).c_str()));
  }
  const auto read = read_watchlist(all.text(), {});
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, all.list());
  EXPECT_EQ(read->targets.size(), 10'000U);
}

TEST(Watchlist, MayBeEmpty) { EXPECT_EQ(read_watchlist("", {}), watchlist({}, {}, {}, "")); }

const std::string kTarget = "[pool.1]\nmonitor = \"m\"\nmembers = [{ address = \"192.0.2.1\" }]\n";
std::string monitor(const std::string& type, const std::string& lines) {
  return "[monitor.m]\ntype = \"" + type + "\"\n" + lines + "\n" + kTarget +
         "[monitor.other]\ntype = \"ping\"\n[pool.2]\nmonitor = \"other\"\nmembers = [{ address = "
         "\"192.0.2.1\" }]\n";
}
/// The monitors of the targets that are taken.
std::set<std::string> taken(const std::string& text, const health::ProbeSettings& ours) {
  std::set<std::string> names;
  const auto list = read_watchlist(text, ours);
  if (!list) return {"no list"};
  for (const Target& one : list->targets) names.insert(one.id.monitor);
  return names;
}

TEST(Watchlist, RunsNoProgramThatWeDoNotOffer) {
  using Names = std::set<std::string>;
  const std::string text = monitor("exec", "command = [\"true\"]");
  EXPECT_EQ(taken(text, kOurs), (Names{"m", "other"}));
  EXPECT_EQ(taken(text, {}), Names{"other"});
  EXPECT_EQ(taken(text, {.exec_directory = "/nowhere"}), Names{"other"});
  EXPECT_EQ(taken(text, {.exec_directory = "/etc"}), Names{"other"});
  EXPECT_EQ(taken(monitor("exec", "command = [\"no_such_program\"]"), kOurs), Names{"other"});
  EXPECT_EQ(taken(monitor("exec", "command = [\"../bin/true\"]"), kOurs), Names{"no list"});
  EXPECT_EQ(taken("[probes]\nexec_directory = \"/usr/bin\"\n" + text, {}), Names{"no list"});
  EXPECT_EQ(taken(monitor("any", "of = [\"other\", \"run\"]") +
                      "[monitor.run]\ntype = \"exec\"\ncommand = [\"true\"]\n",
                  {}),
            Names{"other"});
}

TEST(Watchlist, NamesWhatItLeavesOut) {
  const std::string text = monitor("exec", "command = [\"true\"]");
  EXPECT_TRUE(read_watchlist(text, kOurs)->left_out.empty());
  const auto list = read_watchlist(text, {});
  ASSERT_EQ(list->left_out.size(), 1U);
  EXPECT_EQ(list->left_out[0].monitor, "m");
  EXPECT_EQ(list->digest, read_watchlist(text, kOurs)->digest);
}

TEST(Watchlist, LeavesOutWhatNeedsFilesThatAreNotHere) {
  using Names = std::set<std::string>;
  const auto with = [](const std::string& file) { return monitor("https", "ca_file = \"" + file + "\""); };
  EXPECT_EQ(taken(with("/etc/passwd"), {}), (Names{"m", "other"}));
  EXPECT_EQ(taken(with("/no/such/file"), {}), Names{"other"});
  EXPECT_EQ(taken(with("/dev/zero"), {}), Names{"other"});
  EXPECT_EQ(taken(with("/etc"), {}), Names{"other"});
}

TEST(Watchlist, DoesNotReachIntoHoldfastItself) {
  const std::string text =
      "[monitor.m]\ntype = \"http\"\nport = 8053\nmethod = \"POST\"\n[monitor.any]\ntype = \"any\"\nof = "
      "[\"m\"]\n"
      "[pool.1]\nmonitor = \"m\"\nmembers = [{ address = \"127.0.0.1\" }, { address = \"192.0.2.1\" }]\n"
      "[pool.2]\nmonitor = \"any\"\nmembers = [{ address = \"127.0.0.1\" }]\n";
  const auto count = [&](const std::optional<server::ControlSettings>& control) {
    return read_watchlist(text, {}, control).value().targets.size();
  };
  EXPECT_EQ(count({}), 3U);
  EXPECT_EQ(count(server::ControlSettings{}), 1U);
}

TEST(Watchlist, IsRefusedWhenSomethingIsWrong) {
  for (const std::string& text : std::vector<std::string>{
           "[", "[server]\nthreads = 1\n" + monitor("ping", ""), monitor("ping", "interval = \"1ms\""),
           kTarget, "[agent.a]\nlocation = \"nowhere\"\n", "a = \"\xff\"", "a = " + std::string(100, '['),
           "[location.a]\nin = \"a\"\n", "monitor = 1"}) {
    EXPECT_FALSE(read_watchlist(text, kOurs)) << text;
  }
}

TEST(Watchlist, HasLimits) {
  const std::string good = monitor("ping", "");
  const std::string full = good + "#" + std::string(kMaxWatchlist - good.size() - 1, ' ');
  EXPECT_TRUE(read_watchlist(full, {}));
  EXPECT_FALSE(read_watchlist(full + " ", {}));

  const auto with_patterns = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text += "[monitor.m" + std::to_string(i) + "]\ntype = \"http\"\nexpect = { regex = \"a\" }\n";
    return text;
  };
  EXPECT_TRUE(read_watchlist(with_patterns(kMaxWatchlistPatterns), {}));
  EXPECT_FALSE(read_watchlist(with_patterns(kMaxWatchlistPatterns + 1), {}));
}

TEST(Watchlist, DoesNotTakeMoreMemoryThanItMay) {
  const auto with_members = [](std::size_t pools) {
    std::string text = "[monitor.m]\ntype = \"http\"\nexpect = \"" + std::string(health::kExpectWindow, 'x') +
                       "\"\n" + "reject = \"" + std::string(health::kExpectWindow, 'x') + "\"\n";
    for (std::size_t p = 0; p < pools; ++p) {
      text += "[pool." + std::to_string(p) + "]\nmonitor = \"m\"\nmembers = [";
      for (std::size_t i = 0; i < kMaxPoolMembers; ++i)
        text += "{ address = \"10." + std::to_string(p) + "." + std::to_string(i / 250) + "." +
                std::to_string(i % 250) + "\" },";
      text += "]\n";
    }
    return text;
  };
  EXPECT_TRUE(read_watchlist(with_members(20), {}));
  EXPECT_FALSE(read_watchlist(with_members(60), {}));  // of 30,000 targets that have 10 KiB each
}

}  // namespace
}  // namespace holdfast::config
