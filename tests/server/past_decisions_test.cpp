#include "server/past_decisions.h"

#include <gtest/gtest.h>

#include "server/overrides.h"
#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

using health::Decision;
using health::Override;
using namespace std::chrono_literals;

Override decided(double created, std::string_view subject, std::string author = "alice",
                 std::string reason = "kernel update") {
  return {.id = health::make_event_id(at(created)),
          .subject = health::read_subject(subject).value(),
          .decision = Decision::drain,
          .author = std::move(author),
          .reason = std::move(reason),
          .created = at(created)};
}

health::LogEntry told(double when, std::string id, std::string text) {
  health::LogEntry entry;
  entry.time = at(when);
  entry.kind = "override";
  entry.id = std::move(id);
  entry.text = std::move(text);
  return entry;
}
health::LogEntry begin_of(const Override& one) {
  return told(std::chrono::duration<double>(one.created - kDay).count(), one.id, report(one));
}

TEST(PastDecisions, ReadWhatWasTold) {
  for (const char* subject :
       {"shop/192.0.2.10", "192.0.2.10", "pool:shop", "location:eu", "www.example.com./2001:db8::1"}) {
    const Override one = decided(60, subject);
    EXPECT_EQ(past_decisions(std::vector{begin_of(one)}, {}),
              (std::vector<Past::Decision>{{one, at(60), {}}}));
  }
}

TEST(PastDecisions, ReadAnEndThatWasSet) {
  Override one = decided(60, "shop");
  one.expires = at(3600);
  EXPECT_EQ(past_decisions(std::vector{begin_of(one)}, {}),
            (std::vector<Past::Decision>{{one, at(60), at(3600)}}));
  EXPECT_EQ(
      past_decisions(std::vector{begin_of(one), told(3600.3, one.id + "-end", "it ended: its time is over")},
                     {})[0]
          .end,
      at(3600.3));
  EXPECT_EQ(past_decisions(
                std::vector{begin_of(one), told(100, one.id + "-end", "it ended: released by bob")}, {})[0]
                .end,
            at(100));
  EXPECT_EQ(past_decisions(std::vector{begin_of(one),
                                       told(9000, one.id + "-end", "it ended while holdfast did not run")},
                           {})[0]
                .end,
            at(3600));
}

TEST(PastDecisions, AreNotMisledByWhatPeopleWrite) {
  Override one =
      decided(60, "shop", "by of (until)", "it was: planned by bob until 2026-03-02 00:00:00 UTC: see there");
  EXPECT_EQ(past_decisions(std::vector{begin_of(one)}, {}), (std::vector<Past::Decision>{{one, at(60), {}}}));
}

TEST(PastDecisions, ReplaceEachOther) {
  const Override first = decided(60, "shop"), other = decided(70, "192.0.2.10"), second = decided(80, "shop");
  const auto all = past_decisions(std::vector{begin_of(first), begin_of(other), begin_of(second)}, {});
  EXPECT_EQ(
      all, (std::vector<Past::Decision>{{first, at(60), at(80)}, {other, at(70), {}}, {second, at(80), {}}}));
}

TEST(PastDecisions, AreKnownByTheirEndWhereTheLogBeginsLater) {
  const Override one = decided(60, "shop/192.0.2.10");
  const auto end =
      told(7200, one.id + "-end", "drain of shop/192.0.2.10 by alice (kernel update) ended: released by bob");
  EXPECT_EQ(past_decisions(std::vector{end}, {}), (std::vector<Past::Decision>{{one, at(60), at(7200)}}));
}

TEST(PastDecisions, AreUnknownWhereTheirIdHasNoTimeThatCanBe) {
  for (const char* id : {"ffffffffffff-x", "08637bd05af7-x", "0000000000zz-x", "00000000000-x"}) {
    const auto end =
        told(7200, id + std::string("-end"), "drain of shop by alice (kernel update) ended: released by bob");
    EXPECT_TRUE(past_decisions(std::vector{end}, {}).empty()) << id;
  }
}

TEST(PastDecisions, AreThoseInForceWhateverTheLogHas) {
  Override one = decided(60, "shop", "alice: of ops");
  one.expires = at(9000);
  EXPECT_EQ(past_decisions({}, std::vector{one}), (std::vector<Past::Decision>{{one, at(60), {}}}));
  EXPECT_EQ(past_decisions(std::vector{begin_of(one)}, std::vector{one}),
            (std::vector<Past::Decision>{{one, at(60), {}}}));
}

TEST(PastDecisions, LeaveOutWhatTheyDoNotUnderstand) {
  for (const char* text : {"", "drain", "drain of shop", "drain of shop by alice",
                           "melt of shop by alice: hot", "drain of  by alice: who?"})
    EXPECT_TRUE(past_decisions(std::vector{told(1, "x", text), told(2, "y-end", text)}, {}).empty()) << text;
}

}  // namespace
}  // namespace holdfast::server
