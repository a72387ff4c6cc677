#include "health/store/ballot.h"

#include <gtest/gtest.h>

#include "health/store/base64.h"

namespace holdfast::health {
namespace {

Ballot example() {
  Ballot ballot{.agent = "fra", .incarnation = "a1", .sequence = 7, .blind = true};
  ballot.votes["list"] = {Verdict::up, Verdict::down, Verdict::unknown, Verdict::up, Verdict::down};
  ballot.votes["other"] = {};
  ballot.evidence.push_back({"list", 1, {Outcome::refused, "Connection refused", {}}});
  return ballot;
}

TEST(Ballot, IsReadAsItWasWritten) { EXPECT_EQ(read_ballot(write(example())), example()); }

TEST(Ballot, TakesTwoBitsForAVerdict) {
  Ballot ballot{.agent = "fra", .incarnation = "a1"};
  ballot.votes["list"] = std::vector<Verdict>(10'000, Verdict::down);
  EXPECT_LT(write(ballot).size(), 3'600U);
}

TEST(Ballot, KeepsWhatCameFromTheNetworkPrintable) {
  Ballot ballot = example();
  ballot.evidence[0].evidence.detail = "302 to \x1b[2J" + std::string(1000, 'x');
  const std::string detail = read_ballot(write(ballot))->evidence[0].evidence.detail;
  EXPECT_TRUE(detail.starts_with("302 to \\x1b[2J"));
  EXPECT_LE(detail.size(), kMaxDetail);
}

TEST(Ballot, IsNothingElse) {
  const std::string good = write(example());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), good.substr(0, good.size() - 1),
        with("\"version\":1", "\"version\":2"), with("\"sequence\":7", "\"sequence\":-7"),
        with("\"targets\":5", "\"targets\":9"), with("\"targets\":5", "\"targets\":100000000000"),
        with("\"verdicts\":\"SQI=\"", "\"verdicts\":\"////\""), with("refused\"", "eaten\""),
        with("\"blind\":true", "\"blind\":\"yes\"")}) {
    EXPECT_EQ(read_ballot(text), std::nullopt) << text;
  }
}

TEST(Base64, IsThatOfRfc4648) {
  for (const auto& [octets, text] : {std::pair<std::string, std::string>{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(octets), text);
    EXPECT_EQ(from_base64(text), octets);
  }
  for (const char* wrong : {"Zg=", "Zg", "Z===", "Zm9v Zm9v", "Zm=v", "====", "Zm9v\n"}) {
    EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace holdfast::health
