#include "server/answer/expire_option.h"

#include <gtest/gtest.h>

#include "tests/server/answer/ask.h"
#include "zones/replicate/edns.h"

namespace holdfast::server {
namespace {

using Octets = std::vector<std::uint8_t>;

bool asks(const Octets& octets) {
  Query query;
  return parse(octets, query) && asks_for_expire(octets, query);
}

Octets with_options(const Octets& options) {
  Octets message = Zones::query("example.com. SOA");
  message[11] = 1;
  const Octets head = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(options.size())};
  message.insert(message.end(), head.begin(), head.end());
  message.insert(message.end(), options.begin(), options.end());
  return message;
}

TEST(ExpireOption, IsSeenWhereItIs) {
  EXPECT_TRUE(asks(with_options({0, 9, 0, 0})));
  EXPECT_TRUE(asks(with_options({0, 3, 0, 0, 0, 10, 0, 1, 9, 0, 9, 0, 0})));
  EXPECT_FALSE(asks(with_options({0, 3, 0, 0})));
  EXPECT_FALSE(asks(with_options({0, 10, 0, 4, 0, 9, 0, 0}))) << "within another option";
  EXPECT_FALSE(asks(with_options({})));
  EXPECT_FALSE(asks(Zones::query("example.com. SOA")));
  Octets asked = Zones::query("example.com. SOA");
  asked[11] = 1;
  zones::add_edns(asked);
  EXPECT_TRUE(asks(asked)) << "as we ask others";
}

TEST(ExpireOption, IsNotLookedForBehindTheEnd) {
  const Octets whole = with_options({0, 3, 0, 0, 0, 9, 0, 0});
  Query query;
  ASSERT_TRUE(parse(whole, query));
  for (std::size_t size = kHeader + query.question_size; size < whole.size() - 1; ++size)
    asks_for_expire(std::span(whole).first(size), query);  // ASan sees what is read too far
  EXPECT_FALSE(asks_for_expire(std::span(whole).first(kHeader + query.question_size), query));
}

}  // namespace
}  // namespace holdfast::server
