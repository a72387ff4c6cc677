#include "server/answer/expire_option.h"

namespace holdfast::server {
namespace {

using Octets = std::span<const std::uint8_t>;

constexpr std::size_t kRecordHeader = 10;  // type, class, TTL, length of the data
constexpr std::size_t kOptionHeader = 4;   // code, length

std::size_t read16(Octets octets) noexcept { return static_cast<std::size_t>(octets[0] << 8 | octets[1]); }

/// Octets of the name at the start, compressed or not; 0: there is none.
std::size_t name_size(Octets octets) noexcept {
  for (std::size_t at = 0; at < octets.size(); at += octets[at] + 1U) {
    if ((octets[at] & 0xc0) == 0xc0) return at + 2 <= octets.size() ? at + 2 : 0;
    if (octets[at] > zones::kMaxLabel) return 0;
    if (octets[at] == 0) return at + 1;
  }
  return 0;
}

bool has_expire(Octets options) noexcept {
  while (options.size() >= kOptionHeader) {
    if (read16(options) == kOptionExpire) return true;
    const std::size_t size = kOptionHeader + read16(options.subspan(2));
    if (size > options.size()) return false;
    options = options.subspan(size);
  }
  return false;
}

}  // namespace

bool asks_for_expire(Octets octets, const Query& query) noexcept {
  if (!query.edns || query.question_size == 0) return false;
  std::size_t records = 0;
  for (const std::size_t count : {6U, 8U, 10U}) records += read16(octets.subspan(count));
  Octets left = octets.subspan(kHeader + query.question_size);
  for (; records > 0; --records) {
    const std::size_t owner = name_size(left);
    if (owner == 0 || left.size() - owner < kRecordHeader) return false;
    left = left.subspan(owner);
    const auto type = static_cast<zones::RrType>(read16(left));
    const std::size_t size = read16(left.subspan(8));
    left = left.subspan(kRecordHeader);
    if (size > left.size()) return false;
    if (type == zones::RrType::OPT) return has_expire(left.first(size));
    left = left.subspan(size);
  }
  return false;
}

}  // namespace holdfast::server
