#pragma once

#include <memory>
#include <string>

#include "zones/dns/name.h"
#include "zones/replicate/contents.h"
#include "zones/replicate/digest.h"
#include "zones/replicate/history.h"

namespace holdfast::server {

/// What is kept of one zone over a restart: its last version, and how that came to be. A value that shares what is large.
struct KeptLine {
  zones::Serial serial{};                         ///< of the last version
  zones::Digest digest{};                         ///< of its Zone; all zero: not known
  std::shared_ptr<const zones::FlatView> flat{};  ///< its flat view; null: none, or not known
  zones::History history{};                       ///< empty, or it ends with `serial`
  std::string notes{};                            ///< the caller's own, to be read with care
  /// It was rescued from a damaged file: there may have been later versions, and their serials are known to others.
  bool was_rescued = false;
};

struct JournalEntry {
  zones::Name zone{};
  KeptLine line{};
};

}  // namespace holdfast::server
