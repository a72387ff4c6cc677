#pragma once

#include <algorithm>

#include "zones/live/table.h"
#include "zones/live/wishes.h"

namespace holdfast::zones {

/// The live table as one client sees it: what is put together for it has its room here. Lives on the stack while one
/// query is answered.
class LiveView {
 public:
  /// @param client  borrowed, and changed
  /// @param room  borrowed: kPickedRoom octets for each RRset that may have to be put together; where it runs out, such
  ///              an RRset is empty
  /// @param wishes  gets those of the client; null: nobody heeds them
  LiveView(const LiveTable& table, Client& client, std::span<std::uint8_t> room,
           Wishes* wishes = nullptr) noexcept
      : table_(table), client_(client), room_(room), wishes_(wishes) {
    client_.places = table.places();
  }

  const LiveTable& table() const noexcept { return table_; }

  /// Null: health has no say in it, or nothing is known yet.
  const LiveAnswer* find(Node node, RrType type) const noexcept {
    const LiveAnswer* const answer = node.live() != kNotLive ? table_.find(node.live()) : nullptr;
    return answer != nullptr && answer->covers(type) ? answer : nullptr;
  }

  /// Sets `rrset` to what the client gets; empty: there is nothing of that type.
  void give(const LiveAnswer& answer, LiveIndex index, RrType type, RRset& rrset) noexcept {
    const LiveAnswer::Beside beside = answer.give(type, client_, room_, rrset);
    if (rrset.data == room_.data() && !room_.empty()) room_ = room_.subspan(kPickedRoom);
    scope_ = std::max(scope_, beside.scope);
    error_ = beside.error;
    if (beside.is_wish && wishes_ != nullptr) wishes_->add(wish_of(index, type == RrType::AAAA, client_));
  }

  /// From now on it is not looked at who asks: additional records must not be tied to a network (RFC 7871 7.3.1).
  void turn_to_anybody() noexcept {
    client_.address = {};
    client_.places = nullptr;
  }

  LiveTime now() const noexcept { return client_.now; }
  /// Of the last RRset.
  ExtendedError error() const noexcept { return error_; }

  /// Bits of the client's address that the RRsets so far depended on.
  std::uint8_t scope() const noexcept { return scope_; }

 private:
  const LiveTable& table_;
  Client& client_;
  std::span<std::uint8_t> room_;
  Wishes* wishes_;
  ExtendedError error_ = ExtendedError::none;
  std::uint8_t scope_ = 0;
};

}  // namespace holdfast::zones
