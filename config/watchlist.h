#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/store/watchlist.h"
#include "server/settings.h"

/// What a server wants checked, as text for the store: a configuration of nothing but [location.NAME], [agent.NAME],
/// [monitor.NAME] and [pool.NAME] sections, so that people can read it, and what reads it checks it as it does a file.
namespace holdfast::config {

inline constexpr std::size_t kMaxWatchlist = 4U << 20;  ///< octets of text
/// Patterns other than plain text, which have to be compiled, into up to 1 MiB each.
inline constexpr std::size_t kMaxWatchlistPatterns = 1000;
/// Octets of the targets, each of which has its monitor with it.
inline constexpr std::size_t kMaxWatchlistMemory = 256U << 20;

/// The same for the same content, in whatever order it comes. All locations that targets, agents and other locations
/// name must be among `locations`, as they are in a Config. Secrets in the headers of monitors are in the text too.
std::string write_watchlist(const std::vector<health::Target>& targets,
                            const std::vector<health::LocationSettings>& locations,
                            const std::vector<health::AgentSettings>& agents);

/// What such a text says. Whoever can write into the store wrote it, so it is believed no more than that:
/// - a program is run only when it is in our own directory; one that is not there, or a file of certificates that we
///   cannot read, leaves out the targets that need it, and so does a probe that would talk to our own [control]; they are
///   in `left_out`, so that ballots still mean the same to everybody;
/// - null: it is no such text, something in it is wrong, or it is beyond the limits above, kMaxMembers or kMaxAgents.
///
/// @param ours  what holds for the programs of exec monitors here
/// @param control  our own listener; null: there is none
std::optional<health::Watchlist> read_watchlist(std::string_view text, const health::ProbeSettings& ours,
                                                const std::optional<server::ControlSettings>& control = {});

/// A server's own list as read_watchlist() would make it of `text`, which is what write_watchlist() made of the rest.
health::Watchlist watchlist(std::vector<health::Target> targets,
                            std::vector<health::LocationSettings> locations,
                            std::vector<health::AgentSettings> agents, std::string_view text);

}  // namespace holdfast::config
