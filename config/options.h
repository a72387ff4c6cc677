#pragma once

#include "config/option.h"

/// Everything that a configuration file can say, one table per section.
namespace holdfast::config {

inline constexpr std::size_t kMaxListen = 64;  ///< addresses of [server]
inline constexpr std::size_t kMaxPools = 50'000;
inline constexpr std::size_t kMaxPoolMembers = 500;  ///< the records of one RRset
inline constexpr std::size_t kMaxMembers = 100'000;  ///< of all pools together; also live names of one zone
inline constexpr std::size_t kMaxSend = 5120;        ///< octets that a probe says
inline constexpr std::size_t kMaxFallbacks = 8;      ///< pools that one leads to, one behind the other
inline constexpr std::size_t kMaxContacts = 1000;
inline constexpr std::size_t kMaxKeys = 1000;
inline constexpr std::size_t kMaxPeers = 1000;
inline constexpr std::size_t kMaxPeerPlaces = 64;     ///< addresses, and networks, of one peer
inline constexpr std::size_t kMaxPeersOfZone = 64;    ///< primaries, and secondaries
inline constexpr std::size_t kMaxUpdates = 1000;      ///< rows of `update`
inline constexpr std::size_t kMaxUpdateNames = 1000;  ///< of one row
inline constexpr std::size_t kMaxUpdateTypes = 64;    ///< likewise
inline constexpr std::size_t kMaxCatalogs = 1000;
inline constexpr std::size_t kMaxGroups = 1000;  ///< of one catalog
inline constexpr std::size_t kMaxTold =
    20;  ///< contacts of one pool or live name; addresses, quiet times of a contact
inline constexpr std::size_t kMaxAgents = 256;
inline constexpr std::size_t kMaxLocations = 256;
inline constexpr std::size_t kMaxAgentAddresses = 16;
inline constexpr std::size_t kMaxNetworks = 10'000;  ///< of one location
inline constexpr std::size_t kMaxReferences = 16;
inline constexpr std::size_t kMaxUpstreams = 16;
inline constexpr std::size_t kMaxAliases = 8;  ///< targets of one ANAME
inline constexpr std::size_t kMaxStoreEndpoints = 16;
inline constexpr std::size_t kMaxPrefix = 128;     ///< octets
inline constexpr std::size_t kMaxTemplate = 8192;  ///< octets
inline constexpr std::size_t kMaxHeaders = 32;     ///< lines that a probe adds to its request
inline constexpr std::size_t kMaxWords = 64;       ///< of a command
inline constexpr std::size_t kMaxParts = 8;  ///< of a combination; each takes the descriptors of a probe

std::span<const Option<server::ServerSettings>> server_options();
std::span<const Option<server::ControlSettings>> control_options();
std::span<const Option<health::LogSettings>> log_options();
std::span<const Option<health::ProbeSettings>> probe_options();
std::span<const Option<health::MonitorSettings>> monitor_options();
std::span<const Option<zones::PoolSettings>> pool_options();
std::span<const Option<zones::ZoneSettings>> zone_options();
std::span<const Option<zones::KeySettings>> key_options();
std::span<const Option<zones::PeerSettings>> peer_options();
std::span<const Option<zones::CatalogSettings>> catalog_options();
std::span<const Option<health::NotifySettings>> notify_options();
std::span<const Option<health::ContactSettings>> contact_options();
std::span<const Option<health::SelfSettings>> self_options();
std::span<const Option<health::StoreSettings>> store_options();
std::span<const Option<health::LocationSettings>> location_options();
std::span<const Option<health::AgentSettings>> agent_options();
std::span<const Option<zones::GeoSettings>> geo_options();
std::span<const Option<zones::ClientsSettings>> clients_options();
std::span<const Option<zones::ResolverSettings>> resolver_options();

/// One section as people are told of it.
struct SectionText {
  std::string_view key;     ///< "pool"
  std::string_view header;  ///< "[pool.NAME]"
  std::string_view sample;  ///< "[pool.shop]"
  std::string_view help;
  std::vector<OptionText> options;
  std::string_view type{};  ///< "https": what the sample says, where options depend on it
  bool is_set = true;       ///< the sample has it, and not as a comment
};
/// All sections, in the order in which they are explained.
const std::vector<SectionText>& sections();

/// Whether monitors of that type have a port.
bool has_port(std::string_view type);

}  // namespace holdfast::config
