#include "config/plain_zones.h"

#include <gtest/gtest.h>

#include "config/config.h"

namespace holdfast::config {
namespace {

std::string section(std::string_view name) {
  return "[[zone]]\nname = \"" + std::string(name) + "\"\nfile = \"" + std::string(name) + ".zone\"\n";
}

std::vector<std::string> taken(const std::string& text) {
  std::vector<std::string> names;
  const auto plain = take_plain_zones(text, "/etc/holdfast");
  if (!plain) return names;
  for (const zones::ZoneSettings& zone : plain->zones) {
    names.push_back(zone.name.text() + " " + zone.file);
  }
  EXPECT_EQ(std::count(plain->rest.begin(), plain->rest.end(), '\n'),
            std::count(text.begin(), text.end(), '\n'));
  return names;
}

std::vector<std::string> problems(const std::string& text) {
  std::vector<std::string> all;
  for (const Problem& problem : parse(text, "/etc/holdfast/site.toml").problems)
    all.push_back(problem.text());
  return all;
}

using Names = std::vector<std::string>;
const Names kB = {"b. /etc/holdfast/b.zone"};
const Names kNone;

TEST(PlainZones, TakesAllButTheFirst) {
  const auto plain = take_plain_zones(
      "# one\n" + section("a") + "\n[[zone]]  \n# two\n\n  file=\"/z/b\"\n name =\t\"B.\" \n" + section("c"),
      "/etc/holdfast");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->rest, "# one\n" + section("a") + "\n\n# two\n\n\n\n\n\n\n");
  ASSERT_EQ(plain->zones.size(), 2U);
  EXPECT_EQ(plain->zones[0].name.text(), "b.");
  EXPECT_EQ(plain->zones[0].file, "/z/b");
  EXPECT_EQ(plain->zones[1].name.text(), "c.");
  EXPECT_EQ(plain->zones[1].file, "/etc/holdfast/c.zone");
}

TEST(PlainZones, LeavesWhatSaysMoreOrIsNotCertain) {
  const std::string first = section("a");
  EXPECT_EQ(taken(first + section("b")), kB);
  EXPECT_EQ(taken(first), kNone);
  EXPECT_EQ(taken(first + section("b") + "live = []\n"), kNone);
  EXPECT_EQ(taken(first + section("b") + "[server]\n"), kNone);
  EXPECT_EQ(taken(first + section("b") + "[zone.more]\n"), kNone);
  EXPECT_EQ(taken(first + section("b") + "name = \"b\"\n"), kNone);
  EXPECT_EQ(taken(first + "[[zone]]\nname = \"b\"\n"), kNone);
  EXPECT_EQ(taken(first + "[[zone]]\nname = \"b..c\"\nfile = \"b\"\n"), kNone);
  EXPECT_EQ(taken(first + "[[zone]]\nname = \"b\" # \"\nfile = \"b\"\n"), kNone);
  EXPECT_EQ(taken(first + "[[zone]]\nname = \"\\u0062\"\nfile = \"b\"\n"), kNone);
  for (const char* file : {"b/", "../b", "b//c", "b/./c", "b/.."}) {
    EXPECT_EQ(taken(first + "[[zone]]\nname = \"b\"\nfile = \"" + file + "\"\n"), kNone) << file;
  }
  EXPECT_EQ(taken("[server]\nnsid = \"\"\"\n" + first + section("b") + "\"\"\"\n"), kNone);
  EXPECT_EQ(taken("[server]\nnsid = '''\n" + first + section("b") + "'''\n"), kNone);
  // After what stays, the next stays too.
  EXPECT_EQ(taken(first + "live = []\n" + section("c") + section("b")), kB);
}

TEST(PlainZones, MakeOneConfigurationWithTheOthers) {
  const Loaded loaded =
      parse(section("c") + section("b") + "[server]\nthreads = 3\n" + section("d") + section("a"),
            "/etc/holdfast/site.toml");
  ASSERT_TRUE(loaded.config);
  std::string names;
  for (const zones::ZoneSettings& zone : loaded.config->zones) names += zone.name.text() + " ";
  EXPECT_EQ(names, "a. b. c. d. ");
  EXPECT_EQ(loaded.config->server.threads, 3U);
}

TEST(PlainZones, HideNothingThatIsWrong) {
  EXPECT_EQ(
      problems(section("a") + section("b") + section("a")),
      Names{
          "/etc/holdfast/site.toml:8:8: zone \"a\": name: a. is declared in line 2 already; leave one out"});
  const auto line = [](const Names& found) {
    return found.empty() ? "" : found[0].substr(0, found[0].find(' '));
  };
  EXPECT_EQ(line(problems(section("a") + section("b") + "[server]\nthreads = \"x\"\n")),
            "/etc/holdfast/site.toml:8:11:");
  // Not sections at all:
  EXPECT_FALSE(problems("[server]\nlisten = [\n" + section("a") + section("b") + "]\n").empty());
  EXPECT_FALSE(problems("zone = 1\n" + section("a") + section("b")).empty());
  EXPECT_FALSE(problems(section("a") + section("b") + "# \x01\n").empty());
}

const std::string kPeers =
    "[server]\nstate = \"/var/lib/holdfast\"\n[peer.ns1]\naddresses = [\"192.0.2.1\"]\n"
    "[peer.ns2]\nnetworks = [\"192.0.2.2\"]\n";

/// A section of zone b behind one of a, which stays.
std::string second(const std::string& lines) { return section("a") + "[[zone]]\nname = \"b\"\n" + lines; }

TEST(PlainZones, MayHavePeers) {
  const auto plain = take_plain_zones(second("file = \"b\"\nsecondaries = [\"ns1\", \"ns2\" ]\n") +
                                          "[[zone]]\n primaries=[ \"ns1\" ]\nname = \"c\"\n",
                                      "/etc/holdfast");
  ASSERT_TRUE(plain);
  ASSERT_EQ(plain->zones.size(), 2U);
  EXPECT_EQ(plain->zones[0].secondaries, (std::vector<std::string>{"ns1", "ns2"}));
  EXPECT_EQ(plain->zones[0].file, "/etc/holdfast/b");
  EXPECT_EQ(plain->zones[1].primaries, std::vector<std::string>{"ns1"});
  EXPECT_EQ(plain->zones[1].file, "");
  EXPECT_EQ(peers_of(plain->zones), (std::set<std::string, std::less<>>{"ns1", "ns2"}));
}

TEST(PlainZones, WithPeersThatAreNotCertainAreLeft) {
  for (const char* lines :
       {"secondaries = [\"ns1\"]\n", "file = \"b\"\nprimaries = [\"ns1\"]\n",
        "file = \"b\"\nsecondaries = []\n", "file = \"b\"\nsecondaries = [\"ns1\",]\n",
        "file = \"b\"\nsecondaries = [\"ns1\" \"ns2\"]\n", "file = \"b\"\nsecondaries = [\"ns1\", \"ns1\"]\n",
        "file = \"b\"\nsecondaries = [\"n s\"]\n", "file = \"b\"\nsecondaries = [\n\"ns1\"]\n",
        "file = \"b\"\nsecondaries = [\"ns1\"]\nsecondaries = [\"ns2\"]\n",
        "file = \"b\"\nsecondaries = \"ns1\"\n"}) {
    EXPECT_EQ(taken(second(lines)), kNone) << lines;
  }
}

TEST(PlainZones, WithPeersAreInOneConfigurationWithTheOthers) {
  const Loaded loaded = parse(kPeers + second("file = \"b\"\nsecondaries = [\"ns2\"]\n") +
                                  "[[zone]]\nname = \"c\"\nprimaries = [\"ns1\"]\n",
                              "/etc/holdfast/site.toml");
  ASSERT_TRUE(loaded.config);
  EXPECT_TRUE(loaded.problems.empty());  // both peers are used
  ASSERT_EQ(loaded.config->zones.size(), 3U);
  EXPECT_EQ(loaded.config->zones[1].secondaries, std::vector<std::string>{"ns2"});
  EXPECT_TRUE(loaded.config->zones[2].is_secondary());
}

TEST(PlainZones, HideNothingThatIsWrongWithTheirPeers) {
  const std::string place = "/etc/holdfast/site.toml:";
  EXPECT_EQ(problems(kPeers + second("file = \"b\"\nsecondaries = [\"ns3\"]\n")).at(0),
            place + "13:16: zone \"b\": secondaries: there is no peer \"ns3\"; did you mean \"ns1\"?");
  EXPECT_EQ(problems(kPeers + second("primaries = [\"ns2\"]\n")).at(0).substr(0, place.size() + 5),
            place + "12:14");
  EXPECT_EQ(problems(kPeers + second("primaries = [\"ns1\"]\nsecondaries = [\"ns1\"]\n"))
                .at(0)
                .substr(0, place.size() + 5),
            place + "13:16");
  EXPECT_EQ(problems("[peer.ns1]\naddresses = [\"192.0.2.1\"]\n" +
                     second("file = \"b\"\nsecondaries = [\"ns1\"]\n"))
                .at(0)
                .substr(0, place.size() + 4),
            place + "9:15");
  EXPECT_EQ(problems(kPeers + second("file = \"b\"\nsecondaries = [\"ns1\"]\n")),
            Names{place + "5:1: warning: peer \"ns2\": no zone uses it; name it in primaries, secondaries or "
                          "update of a [[zone]]"});
  EXPECT_EQ(problems(kPeers + "tls = { name = \"ns2.example\" }\n" +
                     second("file = \"b\"\nsecondaries = [\"ns1\", \"ns2\"]\n"))
                .at(0)
                .substr(0, place.size() + 6),
            place + "14:23:");
}

}  // namespace
}  // namespace holdfast::config
