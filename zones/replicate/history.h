#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "zones/replicate/delta.h"

namespace holdfast::zones {

/// How much is remembered of what changed.
struct HistoryLimits {
  std::size_t versions = 64;
  std::size_t octets = std::size_t{1} << 20;

  bool operator==(const HistoryLimits&) const = default;
};

/// The last changes of a zone, each of which begins where the one before ends. A value; copies share the deltas.
class History {
 public:
  using Deltas = std::vector<std::shared_ptr<const Delta>>;

  /// @param delta  begins where the last one ends, else what was before is forgotten
  void add(std::shared_ptr<const Delta> delta, const HistoryLimits& limits);

  /// What leads from that version to the last one, in order; nothing: it does not reach back so far.
  std::optional<Deltas> since(Serial serial) const;

  const Deltas& deltas() const noexcept { return deltas_; }
  std::size_t octets() const noexcept { return octets_; }

 private:
  Deltas deltas_;  // no deque: an empty one takes half a KiB, and there may be one for each of 100,000 zones
  std::size_t octets_ = 0;
};

/// The same in one step: what comes and goes again is left out (RFC 1995 5, condensation). `deltas` is not empty.
Delta condense(std::span<const std::shared_ptr<const Delta>> deltas);

}  // namespace holdfast::zones
