#include "health/verdict/override.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

const std::chrono::system_clock::time_point kNow =
    std::chrono::sys_days(std::chrono::year{2026} / 3 / 1) + 12h;

Override drain() {
  return {"0192-ab", *read_subject("shop/192.0.2.10"), Decision::drain, "alice", "kernel update", kNow,
          kNow + 1h};
}

TEST(Subject, IsWrittenAndReadAlike) {
  for (const char* written : {"192.0.2.10", "2001:db8::1", "shop/192.0.2.10", "shop/2001:db8::1", "pool:shop",
                              "pool:www.example.com.", "location:eu-cork", "0/25.example./192.0.2.1",
                              "member:shop/www.example.net.", "member:0\\04725.example./0\\04725.b."}) {
    const auto subject = read_subject(written);
    ASSERT_TRUE(subject) << written;
    EXPECT_EQ(text(*subject), written);
  }
}

TEST(Subject, IsAPoolWhereItIsNothingElse) {
  EXPECT_EQ(read_subject("shop"), read_subject("pool:shop"));
  EXPECT_EQ(read_subject("0/25.2.0.192.in-addr.arpa.")->kind, Subject::Kind::pool);
  EXPECT_EQ(text(*read_subject("2001:DB8:0::1")), "2001:db8::1");
}

TEST(Subject, TellsTheSlashOfANameFromItsOwn) {
  const Subject subject{Subject::Kind::member_of_pool, "0/25.example.", std::nullopt, "a/b."};
  EXPECT_EQ(read_subject(text(subject)), subject) << text(subject);
}

TEST(Subject, HasNoAddressThatNobodyHas) {
  for (const char* written : {"0.0.0.0", "::", "shop/0.0.0.0"})
    EXPECT_FALSE(read_subject(written)->address) << written;
}

TEST(Subject, RefusesWhatCanBeNone) {
  for (const std::string written : {"", "pool:", "location:", "/192.0.2.10", "a\nb", "\xff", "fe80::1%1"})
    EXPECT_FALSE(read_subject(written) && read_subject(written)->address) << written;
  for (const std::string written :
       {"", "pool:", "location:", "/192.0.2.10", "a\nb", "\xff", "member:", "member:/", "member:shop",
        "member:shop/", "member:/a.", "member:shop/a\nb", "member:a/b/c"})
    EXPECT_FALSE(read_subject(written)) << written;
  EXPECT_FALSE(read_subject(std::string(kMaxSubjectName + 1, 'a')));
}

TEST(Override, IsToldInALine) {
  EXPECT_EQ(report(drain()),
            "drain of shop/192.0.2.10 by alice until 2026-03-01 13:00:00 UTC: kernel update");
  Override endless = drain();
  endless.decision = Decision::force_down;
  endless.expires.reset();
  EXPECT_EQ(report(endless), "force_down of shop/192.0.2.10 by alice: kernel update");
}

TEST(Override, IsWrittenAndReadAlike) {
  Override endless = drain();
  endless.expires.reset();
  endless.subject = *read_subject("location:eu");
  endless.reason = "Störung \"7\"";
  for (const Override& one : {drain(), endless}) {
    EXPECT_EQ(read_override(write(one)), one);
    EXPECT_EQ(from_kept(to_kept(one)), one);
  }
}

TEST(Override, RefusesWhatIsBeyondTheLimits) {
  const auto refused = [](auto change) {
    Override one = drain();
    change(one);
    return !read_override(write(one)) && !from_kept(to_kept(one));
  };
  EXPECT_FALSE(refused([](Override&) {}));
  EXPECT_TRUE(refused([](Override& one) { one.id.clear(); }));
  EXPECT_TRUE(refused([](Override& one) { one.author.clear(); }));
  EXPECT_TRUE(refused([](Override& one) { one.reason.clear(); }));
  EXPECT_TRUE(refused([](Override& one) { one.reason = std::string(kMaxReason + 1, 'x'); }));
  EXPECT_TRUE(refused([](Override& one) { one.reason = "a\x1b[2Jb"; }));
  EXPECT_TRUE(refused([](Override& one) {
    one.author =
        "a\xc2\x9b"
        "b";
  })) << "CSI in one character";
  EXPECT_TRUE(refused([](Override& one) { one.expires = one.created - 1s; }));
  EXPECT_TRUE(refused([](Override& one) { one.expires = one.created + kLongestOverride + 1s; }));
}

TEST(Override, RefusesWhatIsNone) {
  const std::string good = write(drain());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return read_override(text);
  };
  EXPECT_TRUE(read_override(good));
  EXPECT_FALSE(read_override(""));
  EXPECT_FALSE(read_override("[]"));
  EXPECT_FALSE(with("\"version\":1", "\"version\":2"));
  EXPECT_FALSE(with("drain", "drown"));
  EXPECT_FALSE(with("\"id\":\"0192-ab\"", "\"id\":7"));
  EXPECT_FALSE(with("\"created_ms\":", "\"created_ms\":-"));
  EXPECT_FALSE(with("\"expires_ms\":", "\"expires_ms\":9"));
  EXPECT_FALSE(with("shop/192.0.2.10", ""));
}

TEST(OverrideEnd, IsWrittenAndReadAlike) {
  const OverrideEnd end{"0192-ab", "released by bob", kNow};
  EXPECT_EQ(read_end(write(end)), end);
  EXPECT_FALSE(read_override(write(end)));
  EXPECT_FALSE(read_end(write(drain())));
  EXPECT_FALSE(read_end(write(OverrideEnd{"", "released by bob", kNow})));
  EXPECT_FALSE(read_end(write(OverrideEnd{"0192-ab", std::string(kMaxEndReason + 1, 'x'), kNow})));
}

}  // namespace
}  // namespace holdfast::health
