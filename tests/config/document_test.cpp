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

/// The pool that a suggestion falls back to.
const std::string kSorry = "[pool.sorry]\nmembers = [{ address = \"192.0.2.99\" }]\n";

/// The sample with its suggestions in effect: "#key = value" becomes "key = value", "#[section]" "[section]".
std::string uncommented(std::string text) {
  for (std::size_t at = 0; (at = text.find("\n#", at)) != std::string::npos; ++at) {
    const char first = text[at + 2];
    if ((first >= 'a' && first <= 'z') || first == '[') text.erase(at + 1, 1);
  }
  return text;
}

TEST(Sample, SuggestsWhatIsAllowed) {
  const Loaded loaded = parse(uncommented(sample()) + kSorry, "sample.toml");
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->monitors.at(0).port, 8443);
  EXPECT_EQ(loaded.config->zones.at(0).live.size(), 2U);
}

TEST(Sample, ShowsEveryOptionWithItsDefault) {
  const Config config = parse(uncommented(sample()) + kSorry, "sample.toml").config.value();
  server::ServerSettings server;
  server.nsid = config.server.nsid;
  server.tls = config.server.tls;
  server.state = config.server.state;
  EXPECT_EQ(config.server, server);
  EXPECT_EQ(config.control, server::ControlSettings{});
  EXPECT_EQ(config.log, health::LogSettings{});
  for (const SectionText& section : sections()) {
    for (const OptionText& option : section.options) {
      const std::string key = "\n" + std::string(option.is_set ? "" : "#") + std::string(option.name) + " = ";
      const std::string of_another_type = ": " + std::string(option.name) + " = ";
      EXPECT_TRUE(sample().find(key) != std::string::npos ||
                  sample().find(of_another_type) != std::string::npos)
          << section.header << ' ' << option.name;
    }
  }
}

}  // namespace
}  // namespace holdfast::config
