#pragma once

#include <memory>
#include <string>
#include <vector>

#include "zones/live/answer.h"

namespace holdfast::zones {

/// All of these addresses, of one family, to everybody.
inline LiveRecords all_of(const std::vector<std::string>& addresses, std::uint32_t ttl = 30) {
  LiveRecords records;
  for (const std::string& address : addresses)
    records.addresses.push_back(boost::asio::ip::make_address(address));
  records.choice = Choice::all(addresses.size());
  records.ttl = ttl;
  return records;
}

inline std::shared_ptr<const LiveAnswer> live_answer(const std::vector<std::string>& a,
                                                     const std::vector<std::string>& aaaa = {}) {
  return std::make_shared<LiveAnswer>(all_of(a), all_of(aaaa));
}

/// The records that one client gets of those that need not be put together for it.
inline RRset given(const LiveAnswer& answer, RrType type, const Client& client = {}) {
  RRset rrset;
  answer.give(type, client, {}, rrset);
  return rrset;
}

}  // namespace holdfast::zones
