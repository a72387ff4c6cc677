#include "health/pattern.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

TEST(Pattern, ATextIsFoundOctetForOctet) {
  EXPECT_TRUE(Pattern("a.c").is_in("xa.cx"));
  EXPECT_FALSE(Pattern("a.c").is_in("abc"));
  EXPECT_FALSE(Pattern("a.c").is_in("A.C"));
  EXPECT_TRUE(Pattern().is_in(""));
}

TEST(Pattern, AnyCaseIsATextStill) {
  const Pattern pattern("a.c", Matching::any_case);
  EXPECT_TRUE(pattern.is_in("xA.cx"));
  EXPECT_FALSE(pattern.is_in("ABC"));
}

TEST(Pattern, ARegularExpressionIsOverOctets) {
  EXPECT_TRUE(Pattern("^a.c$", Matching::regex)
                  .is_in("a\xff"
                         "c"));
  EXPECT_FALSE(Pattern("^a.c$", Matching::regex).is_in("A c"));
}

TEST(Pattern, WhatCannotBeLookedForSaysWhy) {
  EXPECT_EQ(Pattern("(", Matching::regex).fault(), "missing ): (");
  EXPECT_FALSE(Pattern("(", Matching::regex).is_in("("));
  EXPECT_NE(Pattern(R"((a)\1)", Matching::regex).fault(), "");  // no backreferences: they are not linear
  EXPECT_NE(Pattern("((a{1000}){1000}){1000}", Matching::regex).fault(), "");
  EXPECT_EQ(Pattern("a+", Matching::regex).fault(), "");
  EXPECT_EQ(Pattern("(", Matching::any_case).fault(), "");
}

TEST(Pattern, IsEqualByWhatItSays) {
  EXPECT_EQ(Pattern("a", Matching::regex), Pattern("a", Matching::regex));
  EXPECT_NE(Pattern("a", Matching::regex), Pattern("a"));
  EXPECT_NE(Pattern("a"), Pattern("b"));
}

}  // namespace
}  // namespace holdfast::health
