#include "zones/dns/name.h"

#include <gtest/gtest.h>

#include "zones/dns/hashed_name.h"

using namespace holdfast::zones;

namespace {

Name name(std::string_view text) { return Name::parse(text).value(); }

TEST(Name, ParsesAndPrintsPresentationFormat) {
  EXPECT_EQ(name("www.example.com").text(), "www.example.com.");
  EXPECT_EQ(name(".").text(), ".");
  EXPECT_EQ(name("WWW.eXample.").text(), "www.example.");
  EXPECT_EQ(name("a\\.b.c").text(), "a\\.b.c.");
  EXPECT_EQ(name("a\\.b.c").view().labels(), 2U);
  EXPECT_EQ(name("\\000\\255 x.c").text(), "\\000\\255\\032x.c.");
  EXPECT_EQ(name("\\@\\$\\\"\\(.c").text(), "\\@\\$\\\"\\(.c.");
  EXPECT_EQ(name("\\065.c"), name("a.c")) << "an escaped capital letter is a letter";
}

TEST(Name, RefusesWhatIsNoName) {
  for (const char* text : {"", "..", ".a", "a..b", "a\\", "a\\25", "a\\256", "\\9"}) {
    EXPECT_EQ(Name::parse(text), std::nullopt) << text;
  }
}

TEST(Name, KeepsTheLimitsOfRfc1035) {
  EXPECT_TRUE(Name::parse(std::string(63, 'a')));
  EXPECT_FALSE(Name::parse(std::string(64, 'a')));
  std::string longest;  // 127 labels of one octet and the root are 255 octets
  for (int i = 0; i < 127; ++i) longest += "a.";
  EXPECT_EQ(name(longest).view().size(), 255U);
  EXPECT_EQ(name(longest).view().labels(), 127U);
  EXPECT_FALSE(Name::parse(longest + "a"));
  EXPECT_FALSE(Name::parse(longest.substr(0, 251), name("example")));
}

TEST(Name, IsRelativeToTheOriginWithoutFinalDot) {
  EXPECT_EQ(Name::parse("www", name("example"))->text(), "www.example.");
  EXPECT_EQ(Name::parse("www.", name("example"))->text(), "www.");
  EXPECT_EQ(Name::parse("@", name("example"))->text(), "example.");
}

TEST(Name, KnowsItsAncestors) {
  EXPECT_TRUE(name("a.b.c").view().is_at_or_below(name("b.c")));
  EXPECT_TRUE(name("b.c").view().is_at_or_below(name("b.c")));
  EXPECT_TRUE(name("b.c").view().is_at_or_below(name(".")));
  EXPECT_FALSE(name("ab.c").view().is_at_or_below(name("b.c")));
  EXPECT_FALSE(name(R"(a\001b.c)").view().is_at_or_below(name("b.c")))
      << "the same octets, but not at a label";
  EXPECT_FALSE(name("c").view().is_at_or_below(name("b.c")));
}

TEST(Name, HasTheCanonicalOrderOfRfc4034) {
  const char* ordered[] = {"example",         "a.example",      "yljkjljk.a.example",
                           "Z.a.example",     "zABC.a.EXAMPLE", "z.example",
                           "\\001.z.example", "*.z.example",    "\\200.z.example"};
  for (std::size_t i = 0; i < std::size(ordered); ++i) {
    for (std::size_t k = 0; k < std::size(ordered); ++k) {
      EXPECT_EQ(name(ordered[i]) <=> name(ordered[k]), i <=> k) << ordered[i] << " and " << ordered[k];
    }
  }
}

TEST(Name, JoinsAPrefixUnlessTheResultIsTooLong) {
  const std::uint8_t prefix[] = {1, 'a', 1, 'b'};
  EXPECT_EQ(Name::join(prefix, name("c"))->text(), "a.b.c.");
  std::string text;  // 253 octets in wire form
  for (const std::size_t length : {63U, 63U, 63U, 59U}) text.append(length, 'x').append(".");
  const Name big = name(text);
  EXPECT_EQ(big.view().size(), 253U);
  EXPECT_FALSE(Name::join(prefix, big));
}

TEST(Name, ReadsOnlyWholeUncompressedNames) {
  Name read;
  const std::uint8_t good[] = {3, 'W', 'w', 'W', 0, 99};
  EXPECT_EQ(read.read(good), 5U);
  EXPECT_EQ(read.text(), "www.");
  const std::uint8_t cut[] = {3, 'w', 'w', 'w'};
  const std::uint8_t pointer[] = {0xc0, 0x0c, 0};
  const std::uint8_t long_label[] = {64, 'a', 0};
  EXPECT_EQ(read.read(cut), 0U);
  EXPECT_EQ(read.read(pointer), 0U);
  EXPECT_EQ(read.read(long_label), 0U);
  EXPECT_EQ(read.read({}), 0U);
  std::vector<std::uint8_t> over;
  for (int i = 0; i < 128; ++i) over.insert(over.end(), {1, 'a'});
  over.push_back(0);
  EXPECT_EQ(read.read(over), 0U) << "257 octets";
}

TEST(HashedName, HashesEverySuffixAsIfItStoodAlone) {
  const HashedName hashed(name("a.bcdefghijk.example"));
  ASSERT_EQ(hashed.labels(), 3U);
  for (std::size_t i = 0; i <= hashed.labels(); ++i) {
    EXPECT_EQ(hashed.hash(i), hash_name(hashed.suffix(i))) << hashed.suffix(i).text();
  }
  EXPECT_EQ(hashed.suffix(3).text(), ".");
}

TEST(NameHash, DependsOnEachOctet) {
  for (std::size_t size = 1; size < 60; ++size) {
    std::vector<std::uint8_t> octets(size, 'a');  // no name, but it need not be one
    const NameHash hash = hash_name({octets.data(), size});
    EXPECT_EQ(hash_name({octets.data(), size}), hash);
    for (std::size_t i = 0; i < size; ++i) {
      octets[i] = 'b';
      EXPECT_NE(hash_name({octets.data(), size}), hash) << i << " of " << size;
      octets[i] = 'a';
    }
  }
}

}  // namespace
