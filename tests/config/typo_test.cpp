#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <set>

#include "config/config.h"

/// A key with a typo must never be taken for something else, or for nothing (robustness 1b: a mistyped threshold became
/// an address in answers).
namespace holdfast::config {
namespace {

constexpr std::size_t kTypos = 300;

const std::string kGood = R"([server]
listen = ["127.0.0.1:53"]
threads = 2
nsid = "ns1"
version = "none"
edns_size = 1232
tcp_connections = 100
tcp_idle = "10s"
tcp_message = "2s"
state = "/var/lib/holdfast"
[control]
listen = "127.0.0.1:8053"
allow_remote = false
[log]
keep = "7d"
size = "256MiB"
[probes]
exec_directory = "/usr/bin"
allow_loopback = true
[monitor.web]
type = "https"
port = 443
host = "www.example.com"
path = "/"
method = "GET"
http_version = "2"
headers = ["Accept: text/plain"]
status = [200]
expect = "I eat DNS for breakfast!"
reject = "error"
verify = true
ca_file = "ca.pem"
client_certificate = "client.pem"
client_key = "client.key"
interval = "10s"
retry = "1s"
timeout = "3s"
connect_timeout = "1s"
header_timeout = "1s"
body_timeout = "1s"
fall = 3
rise = 3
[pool.shop]
monitor = "web"
policy = "failover"
ttl = "30s"
members = [{ address = "192.0.2.1", tier = 1 }, { address = "192.0.2.2", tier = 2 }]
[[zone]]
name = "example.com"
file = "example.com.zone"
live = [{ name = "www", monitor = "web", ttl = "5s" }, { name = "shop", pool = "shop" }]
)";

struct Span {
  std::size_t begin;
  std::size_t length;
};

/// Every key and section word of `toml`.
std::vector<Span> keys(const std::string& toml) {
  static const std::regex kKey(R"((\w+)(?= = )|\[(server|control|probes|monitor|pool|zone)\b)");
  std::vector<Span> found;
  for (std::sregex_iterator match(toml.begin(), toml.end(), kKey), end; match != end; ++match) {
    const std::size_t group = (*match)[1].matched ? 1 : 2;
    found.push_back(
        {static_cast<std::size_t>(match->position(group)), static_cast<std::size_t>(match->length(group))});
  }
  return found;
}

std::string with_typo(std::string key, std::mt19937& random) {
  const auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const std::size_t at = pick(key.size());
  switch (pick(4)) {
    case 0: return key.erase(at, 1);
    case 1: return key.insert(at, 1, kLetters[pick(kLetters.size())]);
    case 2: key[at] = kLetters[pick(kLetters.size())]; return key;
    default: std::swap(key[at], key[(at + 1) % key.size()]); return key;
  }
}

TEST(Typo, InAKeyIsNeverAccepted) {
  ASSERT_TRUE(parse(kGood, "good.toml").problems.empty());
  const std::vector<Span> places = keys(kGood);
  ASSERT_EQ(places.size(), 59U);

  std::mt19937 random(42);
  std::set<std::string> tried{kGood};
  while (tried.size() <= kTypos) {
    const Span place = places[random() % places.size()];
    const std::string key = kGood.substr(place.begin, place.length);
    const std::string typo = with_typo(key, random);
    std::string toml = kGood;
    toml.replace(place.begin, place.length, typo);
    if (!tried.insert(toml).second) continue;
    EXPECT_FALSE(parse(toml, "typo.toml").config) << key << " as " << typo;
  }
}

TEST(Typo, IsAnsweredWithTheRightKey) {
  std::mt19937 random(42);
  std::size_t suggested = 0;
  std::size_t tried = 0;
  for (const Span place : keys(kGood)) {
    const std::string key = kGood.substr(place.begin, place.length);
    std::string toml = kGood;
    toml.replace(place.begin, place.length, with_typo(key, random));
    for (const Problem& problem : parse(toml, "typo.toml").problems) {
      if (problem.what.find("did you mean \"" + key + "\"?") == std::string::npos) continue;
      ++suggested;
      break;
    }
    ++tried;
  }
  EXPECT_GE(suggested * 10, tried * 8) << suggested << " of " << tried;
}

}  // namespace
}  // namespace holdfast::config
