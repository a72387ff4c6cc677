#include "zones/live/table.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kA = 4;
constexpr std::size_t kAaaa = 16;

void append(std::vector<std::uint8_t>& octets, std::span<const std::uint8_t> addresses, std::size_t size) {
  for (std::size_t i = 0; i + size <= addresses.size(); i += size) {
    octets.push_back(0);
    octets.push_back(static_cast<std::uint8_t>(size));
    octets.insert(octets.end(), addresses.begin() + static_cast<std::ptrdiff_t>(i),
                  addresses.begin() + static_cast<std::ptrdiff_t>(i + size));
  }
}

}  // namespace

LiveAnswer::LiveAnswer(std::span<const std::uint8_t> a, std::uint32_t a_ttl,
                       std::span<const std::uint8_t> aaaa, std::uint32_t aaaa_ttl)
    : a_ttl_(a_ttl),
      aaaa_ttl_(aaaa_ttl),
      a_count_(static_cast<std::uint16_t>(a.size() / kA)),
      aaaa_count_(static_cast<std::uint16_t>(aaaa.size() / kAaaa)) {
  octets_.reserve(a_count_ * (2 + kA) + aaaa_count_ * (2 + kAaaa));
  append(octets_, a, kA);
  append(octets_, aaaa, kAaaa);
}

RRset LiveAnswer::rrset(RrType type) const noexcept {
  if (type == RrType::A) return {type, a_count_, a_ttl_, octets_.data()};
  return {type, aaaa_count_, aaaa_ttl_, octets_.data() + a_count_ * (2 + kA)};
}

std::shared_ptr<const LiveTable> LiveTable::with(LiveIndex index,
                                                 std::shared_ptr<const LiveAnswer> answer) const {
  auto table = std::make_shared<LiveTable>(*this);
  const std::size_t at = index / kBlock;
  if (at >= table->blocks_.size()) table->blocks_.resize(at + 1);
  auto block = table->blocks_[at] ? std::make_shared<Block>(*table->blocks_[at]) : std::make_shared<Block>();
  (*block)[index % kBlock] = std::move(answer);
  table->blocks_[at] = std::move(block);
  return table;
}

}  // namespace holdfast::zones
