#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace holdfast::server {

/// Why the control door did not do what a client wanted: its limits, and its guard against browsers.
enum class Refusal : std::uint8_t {
  connections,  ///< too many are open
  backlog,      ///< too many octets wait for clients to take them
  header_size,
  body_size,
  deadline,   ///< a request or an answer took too long
  malformed,  ///< not HTTP
  host,       ///< the Host header names another server (DNS rebinding)
  origin,     ///< a page of another site sent it
  form,       ///< a form sent it
  busy,       ///< the same is being done for somebody else
};
inline constexpr std::size_t kRefusals = 10;

constexpr std::string_view text(Refusal refusal) noexcept {
  constexpr std::array<std::string_view, kRefusals> kTexts{
      "connections", "backlog", "header_size", "body_size", "deadline",
      "malformed",   "host",    "origin",      "form",      "busy"};
  return kTexts[static_cast<std::size_t>(refusal)];
}

/// What the control door counts. Only for its own thread.
struct DoorCounters {
  std::uint64_t requests = 0;       ///< answered, in whatever way
  std::uint64_t open = 0;           ///< connections at the moment
  std::uint64_t accept_errors = 0;  ///< out of file descriptors and such
  std::array<std::uint64_t, kRefusals> refused{};

  void refuse(Refusal refusal) noexcept { ++refused[static_cast<std::size_t>(refusal)]; }
};

}  // namespace holdfast::server
