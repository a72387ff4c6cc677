#include "zones/text/zone_file.h"

#include "zones/text/data_text.h"
#include "zones/text/known_type.h"

namespace holdfast::zones {
namespace {

/// The text of a name below the apex, or the apex, as it stands below $ORIGIN.
std::string relative(NameView name, NameView apex, const std::string& apex_text) {
  if (name == apex) return "@";
  std::string text = name.text();
  text.resize(text.size() - apex_text.size() - (apex.is_root() ? 0 : 1));
  return text;
}

/// And a space, or as many as fill the column.
void append_column(std::string& text, std::string_view item, std::size_t width) {
  text += item;
  text.append(item.size() < width ? width - item.size() : 1, ' ');
}

void append_line(std::string& text, std::string_view owner, RrType type, std::uint32_t ttl, Rdata data) {
  append_column(text, owner, 24);
  append_column(text, std::to_string(ttl), 8);
  text += "IN ";
  if (is_known_type(type)) {
    append_column(text, zones::text(type), 8);
    append_data(text, type, data);
  } else {
    append_column(text, "TYPE" + std::to_string(static_cast<unsigned>(type)), 8);
    append_generic(text, data);
  }
  text += '\n';
}

}  // namespace

std::string record_text(const RecordView& record) {
  std::string text =
      record.owner.text() + " " + std::to_string(record.ttl) + " IN " + zones::text(record.type) + " ";
  append_data(text, record.type, record.data);
  return text;
}

ZoneFile::ZoneFile(const Contents& contents)
    : contents_(contents), apex_(contents.apex().text()), cursor_(contents) {}

bool ZoneFile::write(std::string& text, std::size_t octets) {
  const std::size_t end = text.size() + octets;
  if (!is_begun_) write_head(text);
  is_begun_ = true;
  for (; cursor_ && text.size() < end; cursor_.next()) write_rrset(text, cursor_.owner(), cursor_.rrset());
  return static_cast<bool>(cursor_);
}

void ZoneFile::write_head(std::string& text) const {
  text += "; serial " + std::to_string(contents_.serial().value());
  if (!contents_.flat_rrsets().empty()) text += "; live names with what they answer everybody";
  text += "\n$ORIGIN " + apex_ + "\n$TTL " + std::to_string(contents_.soa_ttl()) + "\n";
  append_line(text, "@", RrType::SOA, contents_.soa_ttl(), contents_.soa());
}

void ZoneFile::write_rrset(std::string& text, NameView owner, const RRset& rrset) const {
  const std::string name = relative(owner, contents_.apex(), apex_);
  for (const Rdata data : rrset) append_line(text, name, rrset.type, rrset.ttl, data);
}

}  // namespace holdfast::zones
