#include "zones/replicate/contents.h"

#include <algorithm>

#include "zones/replicate/soa.h"

namespace holdfast::zones {

std::vector<std::uint8_t> Contents::soa() const {
  const RRset soa = zone_->rrset(zone_->apex_node(), RrType::SOA);
  return with_serial(*soa.begin(), serial_);
}

std::uint32_t Contents::soa_ttl() const noexcept { return zone_->rrset(zone_->apex_node(), RrType::SOA).ttl; }

OwnerRRsets::OwnerRRsets(const Zone& zone, Node node, std::span<const FlatRRset> flat) noexcept
    : zone_(&zone), node_(node), flat_(flat) {
  next();
}

bool OwnerRRsets::is_hidden(RrType type) const noexcept {
  const bool is_address = type == RrType::A || type == RrType::AAAA;
  return type == RrType::SOA || std::any_of(flat_.begin(), flat_.end(), [&](const FlatRRset& flat) {
           return flat.type == type || (is_address && flat.type == RrType::CNAME && flat.count != 0);
         });
}

void OwnerRRsets::next() noexcept {
  const std::size_t of_zone = node_ ? node_.rrset_count() : 0;
  RRset next;
  for (; next_of_zone_ < of_zone; ++next_of_zone_) {
    next = zone_->rrset_at(node_, next_of_zone_);
    if (!is_hidden(next.type)) break;
  }
  while (next_flat_ < flat_.size() && flat_[next_flat_].count == 0) ++next_flat_;
  const bool has_flat = next_flat_ < flat_.size();
  if (next_of_zone_ < of_zone && (!has_flat || next.type < flat_[next_flat_].type)) {
    rrset_ = next;
    ++next_of_zone_;
    at_end_ = false;
  } else if (has_flat) {
    rrset_ = flat_[next_flat_++].rrset();
    at_end_ = false;
  } else {
    at_end_ = true;
  }
}

std::span<const FlatRRset> first_owner(std::span<const FlatRRset> flat) noexcept {
  std::size_t count = 0;
  while (count < flat.size() && flat[count].owner == flat[0].owner) ++count;
  return flat.first(count);
}

Contents::Cursor::Cursor(Contents contents) noexcept
    : contents_(std::move(contents)),
      node_(contents_.zone()->nodes().begin()),
      end_(contents_.zone()->nodes().end()),
      flat_(contents_.flat_rrsets()) {
  find_flat();
  next_owner();
}

void Contents::Cursor::find_flat() noexcept {
  of_one_ = first_owner(flat_);
  flat_node_ = of_one_.empty() ? Node() : contents_.zone()->find(of_one_[0].owner);
}

void Contents::Cursor::next_owner() noexcept {
  do {
    const bool has_node = node_ != end_;
    if (!has_node && of_one_.empty()) return;
    bool is_flat = !of_one_.empty();
    if (is_flat && has_node) {
      is_flat = flat_node_ ? *node_ == flat_node_ : of_one_[0].owner.view() < (*node_).name();
    }
    const Node node = is_flat ? flat_node_ : *node_;
    owner_ = node ? node.name() : of_one_[0].owner.view();
    rrsets_ = OwnerRRsets(*contents_.zone(), node, is_flat ? of_one_ : std::span<const FlatRRset>());
    if (has_node && *node_ == node) ++node_;
    if (is_flat) {
      flat_ = flat_.subspan(of_one_.size());
      find_flat();
    }
  } while (!rrsets_);
}

}  // namespace holdfast::zones
