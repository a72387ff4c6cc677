#include "zones/alias/known.h"

#include <algorithm>

#include "zones/alias/reach.h"
#include "zones/alias/reply.h"

namespace holdfast::zones {

std::vector<boost::asio::ip::address> usable(const Known& known, const ResolverSettings& settings) {
  std::vector<boost::asio::ip::address> addresses = known.addresses;
  std::erase_if(addresses, [&](const boost::asio::ip::address& address) {
    const Reach reached = reach(address);
    return address.is_v4() != (known.type == RrType::A) || reached == Reach::nowhere ||
           (reached == Reach::inside && !settings.allow_private);
  });
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
  return addresses;
}

}  // namespace holdfast::zones
