#include "server/transfer/request.h"

#include "zones/replicate/soa.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kRecordHeader = 10;  // type, class, TTL, length of the data

std::uint16_t read16(std::span<const std::uint8_t> octets) noexcept {
  return static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
}

/// Octets of the name at the start, compressed or not; 0: there is none.
std::size_t name_size(std::span<const std::uint8_t> octets) noexcept {
  for (std::size_t at = 0; at < octets.size(); at += octets[at] + 1U) {
    if ((octets[at] & 0xc0) == 0xc0) return at + 2 <= octets.size() ? at + 2 : 0;
    if (octets[at] > zones::kMaxLabel) return 0;
    if (octets[at] == 0) return at + 1;
  }
  return 0;
}

/// Of the SOA that comes right behind the question.
std::optional<zones::Serial> serial_behind(std::span<const std::uint8_t> octets) noexcept {
  const std::size_t owner = name_size(octets);
  if (owner == 0 || octets.size() - owner < kRecordHeader) return std::nullopt;
  octets = octets.subspan(owner);
  const auto type = static_cast<zones::RrType>(read16(octets));
  const std::size_t size = read16(octets.subspan(8));
  if (type != zones::RrType::SOA || size < zones::kSoaNumbers + 2 || octets.size() - kRecordHeader < size)
    return std::nullopt;
  return zones::serial_of(octets.subspan(kRecordHeader, size));
}

}  // namespace

std::optional<zones::Serial> serial_held(std::span<const std::uint8_t> octets, const Query& query) noexcept {
  const std::size_t answers = read16(octets.subspan(6)), authorities = read16(octets.subspan(8));
  if (query.question_size == 0 || answers != 0 || authorities != 1) return std::nullopt;
  return serial_behind(octets.subspan(kHeader + query.question_size));
}

std::optional<zones::Serial> serial_told(std::span<const std::uint8_t> octets, const Query& query) noexcept {
  const std::size_t answers = read16(octets.subspan(6));
  if (query.question_size == 0 || answers == 0) return std::nullopt;
  return serial_behind(octets.subspan(kHeader + query.question_size));
}

}  // namespace holdfast::server
