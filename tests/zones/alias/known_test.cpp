#include "zones/alias/known.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

std::string usable_of(RrType type, std::initializer_list<const char*> addresses, bool allow_private = false) {
  Known known{.type = type};
  for (const char* address : addresses) known.addresses.push_back(boost::asio::ip::make_address(address));
  ResolverSettings settings;
  settings.allow_private = allow_private;
  std::string text;
  for (const auto& address : usable(known, settings)) text += (text.empty() ? "" : " ") + address.to_string();
  return text;
}

TEST(Known, IsUsableWhereAnAnswerCouldHaveIt) {
  EXPECT_EQ(usable_of(RrType::A, {"198.51.100.2", "198.51.100.1", "198.51.100.2"}),
            "198.51.100.1 198.51.100.2");
  EXPECT_EQ(usable_of(RrType::A, {"2001:db8::1", "198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(usable_of(RrType::AAAA, {"2001:4860::1", "198.51.100.1"}), "2001:4860::1");
  EXPECT_EQ(usable_of(RrType::A, {"0.0.0.0", "224.0.0.1"}, true), "");
}

TEST(Known, PrivateAddressesAreUsableWhereTheyAreTaken) {
  EXPECT_EQ(usable_of(RrType::A, {"10.0.0.1", "198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(usable_of(RrType::A, {"10.0.0.1", "198.51.100.1"}, true), "10.0.0.1 198.51.100.1");
}

TEST(Known, HasNoMoreAddressesThanAnAnswer) {
  Known known;
  for (int i = 0; i < 100; ++i)
    known.addresses.push_back(boost::asio::ip::make_address("198.51.100." + std::to_string(i)));
  EXPECT_EQ(usable(known, {}).size(), 64U);
}

}  // namespace
}  // namespace holdfast::zones
