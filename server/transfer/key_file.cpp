#include "server/transfer/key_file.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

#include "health/notify/secret.h"
#include "health/store/base64.h"

namespace holdfast::server {
namespace {

/// A text that is wiped when it is not needed any more.
struct Wiped {
  std::string text;
  explicit Wiped(std::string octets) : text(std::move(octets)) {}
  ~Wiped() { OPENSSL_cleanse(text.data(), text.size()); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;

  std::span<const std::uint8_t> octets() const {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
};

/// What is wrong, and where.
struct Fault {
  std::uint32_t line;
  std::string what;
};

/// The words of a file, one after another: `{`, `}`, `;`, and what stands between these, blanks or quotes. Borrows.
class Words {
 public:
  explicit Words(std::string_view text) : left_(text) {}

  std::uint32_t line() const { return line_; }

  /// The next word or sign; empty at the end.
  std::string_view take() {
    skip_blanks();
    if (left_.empty()) return {};
    if (is_sign(left_.front()) || left_.front() == '"') return cut(1);
    std::size_t size = 0;
    while (size < left_.size() && !is_sign(left_[size]) && !is_blank(left_[size]) && left_[size] != '"')
      ++size;
    return cut(size);
  }
  /// The next word, which may stand in quotes.
  std::string_view take_value(std::string_view of) {
    skip_blanks();
    if (!left_.starts_with('"')) {
      if (left_.empty() || is_sign(left_.front())) throw Fault{line_, fmt::format("{} is missing", of)};
      return take();
    }
    const std::size_t end = left_.find_first_of("\"\n", 1);
    if (end == left_.npos || left_[end] == '\n') throw Fault{line_, "a quote is not closed in its line"};
    return cut(end + 1).substr(1, end - 1);
  }
  void expect(std::string_view sign, std::string_view where) {
    if (take() != sign) throw Fault{line_, fmt::format("expected \"{}\" {}", sign, where)};
  }
  bool at_end() {
    skip_blanks();
    return left_.empty();
  }

 private:
  static bool is_sign(char c) { return c == '{' || c == '}' || c == ';'; }
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  std::string_view cut(std::size_t size) {
    const std::string_view taken = left_.substr(0, size);
    line_ += static_cast<std::uint32_t>(std::count(taken.begin(), taken.end(), '\n'));
    left_.remove_prefix(size);
    return taken;
  }
  /// White space, and comments as C, C++ and shells have them.
  void skip_blanks() {
    for (;;) {
      if (!left_.empty() && is_blank(left_.front())) {
        cut(1);
      } else if (left_.starts_with('#') || left_.starts_with("//")) {
        cut(std::min(left_.find('\n'), left_.size()));
      } else if (left_.starts_with("/*")) {
        const std::size_t end = left_.find("*/", 2);
        if (end == left_.npos) throw Fault{line_, "a comment is not closed; end it with \"*/\""};
        cut(end + 2);
      } else {
        return;
      }
    }
  }

  std::string_view left_;
  std::uint32_t line_ = 1;
};

SharedKey read_key(Words& words) {
  if (words.take() != "key") throw Fault{words.line(), "is no key; holdfast keygen tsig NAME prints one"};
  const auto name = zones::Name::parse(words.take_value("the name of the key"));
  if (!name) throw Fault{words.line(), "the name of the key is no domain name"};
  words.expect("{", "after the name of the key");
  std::optional<TsigAlgorithm> algorithm;
  std::optional<Wiped> secret;
  for (;;) {
    const std::string_view word = words.take();
    if (word == "}") break;
    if (word == "algorithm" && !algorithm) {
      algorithm = parse_algorithm(words.take_value("the algorithm"));
      if (!algorithm)
        throw Fault{words.line(), fmt::format("there is no such algorithm; known are {}",
                                              fmt::join(kTsigAlgorithms, ", "))};
    } else if (word == "secret" && !secret) {
      auto octets = health::from_base64(words.take_value("the secret"));
      if (!octets) throw Fault{words.line(), "the secret is no base64"};
      secret.emplace(std::move(*octets));
      if (secret->text.empty() || secret->text.size() > kMaxKeySecret)
        throw Fault{words.line(), fmt::format("the secret has {} octets; at most {} are allowed",
                                              secret->text.size(), kMaxKeySecret)};
    } else {
      throw Fault{words.line(),
                  "expected one algorithm and one secret, each with a \";\" behind it, then \"}\""};
    }
    words.expect(";", fmt::format("after the {}", word));
  }
  if (!algorithm || !secret)
    throw Fault{words.line(), fmt::format("the {} is missing", algorithm ? "secret" : "algorithm")};
  words.expect(";", "after \"}\"");
  if (!words.at_end()) throw Fault{words.line(), "there is more than one key; give each a file"};
  SharedKey key = TsigKey::make(*name, *algorithm, secret->octets());
  if (!key) throw Fault{words.line(), fmt::format("the system's OpenSSL refuses {}", text(*algorithm))};
  return key;
}

LoadedKey refused(const std::string& file, std::uint32_t line, std::string what) {
  return {nullptr, {{file, line, zones::Problem::Severity::error, std::move(what)}}};
}

}  // namespace

LoadedKey parse_key(std::string_view text, const std::string& file) try {
  Words words(text);
  return {read_key(words), {}};
} catch (const Fault& fault) {
  return refused(file, fault.line, fault.what);
}

LoadedKey load_key(const std::string& file) {
  auto read = health::read_guarded(file, kMaxKeyFile + 1);
  if (const auto* fault = std::get_if<health::SecretFault>(&read)) return refused(file, 0, fault->what);
  const Wiped text(std::get<std::string>(std::move(read)));
  if (text.text.size() > kMaxKeyFile)
    return refused(file, 0, fmt::format("has more than {} octets", kMaxKeyFile));
  return parse_key(text.text, file);
}

std::string new_key_file(const zones::Name& name, TsigAlgorithm algorithm) {
  Wiped secret(std::string(hash_size(algorithm), '\0'));
  if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.text.data()),
                 static_cast<int>(secret.text.size())) != 1)
    throw std::runtime_error("the system has no random octets");
  const Wiped base64(health::to_base64(secret.text));
  const std::string printed = name.text();
  return fmt::format(
      "# The key of two name servers, and nobody else: give both this file, with mode 0640 or less.\n"
      "# holdfast: [key.NAME] with file = \"...\", and key = \"NAME\" in the [peer.NAME] that is the other "
      "server.\n"
      "# BIND: include \"...\"; in named.conf, and the key's name where the other server's address stands.\n"
      "key \"{}\" {{\n\talgorithm {};\n\tsecret \"{}\";\n}};\n",
      printed, text(algorithm), base64.text);
}

}  // namespace holdfast::server
