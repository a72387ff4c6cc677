#include "health/notify/plain.h"

#include <spdlog/fmt/fmt.h>

#include <boost/nowide/utf/convert.hpp>
#include <ctime>

namespace holdfast::health {
namespace {

std::tm in_utc(std::chrono::system_clock::time_point second) {
  const std::time_t since_epoch = std::chrono::system_clock::to_time_t(second);
  std::tm utc{};
  gmtime_r(&since_epoch, &utc);
  return utc;
}

}  // namespace

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

std::string for_people(std::chrono::system_clock::time_point time) {
  const std::tm utc = in_utc(std::chrono::floor<std::chrono::seconds>(time));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string for_programs(std::chrono::system_clock::time_point time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const std::tm utc = in_utc(second);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     std::chrono::duration_cast<std::chrono::milliseconds>(time - second).count());
}

}  // namespace holdfast::health
