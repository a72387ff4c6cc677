#include "server/answer/response.h"

#include <algorithm>
#include <cstring>

namespace holdfast::server {

bool Response::holds(zones::NameView owner, zones::RrType type) const noexcept {
  return std::any_of(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(size()),
                     [&](const Item& item) { return item.rrset.type == type && item.owner == owner; });
}

zones::RRset Response::synthesise(zones::RrType type, std::uint32_t ttl,
                                  std::span<const std::uint8_t> data) noexcept {
  if (used_ + 2 + data.size() > octets_.size()) return {};
  std::uint8_t* at = octets_.data() + used_;
  at[0] = static_cast<std::uint8_t>(data.size() >> 8);
  at[1] = static_cast<std::uint8_t>(data.size());
  std::memcpy(at + 2, data.data(), data.size());
  used_ += 2 + data.size();
  return {type, 1, ttl, at};
}

}  // namespace holdfast::server
