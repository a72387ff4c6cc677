#pragma once

#include <optional>
#include <vector>

#include "zones/replicate/contents.h"
#include "zones/replicate/delta.h"

namespace holdfast::zones {

/// What two versions of a zone have not in common, as people read it. Immutable.
class Difference {
 public:
  struct Row {
    bool is_added;  ///< only the second has it; else only the first
    RecordView record;
  };

  /// @param ignores_serial  versions that differ only in it do not differ
  Difference(const Contents& before, const Contents& after, bool ignores_serial);
  Difference(const Difference&) = delete;
  Difference& operator=(const Difference&) = delete;

  /// In canonical order: of each RRset what was removed, then what was added; the SOAs last. Borrows from this.
  const std::vector<Row>& rows() const noexcept { return rows_; }
  bool is_equal() const noexcept { return rows_.empty(); }

 private:
  std::optional<Delta> delta_;
  std::vector<std::uint8_t> soa_before_, soa_after_;
  std::vector<Row> rows_;
};

}  // namespace holdfast::zones
