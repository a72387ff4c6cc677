#include "zones/live/client_networks.h"

#include "zones/live/address_octets.h"

namespace holdfast::zones {

ClientNetworks::ClientNetworks(std::vector<NetworkRecords> all) : all_(std::move(all)) {
  if (all_.size() > PrefixTable::kLargest) all_.resize(PrefixTable::kLargest);
  PrefixTable::Layer layer;
  for (const NetworkRecords& one : all_) {
    layer.push_back({one.network, static_cast<PrefixTable::Value>(answers_.size())});
    answers_.push_back(
        {octets_of(one.addresses), static_cast<std::uint16_t>(one.addresses.size()), one.until, one.again});
  }
  places_ = Places(PrefixTable({layer}));
}

ClientNetworks::Found ClientNetworks::find(const Client& client) const noexcept {
  Client where = client;
  where.places = &places_;
  const Places::Found place = place_of(where);
  return {place.region ? &answers_[*place.region] : nullptr, place.length};
}

}  // namespace holdfast::zones
