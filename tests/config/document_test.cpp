#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "config/config.h"
#include "config/options.h"

namespace holdfast::config {
namespace {

std::string content(const std::string& name) {
  std::ifstream file(std::filesystem::path(HOLDFAST_SOURCE_DIR) / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// To bring a page up to date: holdfast config --reference > config/reference.md
TEST(Reference, IsTheOneInTheRepository) { EXPECT_EQ(reference(), content("config/reference.md")); }
TEST(Sample, IsTheOneInTheRepository) { EXPECT_EQ(sample(), content("config/sample.toml")); }

TEST(Sample, HasNoProblems) {
  for (const Problem& problem : parse(sample(), "sample.toml").problems) ADD_FAILURE() << problem.text();
}

/// The sample with its suggestions in effect: "# key = value" becomes "key = value".
std::string uncommented(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool is_setting = line.starts_with("# ") && line.find(" = ") < line.find(' ', 2) + 1;
    result += (is_setting ? line.substr(2) : line) + '\n';
  }
  return result;
}

TEST(Sample, SuggestsWhatIsAllowed) {
  const Loaded loaded = parse(uncommented(sample()), "sample.toml");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->monitors.at(0).port, 8443);
  EXPECT_EQ(loaded.config->zones.at(0).live.size(), 2U);
}

TEST(Sample, ShowsEveryOptionWithItsDefault) {
  const Config config = parse(uncommented(sample()), "sample.toml").config.value();
  server::ServerSettings server;
  server.nsid = config.server.nsid;
  EXPECT_EQ(config.server, server);
  EXPECT_EQ(config.control, server::ControlSettings{});
  for (const SectionText& section : sections()) {
    for (const OptionText& option : section.options) {
      const std::string key =
          "\n" + std::string(option.is_set ? "" : "# ") + std::string(option.name) + " = ";
      EXPECT_NE(sample().find(key), std::string::npos) << section.header << ' ' << option.name;
    }
  }
}

}  // namespace
}  // namespace holdfast::config
