#include "health/probe/detail.h"

namespace holdfast::health {

namespace {

constexpr std::string_view kCut = "...";

}  // namespace

std::string printable(std::string_view raw, std::size_t limit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  std::size_t whole = 0;  // how much of `out` may stay when the cut mark follows
  for (const char c : raw) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet < 0x7f && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += kHex[octet >> 4];
      out += kHex[octet & 15];
    }
    if (out.size() > limit) {
      out.resize(whole);
      out += kCut.substr(0, limit - whole);
      break;
    }
    if (out.size() + kCut.size() <= limit) whole = out.size();
  }
  return out;
}

std::string shortened(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  text.resize(limit - kCut.size());
  return text.append(kCut);
}

}  // namespace holdfast::health
