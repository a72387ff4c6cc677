#include "health/notify/plain.h"

#include <boost/nowide/utf/convert.hpp>

namespace holdfast::health {

std::string utf8(std::string_view text) {
  return boost::nowide::utf::convert_string<char>(text.data(), text.data() + text.size());
}

std::string one_line(std::string_view text) {
  const std::string whole = utf8(text);
  std::string line;
  line.reserve(whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto octet = static_cast<unsigned char>(whole[i]);
    const bool is_c1 =
        octet == 0xc2 && static_cast<unsigned char>(whole[i + 1]) < 0xa0;  // two octets in UTF-8
    if (is_c1) ++i;
    line += is_c1 || octet < 0x20 || octet == 0x7f ? ' ' : whole[i];
  }
  return line;
}

std::string token(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  std::string kept;
  for (const char c : text) {
    if (kPlain.find(c) != kPlain.npos) kept += c;
  }
  return kept;
}

}  // namespace holdfast::health
