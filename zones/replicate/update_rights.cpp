#include "zones/replicate/update_rights.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

template <class Value>
bool has(const std::vector<Value>& all, const Value& value) {
  return std::find(all.begin(), all.end(), value) != all.end();
}

bool is_of(NameView name, NameView pattern) {
  if (!pattern.is_wildcard()) return name == pattern;
  return name != pattern.parent() && name.is_at_or_below(pattern.parent());
}

bool may(const UpdateSettings& right, NameView owner, RrType type) {
  const auto& names = right.names;
  const bool has_name = names.empty() || std::any_of(names.begin(), names.end(),
                                                     [&](const Name& name) { return is_of(owner, name); });
  return has_name && (right.types.empty() || has(right.types, type));
}

/// What a row is about: its type, or all that are there.
std::vector<RrType> types_of(const UpdateRow& row, const Zone& zone) {
  if (row.type != RrType::ANY) return {row.type};
  std::vector<RrType> types;
  const Node node = zone.find(row.owner);
  for (std::size_t i = 0; node && i < node.rrset_count(); ++i) {
    const RrType type = zone.rrset_at(node, i).type;
    // Of an apex these stay (RFC 2136 3.4.2.3).
    if (row.owner.view() != zone.apex() || (type != RrType::SOA && type != RrType::NS)) types.push_back(type);
  }
  // That a name has none yet gives nobody a right to it.
  return types.empty() ? std::vector{RrType::ANY} : types;
}

bool is_decided(const LiveName& live, RrType type) {
  if (type == RrType::ANY || type == RrType::CNAME || live.type == RrType::CNAME || live.type == type)
    return true;
  return live.type == RrType::A && type == RrType::AAAA;
}

std::string in_words(const UpdateRow& row, RrType type) {
  return row.owner.text() + ' ' + (type == RrType::ANY ? "(all types)" : text(type));
}

}  // namespace

std::string beyond(std::span<const UpdateSettings> rights, const Update& update, const Zone& zone) {
  for (const UpdateRow& row : update.rows) {
    for (const RrType type : types_of(row, zone)) {
      const bool is_free = std::any_of(rights.begin(), rights.end(), [&](const UpdateSettings& right) {
        return type == RrType::ANY ? may({.names = right.names}, row.owner, type)
                                   : may(right, row.owner, type);
      });
      if (!is_free) return in_words(row, type) + " is not among what this peer may update";
    }
  }
  return {};
}

std::string on_live_name(std::span<const LiveName> live, const Update& update) {
  for (const UpdateRow& row : update.rows) {
    const auto found = std::find_if(live.begin(), live.end(), [&](const LiveName& one) {
      return one.name == row.owner && is_decided(one, row.type);
    });
    if (found != live.end())
      return in_words(row, row.type) + " is live; change it in the configuration or in the zone's file";
  }
  return {};
}

}  // namespace holdfast::zones
