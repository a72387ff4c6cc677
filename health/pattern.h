#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace holdfast::health {

/// How a text is looked for.
enum class Matching : std::uint8_t {
  text,      ///< octet for octet
  any_case,  ///< the same, but an ASCII letter matches its other case too
  regex,     ///< a regular expression of RE2's syntax, over octets; takes time linear in what is searched
};

/// What is looked for in an answer. A value; copies share what was compiled, and any thread may use it.
class Pattern {
 public:
  Pattern() = default;                                       ///< empty: stands in everything
  Pattern(std::string text) : text_(std::move(text)) {}      // NOLINT: a text is the plainest pattern
  Pattern(const char* text) : Pattern(std::string(text)) {}  // NOLINT
  Pattern(std::string text, Matching how);

  bool empty() const noexcept { return text_.empty(); }
  const std::string& text() const noexcept { return text_; }
  Matching matching() const noexcept { return how_; }
  /// Why it cannot be looked for: what is wrong with a regular expression. Empty: nothing.
  std::string fault() const;
  /// Whether it stands in these octets. A pattern with a fault stands in none.
  bool is_in(std::string_view octets) const;

  bool operator==(const Pattern& other) const { return text_ == other.text_ && how_ == other.how_; }

 private:
  std::string text_{};
  Matching how_ = Matching::text;
  std::shared_ptr<const re2::RE2> compiled_{};  // null: octet for octet
};

}  // namespace holdfast::health
