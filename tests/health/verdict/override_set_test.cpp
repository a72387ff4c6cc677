#include "health/verdict/override_set.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

const OverrideSet::Wall kWall = std::chrono::sys_days(std::chrono::year{2026} / 3 / 1);
const OverrideSet::Steady kSteady{};
const Locations kPlaces({{"eu", "", {}, {}}, {"eu-cork", "eu", {}, {}}, {"rack-7", "eu-cork", {}, {}}});

/// Made `age` before kWall; its id is its subject.
Override made(const char* subject, Decision decision, std::chrono::seconds age = 0s) {
  return {.id = subject,
          .subject = *read_subject(subject),
          .decision = decision,
          .author = "alice",
          .reason = "test",
          .created = kWall - age};
}

OverrideSet set(std::initializer_list<const char*> subjects) {
  OverrideSet set;
  for (const char* subject : subjects) set.put(made(subject, Decision::drain), kSteady, kWall);
  return set;
}

/// The subject that decides about 192.0.2.10 of the pool shop, in rack-7.
std::string decides(std::initializer_list<const char*> subjects, const char* location = "rack-7") {
  const OverrideSet overrides = set(subjects);
  const Override* found =
      overrides.find({"shop", boost::asio::ip::make_address("192.0.2.10"), location}, kPlaces);
  return found == nullptr ? "nobody" : text(found->subject);
}

TEST(OverrideSet, LetsTheMostParticularDecide) {
  EXPECT_EQ(decides({"location:eu", "shop", "192.0.2.10", "shop/192.0.2.10"}), "shop/192.0.2.10");
  EXPECT_EQ(decides({"location:eu", "shop", "192.0.2.10"}), "192.0.2.10");
  EXPECT_EQ(decides({"location:eu", "shop"}), "pool:shop");
  EXPECT_EQ(decides({"location:eu"}), "location:eu");
  EXPECT_EQ(decides({"location:eu", "location:rack-7", "location:eu-cork"}), "location:rack-7");
}

TEST(OverrideSet, LetsThatOfANameDecideAboutItsAddresses) {
  const auto decides = [](std::initializer_list<const char*> subjects, const char* address) {
    const OverrideSet overrides = set(subjects);
    Member member{"shop", {}, "", "www.example.net."};
    if (address != nullptr) member.address = boost::asio::ip::make_address(address);
    const Override* found = overrides.find(member, kPlaces);
    return found == nullptr ? "nobody" : text(found->subject);
  };
  const char* const kName = "member:shop/www.example.net.";
  EXPECT_EQ(decides({kName, "shop"}, nullptr), kName);
  EXPECT_EQ(decides({kName, "192.0.2.10"}, "192.0.2.10"), kName);
  EXPECT_EQ(decides({kName, "shop/192.0.2.10"}, "192.0.2.10"), "shop/192.0.2.10");
  EXPECT_EQ(decides({"member:shop/other.example.net.", "member:mail/www.example.net."}, nullptr), "nobody");
  EXPECT_EQ(decides({"shop"}, nullptr), "pool:shop");
}

TEST(OverrideSet, TakesNoAddressForThatOfANameOrPool) {
  const Member group{"shop", {}, "", "www.example.net."};
  const boost::asio::ip::address none;
  EXPECT_FALSE(is_about({Subject::Kind::member, {}, none}, group, kPlaces));
  EXPECT_FALSE(is_about({Subject::Kind::member_of_pool, "shop", none}, group, kPlaces));
}

TEST(OverrideSet, LeavesOthersAlone) {
  EXPECT_EQ(decides({"location:us", "mail", "192.0.2.11", "mail/192.0.2.10", "shop/192.0.2.11"}), "nobody");
  EXPECT_EQ(decides({"location:eu"}, ""), "nobody") << "nobody knows where it is";
  EXPECT_EQ(decides({"location:rack-7"}, "eu"), "nobody");
}

TEST(OverrideSet, KeepsTheNewestOfASubject) {
  const Override older = made("shop", Decision::drain, 10s);
  Override newer = made("shop", Decision::force_up);
  newer.id = "newer";
  for (const bool older_first : {true, false}) {
    OverrideSet overrides;
    std::optional<std::string> replaced;
    using Put = OverrideSet::Put;
    EXPECT_EQ(overrides.put(older_first ? older : newer, kSteady, kWall, &replaced), Put::done);
    EXPECT_FALSE(replaced);
    EXPECT_EQ(overrides.put(older_first ? newer : older, kSteady, kWall, &replaced),
              older_first ? Put::done : Put::older);
    EXPECT_EQ(replaced.has_value(), older_first);
    EXPECT_EQ(overrides.all(), std::vector{newer});
    EXPECT_EQ(overrides.put(newer, kSteady, kWall), Put::older) << "it stands already";
  }
}

TEST(OverrideSet, TakesNoMoreThanItMay) {
  OverrideSet overrides;
  for (std::size_t i = 0; i < kMaxOverrides; ++i) {
    const std::string name = "pool-" + std::to_string(i);
    EXPECT_EQ(overrides.put(made(name.c_str(), Decision::drain), kSteady, kWall), OverrideSet::Put::done);
  }
  EXPECT_EQ(overrides.put(made("one-more", Decision::drain), kSteady, kWall), OverrideSet::Put::full);
  Override other = made("pool-7", Decision::force_up);
  other.created += 1s;
  EXPECT_EQ(overrides.put(other, kSteady, kWall), OverrideSet::Put::done) << "takes the place of another";
}

TEST(OverrideSet, EndsByTheClockThatCannotBeSet) {
  OverrideSet overrides = set({"mail"});
  EXPECT_FALSE(overrides.next_expiry());
  for (const auto& [subject, lasts] : {std::pair("shop", 60s), std::pair("192.0.2.10", 30s)}) {
    Override one = made(subject, Decision::drain, 10s);
    one.expires = kWall + lasts;
    overrides.put(one, kSteady, kWall);
  }
  EXPECT_EQ(overrides.next_expiry(), kSteady + 30s);
  EXPECT_EQ(overrides.end(*read_subject("192.0.2.10")), kSteady + 30s);
  EXPECT_FALSE(overrides.end(*read_subject("mail")));
  EXPECT_TRUE(overrides.take_expired(kSteady + 29s).empty());
  ASSERT_EQ(overrides.take_expired(kSteady + 30s).size(), 1U);
  EXPECT_EQ(overrides.next_expiry(), kSteady + 60s);
  EXPECT_EQ(overrides.take_expired(kSteady + 60s).at(0).id, "shop");
  EXPECT_EQ(overrides.size(), 1U) << "what has no end stays";
}

TEST(OverrideSet, TakesNothingWhoseTimeIsOver) {
  OverrideSet overrides;
  Override late = made("shop", Decision::drain, 60s);
  late.expires = kWall;
  EXPECT_EQ(overrides.put(late, kSteady, kWall), OverrideSet::Put::over);
  EXPECT_EQ(overrides.size(), 0U);
}

TEST(OverrideSet, LastsNotForEverWhereTheWallClockIsFarBehind) {
  OverrideSet overrides;
  Override one = made("shop", Decision::drain);
  one.expires = kWall + 1h;
  overrides.put(one, kSteady, OverrideSet::Wall{});
  EXPECT_EQ(overrides.next_expiry(), kSteady + kLongestOverride);
}

TEST(OverrideSet, RemovesByIdOnlyWhatIsInForce) {
  OverrideSet overrides = set({"shop"});
  EXPECT_FALSE(overrides.remove("mail"));
  EXPECT_EQ(overrides.remove("shop")->id, "shop");
  EXPECT_FALSE(overrides.remove("shop"));
}

}  // namespace
}  // namespace holdfast::health
