#include "server/transfer/announcements.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/zones/replicate/versions.h"

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using zones::Name;
using zones::Serial;
using Question = Announcements::Question;
using Times = std::vector<int>;  // tenths of a second

zones::PeerSettings peer(const std::string& name, std::uint16_t port) {
  zones::PeerSettings peer;
  peer.name = name;
  peer.addresses = {{boost::asio::ip::make_address("192.0.2.1"), port}};
  return peer;
}

class AnnouncementsTest : public testing::Test {
 protected:
  AnnouncementsTest() { configure({peer("b", 53)}); }

  void configure(const std::vector<zones::PeerSettings>& of) {
    zones::ZoneSettings zone;
    zone.name = apex;
    zone.file = "file";
    for (const auto& one : of) zone.secondaries.push_back(one.name);
    peers = std::make_unique<Peers>(of, std::span(&zone, 1), Keys());
    announcements.configure(*peers);
  }
  void announce(std::uint32_t serial) {
    auto line = std::make_shared<Versions::Line>(
        Versions::Line{.now = zones::Contents(Serial(serial), zones::testing::zone(""), nullptr)});
    announcements.begin(line, *peers, now);
  }
  /// Lets time pass; what is asked, and when, is noted.
  void pass(std::chrono::milliseconds time) {
    const auto end = now + time;
    while (announcements.next() && *announcements.next() <= end) {
      now = std::max(now, *announcements.next());
      announcements.act(now, [this](const auto& key, const zones::Contents&, Question question) {
        last = key;
        (question == Question::notify ? notified : asked).push_back(since_start());
        if (throws) throw std::runtime_error("no memory");
        return problem;
      });
    }
    now = end;
  }
  int since_start() const { return static_cast<int>((now - start) / 100ms); }
  void acknowledge(zones::Rcode rcode = zones::Rcode::noerror) {
    announcements.heard_of_notify(last, rcode, now);
  }
  void says(std::optional<std::uint32_t> serial) {
    SecondaryReply reply;
    if (serial) reply.serial = Serial(*serial);
    announcements.heard_of_soa(last, reply, now);
  }
  SecondaryStatus status() const { return announcements.status(now).at(0); }

  const Name apex = *Name::parse("example.com");
  std::unique_ptr<Peers> peers;
  Announcements announcements;
  const Announcements::Clock::time_point start{1000h};
  Announcements::Clock::time_point now = start;
  Times notified, asked;
  Announcements::Key last{};
  std::string problem{};
  bool throws = false;
};

TEST_F(AnnouncementsTest, WhoDoesNotAnswerIsToldAgainAfter1And2And4And8And16SecondsAndThenEachMinute) {
  announce(5);
  pass(200s);
  EXPECT_EQ(notified, (Times{0, 10, 30, 70, 150, 310, 910, 1510}));
  EXPECT_EQ(asked, (Times{310, 910, 1510})) << "it may hold the version all the same";
  EXPECT_EQ(status().attempts, 8U);
  EXPECT_FALSE(status().is_acknowledged);
}

TEST_F(AnnouncementsTest, WhoWasToldIsAskedUntilItHoldsTheVersion) {
  announce(5);
  pass(50ms);
  acknowledge();
  pass(1s);
  EXPECT_EQ(asked, (Times{1, 2, 4, 8}));
  says(4);
  EXPECT_FALSE(status().is_current);
  EXPECT_EQ(status().held, Serial(4));
  pass(3min);
  EXPECT_EQ(asked, (Times{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1624})) << "each minute at last";
  EXPECT_EQ(notified, (Times{0}));
  const std::size_t before = asked.size();
  says(5);
  EXPECT_TRUE(status().is_current);
  pass(1h);
  EXPECT_EQ(asked.size(), before) << "there is nothing more to ask";
  EXPECT_EQ(notified, (Times{0}));
}

TEST_F(AnnouncementsTest, ALaterVersionIsAsGood) {
  announce(5);
  pass(0s);
  acknowledge();
  says(6);
  EXPECT_TRUE(status().is_current);
}

TEST_F(AnnouncementsTest, LagCountsFromTheFirstVersionThatIsNotHeld) {
  announce(5);
  pass(2s);
  EXPECT_EQ(status().lag, 2s);
  announce(6);
  pass(3s);
  EXPECT_EQ(status().lag, 5s);
  says(5);
  EXPECT_EQ(status().lag, 5s) << "it held 5 too late";
  says(6);
  pass(1min);
  EXPECT_EQ(status().lag, 5s);
  announce(7);
  pass(1s);
  EXPECT_EQ(status().lag, 1s);
}

TEST_F(AnnouncementsTest, ANewVersionIsToldAtOnceAndFromTheStart) {
  announce(5);
  pass(100s);
  notified.clear();
  announce(6);
  announce(6);
  announce(4);
  pass(10s);
  EXPECT_EQ(notified, (Times{1000, 1010, 1030, 1070}));
}

TEST_F(AnnouncementsTest, WhoTookItIsAskedSoon) {
  announce(5);
  pass(20s);
  announcements.sent(apex, "b", now);
  pass(1s);
  EXPECT_EQ(asked, (Times{201, 202, 204, 208}));
}

TEST_F(AnnouncementsTest, WhoRefusedIsToldAgainAndAsked) {
  announce(5);
  pass(0s);
  acknowledge(zones::Rcode::refused);
  pass(15s);
  EXPECT_EQ(notified, (Times{0, 100}));
  EXPECT_EQ(asked, (Times{100}));
  acknowledge(zones::Rcode::noerror);  // as one that was starting
  pass(16s);
  EXPECT_GT(asked.size(), 1U) << "it holds the version soon";
}

TEST_F(AnnouncementsTest, ThoseOfAZoneThatBeginsAnewAreToldOfAnySerial) {
  announce(5);
  pass(0s);
  announcements.forget({zones::Name::parse("example.com").value()});
  announce(1);
  pass(1s);
  EXPECT_EQ(notified.size(), 2U);
}

TEST_F(AnnouncementsTest, WhatIsThrownCostsOneQuestionAndNoMore) {
  announce(5);
  throws = true;
  EXPECT_THROW(pass(0s), std::runtime_error);
  throws = false;
  now = start;
  pass(10s);
  EXPECT_EQ(notified, (Times{0, 10, 30, 70}));
}

TEST_F(AnnouncementsTest, WhatIsThrownAboutOneIsNothingToTheOthers) {
  configure({peer("b", 53), peer("c", 54)});
  announce(5);
  throws = true;
  EXPECT_THROW(pass(0s), std::runtime_error);
  throws = false;
  pass(500ms);
  EXPECT_EQ(notified, (Times{0, 0}));
}

TEST_F(AnnouncementsTest, SaysWhyItCannotSend) {
  announce(5);
  problem = "Network is unreachable";
  pass(0s);
  EXPECT_EQ(status().problem, problem);
  acknowledge();
  EXPECT_EQ(status().problem, "");
}

TEST_F(AnnouncementsTest, WhoIsNoSecondaryAnyMoreIsForgotten) {
  configure({peer("b", 53), peer("c", 54)});
  announce(5);
  pass(0s);
  EXPECT_EQ(announcements.status(now).size(), 2U);
  notified.clear();
  configure({peer("c", 54)});
  EXPECT_EQ(announcements.status(now).size(), 1U);
  pass(1s);
  EXPECT_EQ(notified.size(), 1U);
}

TEST_F(AnnouncementsTest, OfManyZonesAreSpread) {
  configure({peer("b", 53), peer("c", 54), peer("d", 55)});
  announce(5);
  std::vector<Announcements::Clock::duration> times;
  while (announcements.next() && *announcements.next() < start + 1s) {
    times.push_back(*announcements.next() - start);
    announcements.act(*announcements.next(), [](auto&&...) { return std::string(); });
  }
  EXPECT_EQ(times, (std::vector<Announcements::Clock::duration>{0ms, 1ms, 2ms}));
}

}  // namespace
}  // namespace holdfast::server
