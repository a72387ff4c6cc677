#include "zones/text/zone_file.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

const std::string kText =
    "$TTL 300\n@ SOA ns host 7 7200 3600 1209600 60\n@ NS ns\n@ TXT apex\nns A 192.0.2.53\n"
    "www 60 A 192.0.2.2\nwww 60 A 192.0.2.1\n*.wild TXT \"a;b\" \"c\\\"d\"\n\\$ORIGIN TXT x\nat\\@ A "
    "192.0.2.3\n"
    "a\\.b A 192.0.2.4\n\\@ A 192.0.2.5\n\\;c A 192.0.2.6\nsp\\032ace TYPE65280 \\# 2 abcd\n"
    "long-owner-name.with.many.labels MX 10 www\n";

Contents contents(std::string_view apex, std::string_view text) {
  auto loaded = testing::load(apex, text);
  for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.text();
  return {Serial(loaded.zone->serial()), std::move(loaded.zone), nullptr};
}

std::string written(const Contents& contents, std::size_t octets) {
  ZoneFile file(contents);
  std::string text;
  while (file.write(text, octets)) {
  }
  return text;
}

TEST(ZoneFile, HasColumnsAndTheSoaFirst) {
  EXPECT_EQ(written(contents("example.", kText), 1 << 20),
            R"(; serial 7
$ORIGIN example.
$TTL 300
@                       300     IN SOA     ns.example. host.example. 7 7200 3600 1209600 60
@                       300     IN NS      ns.example.
@                       300     IN TXT     "apex"
\$origin                300     IN TXT     "x"
\;c                     300     IN A       192.0.2.6
\@                      300     IN A       192.0.2.5
a\.b                    300     IN A       192.0.2.4
at\@                    300     IN A       192.0.2.3
long-owner-name.with.many.labels 300     IN MX      10 www.example.
ns                      300     IN A       192.0.2.53
sp\032ace               300     IN TYPE65280 \# 2 abcd
*.wild                  300     IN TXT     "a;b" "c\"d"
www                     60      IN A       192.0.2.1
www                     60      IN A       192.0.2.2
)");
}

TEST(ZoneFile, ReadsBackAndWritesTheSameAgain) {
  for (const char* apex : {"example.", "."}) {
    const Contents first = contents(apex, kText);
    const std::string text = written(first, 1 << 20);
    const Contents again = contents(apex, text);
    EXPECT_EQ(testing::records(*again.zone()), testing::records(*first.zone()));
    EXPECT_EQ(written(again, 1 << 20), text);
  }
}

TEST(ZoneFile, NamesOnlyTypesThatEveryServerReads) {
  const std::string text =
      written(contents("example.", kText + "t X25 \"311061700956\"\nt HINFO PC unix\n"), 1 << 20);
  EXPECT_NE(text.find("IN TYPE19  \\# 13 0c333131303631373030393536\n"), text.npos) << text;
  EXPECT_NE(text.find("IN HINFO   \"PC\" \"unix\"\n"), text.npos) << text;
}

TEST(ZoneFile, IsTheSameInPieces) {
  const Contents whole = contents("example.", kText);
  const std::string text = written(whole, 1 << 20);
  for (const std::size_t octets : {1U, 100U, 200U}) EXPECT_EQ(written(whole, octets), text);
  ZoneFile file(whole);
  std::string first;
  EXPECT_TRUE(file.write(first, 200));
  EXPECT_LT(first.size(), 400U);
}

TEST(ZoneFile, HasWhatLiveNamesAnswerAndTheSerialOfTheVersion) {
  const Contents of_file = contents("example.", kText);
  FlatRRset www{.owner = testing::name("www.example."), .type = RrType::A, .ttl = 30, .count = 1};
  www.data = {0, 4, 198, 51, 100, 1};
  const Contents live(Serial(99), of_file.zone(), std::make_shared<const FlatView>(FlatView{www}));
  const std::string text = written(live, 1 << 20);
  EXPECT_NE(text.find("; serial 99; live names"), text.npos) << text;
  EXPECT_NE(text.find("host.example. 99 7200"), text.npos) << text;
  EXPECT_NE(text.find("www                     30      IN A       198.51.100.1\n"), text.npos) << text;
  EXPECT_EQ(text.find("192.0.2.1\n"), text.npos) << text;
}

}  // namespace
}  // namespace holdfast::zones
