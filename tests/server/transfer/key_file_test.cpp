#include "server/transfer/key_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "server/transfer/keys.h"
#include "tests/server/transfer/messages.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

constexpr std::string_view kSecret = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";  // the octets 1 to 32

/// What is wrong with a file of that text; empty: nothing.
std::string wrong(std::string_view text) {
  const LoadedKey loaded = parse_key(text, "xfr.key");
  EXPECT_EQ(loaded.key == nullptr, !loaded.problems.empty());
  return loaded.problems.empty() ? "" : loaded.problems.at(0).text();
}

/// Whether both sign alike.
bool is_same(const SharedKey& a, const SharedKey& b) {
  TsigQuery first(a), second(b);
  const Message message = question("example.", zones::RrType::SOA);
  return a->name() == b->name() && sign(first, message) == sign(second, message);
}

class KeyDirectory : public testing::Test {
 protected:
  std::filesystem::path directory_ = [] {
    std::string path = (std::filesystem::temp_directory_path() / "holdfast-key-XXXXXX").string();
    return std::filesystem::path(::mkdtemp(path.data()));
  }();
  ~KeyDirectory() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, std::string_view text, mode_t mode = 0640) {
    const auto path = directory_ / name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path.string();
  }
};

TEST(KeyFile, IsAsBindHasIt) {
  const std::string secret(kSecret);
  const std::string files[] = {
      "key \"xfr.example\" {\n\talgorithm hmac-sha256;\n\tsecret \"" + secret + "\";\n};\n",
      "key xfr.example.{secret " + secret + ";algorithm \"HMAC-SHA256.\" ; } ;",
      "# tsig-keygen\n// and\n/* more { \n } */ key /**/ \"XFR.example.\" { # it\nalgorithm hmac-sha256; // "
      "as\n"
      "secret \"" +
          secret + "\"; /* \" */ };\r\n\t# end",
  };
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const LoadedKey loaded = parse_key(file, "xfr.key");
    ASSERT_NE(loaded.key, nullptr) << loaded.problems.at(0).text();
    EXPECT_TRUE(is_same(loaded.key, key_named("xfr.example.")));
  }
}

TEST(KeyFile, KnowsEveryAlgorithm) {
  for (std::size_t i = 0; i < std::size(kTsigAlgorithms); ++i) {
    const auto algorithm = static_cast<TsigAlgorithm>(i);
    const std::string file =
        "key k { algorithm " + std::string(text(algorithm)) + "; secret " + std::string(kSecret) + "; };";
    const LoadedKey loaded = parse_key(file, "k.key");
    ASSERT_NE(loaded.key, nullptr);
    EXPECT_TRUE(is_same(loaded.key, key_named("k.", algorithm)));
  }
}

TEST(KeyFile, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string_view file, what;
  } cases[] = {
      {"", "xfr.key:1: is no key; holdfast keygen tsig NAME prints one"},
      {"\n\noptions { };", "xfr.key:3: is no key; holdfast keygen tsig NAME prints one"},
      {"key { algorithm hmac-sha256; };", "xfr.key:1: the name of the key is missing"},
      {"key \"a..b\" {", "xfr.key:1: the name of the key is no domain name"},
      {"key \"a\n\" {", "xfr.key:1: a quote is not closed in its line"},
      {"key a\" {", "xfr.key:1: expected \"{\" after the name of the key"},
      {"key \"a", "xfr.key:1: a quote is not closed in its line"},
      {"/* key", "xfr.key:1: a comment is not closed; end it with \"*/\""},
      {"key a\nalgorithm", "xfr.key:2: expected \"{\" after the name of the key"},
      {"key a {\n algorithm hmac-sha3;",
       "xfr.key:2: there is no such algorithm; known are hmac-md5, hmac-sha1, "
       "hmac-sha224, hmac-sha256, hmac-sha256-128, hmac-sha384, hmac-sha384-192, "
       "hmac-sha512, hmac-sha512-256"},
      {"key a {\n secret \"c2VjcmV0\"\n }", "xfr.key:3: expected \";\" after the secret"},
      {"key a {\n secret \"c2VjcmV\";", "xfr.key:2: the secret is no base64"},
      {"key a {\n secret \"\";", "xfr.key:2: the secret has 0 octets; at most 4096 are allowed"},
      {"key a {\n secret ;", "xfr.key:2: the secret is missing"},
      {"key a { secret c2VjcmV0; secret c2VjcmV0; };",
       "xfr.key:1: expected one algorithm and one secret, each with a \";\" behind it, then \"}\""},
      {"key a { c2VjcmV0; };",
       "xfr.key:1: expected one algorithm and one secret, each with a \";\" behind it, then \"}\""},
      {"key a {\n secret c2VjcmV0;",
       "xfr.key:2: expected one algorithm and one secret, each with a \";\" behind it, then \"}\""},
      {"key a { secret c2VjcmV0; };", "xfr.key:1: the algorithm is missing"},
      {"key a { algorithm hmac-sha1; };", "xfr.key:1: the secret is missing"},
      {"key a { algorithm hmac-sha1; secret c2VjcmV0; }", "xfr.key:1: expected \";\" after \"}\""},
      {"key a { algorithm hmac-sha1; secret c2VjcmV0; };\nkey b",
       "xfr.key:2: there is more than one key; give each a file"},
  };
  for (const auto& [file, what] : cases) EXPECT_EQ(wrong(file), what) << file;
  EXPECT_NE(wrong("key a { secret \"" + std::string(8000, 'A') + "\"; };").find("has 6000 octets"),
            std::string::npos);
}

TEST(KeyFile, CutAnywhereIsRefusedAndNeverTold) {
  const std::string file = "key \"xfr\" { algorithm hmac-sha256; secret \"" + std::string(kSecret) + "\"; };";
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string what = wrong(file.substr(0, size));
    EXPECT_NE(what, "") << size;
    EXPECT_EQ(what.find("AQID"), what.npos);
  }
  EXPECT_EQ(wrong(file), "");
}

TEST(KeyFile, IsMadeAnewAndReadBack) {
  for (std::size_t i = 0; i < std::size(kTsigAlgorithms); ++i) {
    const auto algorithm = static_cast<TsigAlgorithm>(i);
    const std::string file = new_key_file(*zones::Name::parse("xfr.example"), algorithm);
    EXPECT_EQ(wrong(file), "") << file;
    EXPECT_NE(file, new_key_file(*zones::Name::parse("xfr.example"), algorithm));
    const std::size_t secret = file.find("secret \"") + 8;
    EXPECT_EQ(file.find('"', secret) - secret, (hash_size(algorithm) + 2) / 3 * 4);
    EXPECT_EQ(parse_key(file, "").key->algorithm(), algorithm);
  }
}

TEST_F(KeyDirectory, IsReadByNobodyElse) {
  const std::string text = new_key_file(*zones::Name::parse("xfr"), TsigAlgorithm::hmac_sha256);
  for (const mode_t mode : {0400U, 0600U, 0440U, 0640U})
    EXPECT_NE(load_key(write("xfr.key", text, mode)).key, nullptr);
  for (const mode_t mode : {0644U, 0660U, 0604U, 0641U, 0650U}) {
    const LoadedKey loaded = load_key(write("xfr.key", text, mode));
    EXPECT_EQ(loaded.key, nullptr);
    EXPECT_NE(loaded.problems.at(0).text().find("; chmod 0640"), std::string::npos)
        << loaded.problems[0].text();
  }
}

TEST_F(KeyDirectory, FollowsLinksAsKubernetesMakesThem) {
  write("real", new_key_file(*zones::Name::parse("xfr"), TsigAlgorithm::hmac_sha256));
  std::filesystem::create_symlink("real", directory_ / "xfr.key");
  EXPECT_NE(load_key((directory_ / "xfr.key").string()).key, nullptr);
}

TEST_F(KeyDirectory, SaysWhatIsNoFile) {
  const std::string missing = (directory_ / "none.key").string();
  EXPECT_EQ(load_key(missing).problems.at(0).text(),
            missing + ": cannot be opened: No such file or directory");
  EXPECT_EQ(load_key(directory_.string()).problems.at(0).text(), directory_.string() + ": is no file");
  EXPECT_NE(load_key(write("large.key", std::string(kMaxKeyFile + 1, ' ')))
                .problems.at(0)
                .text()
                .find("has more than 65536 octets"),
            std::string::npos);
}

TEST_F(KeyDirectory, GivesKeysByBothTheirNames) {
  const auto name = [](const char* text) { return *zones::Name::parse(text); };
  const zones::KeySettings settings[] = {
      {"one", write("1", new_key_file(name("b.example"), TsigAlgorithm::hmac_sha256))},
      {"two", write("2", new_key_file(name("a.example"), TsigAlgorithm::hmac_sha512))},
      {"three", write("3", "key")},
      {"four", write("4", new_key_file(name("b.example"), TsigAlgorithm::hmac_sha1))},
  };
  const LoadedKeys loaded = load_keys(settings);
  EXPECT_EQ(loaded.keys.ring().size(), 2U);
  ASSERT_NE(loaded.keys.find("one"), nullptr);
  EXPECT_EQ(loaded.keys.find("one"), loaded.keys.ring().find(name("b.example")));
  EXPECT_EQ(loaded.keys.find("two"), loaded.keys.ring().find(name("a.example")));
  EXPECT_EQ(loaded.keys.find("three"), nullptr);
  EXPECT_EQ(loaded.keys.find("four"), nullptr);
  ASSERT_EQ(loaded.problems.size(), 2U);
  EXPECT_EQ(loaded.problems[0].text(), settings[2].file + ":1: the name of the key is missing");
  EXPECT_EQ(loaded.problems[1].text(), settings[3].file + ": has the key b.example., as " + settings[0].file +
                                           " has; messages only tell the name, so give one of them another");
}

}  // namespace
