#include "zones/replicate/accept_few.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"
#include "tests/zones/replicate/sent.h"

namespace holdfast::zones {
namespace {

using testing::kApex;
using testing::load;
using testing::name;
using testing::soa;
using testing::wire;

std::string many(const std::string& prefix, int names) {
  std::string records;
  for (int i = 0; i < names; ++i) records += prefix + std::to_string(i) + " A 192.0.2.1\n";
  return records;
}

/// Serial 5, with room for changes.
std::shared_ptr<const Zone> zone_of(const std::string& text, const std::vector<LiveName>& live = {}) {
  const LoadedZone loaded =
      load("example.", "$TTL 60\n" + soa(5) + "@ NS ns\nns A 192.0.2.1\n" + many("h", 40) + text, {}, live);
  EXPECT_TRUE(loaded.zone) << ::testing::PrintToString(testing::lines(loaded.problems));
  loaded.zone->leave_room(100'000);
  return loaded.zone;
}

Received change(const std::string& removed, const std::string& added) {
  Incoming incoming({.id = 7, .apex = kApex, .have = Serial(5), .is_incremental = true});
  const auto step = incoming.take(
      wire({.records = soa(9) + soa(5) + removed + soa(9) + added + soa(9), .question = RrType::IXFR}));
  EXPECT_EQ(step.kind, Incoming::Step::Kind::done) << step.problem;
  return incoming.release();
}

/// What comes of it; the same with patches and without.
Accepted accepted(const Zone& before, const std::string& removed, const std::string& added,
                  const std::vector<LiveName>& live = {}) {
  AcceptInput input{.apex = kApex, .before = &before, .live = live};
  Accepted one = accept(change(removed, added), input);
  input.may_patch = false;
  const Accepted other = accept(change(removed, added), input);
  EXPECT_EQ(one.problem, other.problem);
  EXPECT_EQ(one.live, other.live);
  EXPECT_EQ(one.warnings, other.warnings);
  EXPECT_EQ(one.zone == nullptr, other.zone == nullptr);
  if (one.zone && other.zone) {
    EXPECT_EQ(testing::records(*one.zone), testing::records(*other.zone));
  }
  return one;
}

bool is_patched(const Accepted& accepted) { return accepted.zone != nullptr && accepted.zone->is_patched(); }

TEST(AcceptFew, PatchesAZoneThatHasRoom) {
  const auto zone = zone_of("old A 192.0.2.2\n");
  EXPECT_TRUE(is_patched(accepted(*zone, "old A 192.0.2.2\n", "a.b.new A 192.0.2.3\n")));
  const auto none = load("example.", "$TTL 60\n" + soa(5) + "@ NS ns\nns A 192.0.2.1\n" + many("h", 40)).zone;
  EXPECT_FALSE(is_patched(accepted(*none, "", "new A 192.0.2.3\n")));
}

TEST(AcceptFew, TakesOneVersionAtATimeIntoTheRoom) {
  const auto zone = zone_of("");
  const Accepted first = accept(change("", "a A 192.0.2.1\n"), {.apex = kApex, .before = zone.get()});
  ASSERT_TRUE(is_patched(first));
  EXPECT_FALSE(is_patched(accept(change("", "b A 192.0.2.1\n"), {.apex = kApex, .before = zone.get()})));
  first.zone->prebuild([](Node, const RRset&, PrebuiltWriter&) {});
  EXPECT_TRUE(is_patched(accept(change("", "b A 192.0.2.1\n"), {.apex = kApex, .before = zone.get()})));
  EXPECT_TRUE(first.zone->find(name("a.example")));
  EXPECT_FALSE(zone->find(name("a.example")));
}

TEST(AcceptFew, BuildsAnewWhatDoesNotFitTheRoom) {
  const auto zone = zone_of("");
  const Accepted accepted = accept(change("", many("n", 500)), {.apex = kApex, .before = zone.get()});
  ASSERT_TRUE(accepted.zone) << accepted.problem;
  EXPECT_FALSE(accepted.zone->is_patched());
  EXPECT_TRUE(is_patched(accept(change("", "a A 192.0.2.1\n"), {.apex = kApex, .before = zone.get()})));
}

TEST(AcceptFew, RefusesWhatIsRefusedOtherwise) {
  const auto zone = zone_of("a.d A 192.0.2.2\nd2 DNAME x.\nw A 192.0.2.1\n");
  const auto problem = [&](const std::string& removed, const std::string& added) {
    return accepted(*zone, removed, added).problem;
  };
  EXPECT_EQ(problem("", "d DNAME x.\n"), "a.d.example. A is below the DNAME at d.example. (RFC 6672 2.4)");
  EXPECT_EQ(problem("", "b.a.d2 A 192.0.2.1\n"),
            "b.a.d2.example. A is below the DNAME at d2.example. (RFC 6672 2.4)");
  EXPECT_EQ(problem("", "w CNAME x.\n"), "w.example. has both CNAME and A (RFC 1034 3.6.2)");
  EXPECT_EQ(problem("@ NS ns\n", ""), "no NS at example.: a zone names its servers (RFC 1034 4.2.1)");
  EXPECT_EQ(problem("gone A 192.0.2.1\n", ""),
            "it removes a record of gone.example. A that is not there, from serial 5 to 9");
  EXPECT_EQ(problem(many("h", 40), ""),
            "it has 5 names, and had 45: fewer than half are taken only when somebody says so");
}

TEST(AcceptFew, KeepsLiveNames) {
  const std::vector<LiveName> live{{name("www.example"), 3}, {name("x.shop.example"), 4}};
  const auto zone = zone_of("www A 192.0.2.1\n", live);
  {
    const Accepted here = accepted(*zone, "www A 192.0.2.1\n", "www A 192.0.2.2\na.shop TXT x\n", live);
    EXPECT_TRUE(is_patched(here));
    EXPECT_EQ(here.zone->find(name("www.example")).live(), 3U);
  }
  // One that is at a new zone cut is live no more.
  const Accepted cut = accepted(*zone, "", "shop NS ns\n", live);
  EXPECT_FALSE(is_patched(cut));
  EXPECT_EQ(cut.warnings.size(), 1U);
  EXPECT_TRUE(is_patched(accepted(*zone, "", "shop TXT x\n", live)));
}

}  // namespace
}  // namespace holdfast::zones
