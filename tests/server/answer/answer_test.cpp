#include "server/answer/answer.h"

#include <gtest/gtest.h>

#include "tests/server/answer/example.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

TEST(DecodedReply, CountsWhatItWasAbout) {
  const DecodedReply reply = example().ask("www.other.test. AAAA");
  EXPECT_EQ(reply.answered.zone, 1U);
  EXPECT_EQ(reply.answered.type, zones::RrType::AAAA);
  EXPECT_EQ(reply.answered.rcode, zones::Rcode::noerror);
}

void expect_as_each_alone(const Zones& zones, const std::vector<Octets>& queries) {
  constexpr std::size_t kMost = 64;
  Octets room(kMost * std::size_t{1232});
  for (const std::size_t size : {std::size_t{1}, std::size_t{16}, std::size_t{50}, kMost}) {
    for (std::size_t i = 0; i < queries.size(); i += size) {
      std::vector<Exchange> batch;
      for (std::size_t j = i; j < std::min(i + size, queries.size()); ++j) batch.push_back({queries[j]});
      answer(batch, room, zones.serving(), Transport::udp);
      for (std::size_t j = 0; j < batch.size(); ++j) {
        ASSERT_EQ(Octets(batch[j].reply.begin(), batch[j].reply.end()),
                  reply(zones, queries[i + j], Transport::udp))
            << "batches of " << size << ", query " << i + j;
      }
    }
  }
}

constexpr const char* kSmallZone =
    "@ 60 SOA ns1 h 1 1 1 1 1\n@ 60 NS ns1\nns1 60 A 10.0.0.9\n*.w 60 A 10.0.0.8\n";

TEST(Batch, OnLargeDataIsAnsweredAsEachAlone) {
  std::string text = "@ 60 SOA ns1 h 1 1 1 1 1\n@ 60 NS ns1\nns1 60 A 192.0.2.53\n*.w 60 A 10.0.0.1\n";
  for (int i = 0; i < 20'000; ++i) {
    const std::string n = std::to_string(i);
    text += "h" + n + " 60 A 10.1.1.1\nd" + n + " 60 NS ns.d" + n + "\nns.d" + n + " 60 A 10.2.2.2\n";
  }
  const Zones zones({{"large.test", text}, {"sub.large.test", kSmallZone}, {"other.test", kSmallZone}});
  ASSERT_TRUE(zones.serving().zones.is_large());
  std::vector<Octets> queries;
  for (int i = 0; i < 20'000; i += 7) {
    const std::string n = std::to_string(i);
    for (const std::string& name : {"h" + n, "x.d" + n, "a.b.c.d.e" + n, "no" + n, "q" + n + ".w"}) {
      queries.push_back(Zones::query(name + ".large.test. A", 1232));
    }
    queries.push_back(Zones::query("ns1.other.test. A"));
    queries.push_back(Zones::query("q.w.sub.large.test. A"));
    queries.push_back(Zones::query("other.test. SOA"));
    queries.push_back(Zones::query("test. A"));
    queries.push_back(Zones::query(". A"));
    queries.push_back({1, 2, 3});
  }
  expect_as_each_alone(zones, queries);
}

TEST(Batch, OnSmallDataIsAnsweredAsEachAlone) {
  const Zones zones({{"a.test", kSmallZone}, {"b.a.test", kSmallZone}, {"c.test", kSmallZone}});
  ASSERT_FALSE(zones.serving().zones.is_large());
  const std::vector<const char*> names = {"ns1.a.test", "ns1.c.test", "q.w.b.a.test", "b.a.test", "w.a.test",
                                          "no.c.test",  "elsewhere",  "a.test",       "."};
  std::vector<Octets> queries;
  for (std::size_t i = 0; i < 300; ++i) {
    const char* const type = i % 3 == 0 ? " A" : i % 3 == 1 ? " SOA" : " DS";
    queries.push_back(Zones::query(std::string(names[i * i % names.size()]) + (i % 5 ? "." : "") + type));
    if (i % 11 == 0) queries.push_back({1, 2, 3});
  }
  expect_as_each_alone(zones, queries);
}

}  // namespace
