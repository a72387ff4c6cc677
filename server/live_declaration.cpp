#include "server/live_declaration.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace holdfast::server {

using zones::Family;
using zones::Selection;

namespace {

/// The pool, or the name itself where its own records are the members.
std::string user(const LiveDeclaration& declaration, const LiveDeclaration::Source& source) {
  return source.pool.empty() ? declaration.name.text() : source.pool;
}

}  // namespace

std::set<zones::Name> LiveDeclaration::names_to_know() const {
  std::set<zones::Name> names(aliases.begin(), aliases.end());
  for (const zones::Group& group : pool.groups) {
    const bool is_needed = !group.target.view().is_root() && !sources[group.part].monitor.name.empty();
    if (is_needed) names.insert(group.target);
  }
  return names;
}

std::span<const Family> LiveDeclaration::families() const {
  static constexpr Family kAddresses[] = {Family::v4, Family::v6}, kRecords[] = {Family::record};
  return type == zones::RrType::A ? std::span<const Family>(kAddresses) : std::span<const Family>(kRecords);
}

const std::string& LiveDeclaration::monitor_of(zones::MemberIndex member) const {
  const zones::Group* const group = pool.group(member);
  return sources[group == nullptr ? pool.part_of(member) : group->part].monitor.name;
}

std::string type_text(const LiveDeclaration& declaration, Family family) {
  switch (family) {
    case Family::v4: return "A";
    case Family::v6: return "AAAA";
    case Family::record: break;
  }
  return zones::text(declaration.type);
}

std::string text(const zones::Pool& pool, zones::MemberIndex member) {
  const zones::Group* const group = pool.group(member);
  return group == nullptr ? pool.members[member].address.to_string() : group->name;
}

std::string list(const zones::Pool& pool, const Selection& selection) {
  std::string text;
  auto inside = selection.inside.begin();
  for (const zones::MemberIndex i : selection.members) {
    text += (text.empty() ? "" : ", ") + server::text(pool, i);
    if (inside != selection.inside.end() && inside->first == i)
      text += fmt::format(" ({})", list(pool, inside++->second));
  }
  if (selection.each < selection.members.size()) {
    text.insert(0, fmt::format("{} of ", selection.each));
    if (is_drawn(selection.policy)) text += fmt::format(" ({})", zones::text(selection.policy));
  }
  return text.empty() ? "nobody" : text;
}

health::Member member_of(const LiveDeclaration& declaration, zones::MemberIndex member) {
  const zones::Pool& pool = declaration.pool;
  if (const zones::Group* const group = pool.group(member)) {
    const LiveDeclaration::Source& source = declaration.source_of(member);
    return {user(declaration, source), {}, group->location, group->name};
  }
  const zones::MemberSettings& settings = pool.members[member];
  const zones::Group* const around = pool.group_of(pool.part_of(member));
  const bool is_of_name = around != nullptr && around->is_record();
  return {user(declaration, declaration.source_of(member)), settings.address, settings.location,
          is_of_name ? around->name : ""};
}

std::optional<health::TargetId> target_of(const LiveDeclaration& declaration, std::size_t member) {
  const std::string& monitor = declaration.monitor_of(member);
  if (monitor.empty()) return std::nullopt;
  return health::TargetId{monitor, declaration.pool.members[member].address};
}

std::string why(const LiveDeclaration& declaration, const Selection& selection,
                const zones::Flattened& flat) {
  if (declaration.aliases.empty()) return zones::text(selection);
  const std::string known = zones::text(flat.state);
  const bool is_chosen = selection.rule != zones::Rule::none && declaration.is_checked();
  return is_chosen ? known + ", " + zones::text(selection) : known;
}

std::uint32_t ttl_now(const Selection& selection, const zones::Flattened& flat) {
  zones::LiveRecords records{.choice = {}, .ttl = selection.ttl};
  zones::limit(records, flat, selection.ttl);
  const bool is_empty = flat.state == zones::AliasState::nodata;
  return zones::ttl_at(is_empty ? records.negative_ttl : records.ttl, records.until,
                       zones::AliasClock::now());
}

}  // namespace holdfast::server
