#pragma once

#include <cstddef>
#include <string>

#include "zones/replicate/contents.h"
#include "zones/replicate/record_run.h"

namespace holdfast::zones {

/// One record on a line without its end: owner, TTL, class, type, data, with single spaces; names are absolute.
std::string record_text(const RecordView& record);

/// The text of a zone file (RFC 1035 5) that holds what a version of a zone holds: the SOA, then all others in canonical order,
/// a line each. Written in pieces, so that nobody needs room for all of it. Keeps the contents alive.
class ZoneFile {
 public:
  explicit ZoneFile(const Contents& contents);

  /// Appends some more of it: `octets`, unless less is left, and at most an RRset more than that.
  /// @return false: there is no more
  bool write(std::string& text, std::size_t octets);

 private:
  void write_head(std::string& text) const;
  void write_rrset(std::string& text, NameView owner, const RRset& rrset) const;

  Contents contents_;
  std::string apex_;
  Contents::Cursor cursor_;
  bool is_begun_ = false;
};

}  // namespace holdfast::zones
