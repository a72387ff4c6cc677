#include <gtest/gtest.h>

#include <regex>

#include "tests/config/examples.h"

/// What the sample shows is what the program takes.
namespace holdfast::config {
namespace {

using namespace examples;

/// What a monitor of that type must say in any case, if it is not what is shown.
std::string needed(const std::string& type, const std::string& key) {
  if (type == "tcp" && key != "port") return "port = 1\n";
  if (type == "dns" && key != "query") return "query = \"example.com\"\n";
  if (type == "exec" && key != "command") return "command = [\"true\"]\n";
  std::string text;
  if (type == "at_least" && key != "count") text += "count = 1\n";
  if ((type == "all" || type == "any" || type == "at_least") && key != "of")
    text += "of = [\"web\", \"mail\"]\n";
  return text;
}

TEST(Sample, WhatItSaysOfOtherTypesIsTaken) {
  const std::regex line(R"re(# With type ((?:"\w+"(?:, )?)+): (\w+) = ([^\n]+)\n)re");
  const std::regex word(R"re("(\w+)")re");
  std::string text = sample();
  text = text.substr(text.find("[monitor."));
  text = text.substr(0, text.find("\n["));
  std::size_t tried = 0;
  for (std::sregex_iterator found(text.begin(), text.end(), line), end; found != end; ++found) {
    const std::string types = (*found)[1];
    for (std::sregex_iterator type(types.begin(), types.end(), word); type != end; ++type) {
      const std::string shown = (*found)[2].str() + " = " + (*found)[3].str();
      if (shown.starts_with("command")) continue;  // names a program that is not there
      const std::string toml =
          "[probes]\nexec_directory = \"/usr/bin\"\n[monitor.it]\ntype = \"" + (*type)[1].str() + "\"\n" +
          shown + "\n" + needed((*type)[1], (*found)[2]) +
          "[monitor.web]\ntype = \"ping\"\n[monitor.mail]\ntype = \"ping\"\n" + kZone +
          "live = [{ name = \"a\", monitor = \"it\" }, { name = \"b\", monitor = \"web\" }, "
          "{ name = \"c\", monitor = \"mail\" }]\n";
      EXPECT_EQ(problems(toml), std::vector<std::string>{}) << toml;
      ++tried;
    }
  }
  EXPECT_GE(tried, 10U);
}

}  // namespace
}  // namespace holdfast::config
