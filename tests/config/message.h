#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/config/examples.h"

/// Every single problem with its exact place and text.
namespace holdfast::config {

struct MessageCase {
  const char* name;
  std::string toml;
  std::vector<std::string> problems;
};
inline void PrintTo(const MessageCase& c, std::ostream* out) { *out << c.name; }
inline std::string name_of(const testing::TestParamInfo<MessageCase>& info) { return info.param.name; }

}  // namespace holdfast::config
