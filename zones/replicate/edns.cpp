#include "zones/replicate/edns.h"

#include <iterator>

namespace holdfast::zones {
namespace {

constexpr std::uint8_t kExpire = 9;  // RFC 7314 6

std::size_t read16(Rdata octets) noexcept { return static_cast<std::size_t>(octets[0] << 8 | octets[1]); }

}  // namespace

std::optional<Edns> read_edns(const MessageRecord& opt) {
  if (opt.section != Section::additional || !opt.record.owner.is_root()) return std::nullopt;
  Edns edns{.rcode_high = static_cast<std::uint8_t>(opt.record.ttl >> 24)};
  for (Rdata left = opt.record.data; !left.empty();) {
    if (left.size() < 4) return std::nullopt;
    const std::size_t size = read16(left.subspan(2));
    if (size > left.size() - 4) return std::nullopt;
    const Rdata value = left.subspan(4, size);
    if (read16(left) == kExpire && size == 4) {
      edns.expire = std::chrono::seconds(read16(value) << 16 | read16(value.subspan(2)));
    }
    left = left.subspan(4 + size);
  }
  return edns;
}

void add_edns(std::vector<std::uint8_t>& message) {
  // Owner, type, 1232 octets over UDP, no flags, four octets of options: EXPIRE without a value.
  static constexpr std::uint8_t kOpt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, kExpire, 0, 0};
  message.insert(message.end(), std::begin(kOpt), std::end(kOpt));
}

}  // namespace holdfast::zones
