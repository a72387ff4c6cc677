// What LiveNames does with the addresses of names: those of ANAME targets become members, and records for networks of clients;
// those of names in groups become what these are judged by.

#include <algorithm>

#include "server/live_names.h"

namespace holdfast::server {

using zones::Family;
using zones::LiveIndex;

LiveNames::Flat LiveNames::flatten(const LiveDeclaration& declaration) const {
  const auto of = [&](zones::RrType type) {
    std::vector<zones::Served> all;
    for (const zones::Name& target : declaration.aliases) {
      const auto known = aliases_.find({target, type});
      all.push_back(known == aliases_.end() ? zones::Served() : known->second);
    }
    return zones::flatten(all);
  };
  return {of(zones::RrType::A), of(zones::RrType::AAAA)};
}

void LiveNames::take(Live& live, Flat flat) {
  std::vector<zones::MemberSettings> members;
  for (const auto* family : {&flat.v4, &flat.v6}) {
    for (const auto& address : family->addresses) members.push_back({.address = address});
  }
  live.declaration.pool = {live.declaration.pool.rules(), std::move(members)};
  live.flat = std::move(flat);
  for (Side& side : live.sides) side.good.clear();
  live.is_published = false;
}

void LiveNames::look_up_groups(Live& live) const {
  LiveDeclaration& declaration = live.declaration;
  if (declaration.pool.groups.empty()) return;
  const std::set<zones::Name> names = declaration.names_to_know();
  zones::Pool pool;
  pool.groups = declaration.pool.groups;
  live.missing.assign(pool.groups.size(), false);
  const auto has_target = [](const zones::Group& group) { return !group.target.view().is_root(); };
  if (std::any_of(pool.groups.begin(), pool.groups.end(), has_target)) {
    // "." says that there is no such service (RFC 2782): nothing to say beside one that there is.
    for (std::size_t i = 0; i < pool.groups.size(); ++i)
      live.missing[i] = pool.groups[i].is_record() && !has_target(pool.groups[i]);
  }
  auto next = declaration.pool.members.begin();
  for (std::size_t i = 0; i < declaration.pool.parts.size(); ++i) {
    const zones::Pool::Part& part = declaration.pool.parts[i];
    std::vector<zones::MemberSettings> members(next, next + static_cast<std::ptrdiff_t>(part.size));
    next += static_cast<std::ptrdiff_t>(part.size);
    const zones::Group* const group = pool.group_of(i);
    if (group != nullptr && group->is_record() && names.contains(group->target)) {
      members.clear();
      bool is_missing = true;
      for (const zones::RrType type : {zones::RrType::A, zones::RrType::AAAA}) {
        const auto known = aliases_.find({group->target, type});
        is_missing =
            is_missing && known != aliases_.end() && known->second.state == zones::AliasState::nodata;
        if (known == aliases_.end()) continue;
        for (const auto& address : known->second.addresses)
          members.push_back({.address = address, .location = group->location});
      }
      live.missing[static_cast<std::size_t>(group - pool.groups.data())] = is_missing;
    }
    if (i < declaration.pool.chain) {
      pool.add(part.rules, members);
    } else {
      pool.add_inside(part.rules, members);
    }
    pool.parts.back().groups = part.groups;
  }
  declaration.pool = std::move(pool);
}

bool LiveNames::learned_of_group(Live& live, Changes& changes) {
  const zones::Pool before = live.declaration.pool;
  const std::vector<bool> missing = live.missing;
  let_go(live);
  look_up_groups(live);
  use(live);
  const bool is_other = before != live.declaration.pool;
  if (is_other) {  // what is served goes by the places of members
    live.ramp = live.ramp.carried(before, live.declaration.pool);
    live.parts = live.ramp.parts(live.declaration.pool, now_());
  }
  if (is_other || missing != live.missing) refresh(live, changes);
  return is_other;
}

bool LiveNames::learned(const zones::Name& target, zones::RrType type, const zones::Served& served) {
  const std::lock_guard lock(mutex_);
  const auto is_none = [](const zones::Served& one) { return one.state == zones::AliasState::nodata; };
  zones::Served& known = aliases_[{target, type}];
  const bool is_same_for_groups = known.addresses == served.addresses && is_none(known) == is_none(served);
  known = served;
  const auto users = alias_users_.find(target);
  if (users == alias_users_.end()) return false;  // a reload took it away meanwhile, or is about to bring it
  Changes changes;
  bool is_probed = false;
  for (const Key& key : users->second) {
    Live& live = names_.at(key);
    if (live.declaration.aliases.empty()) {
      is_probed = (!is_same_for_groups && learned_of_group(live, changes)) || is_probed;
      continue;
    }
    Flat flat = flatten(live.declaration);
    if (live.is_published && flat.is_same_but_for_times(live.flat)) {
      live.flat = std::move(flat);
      changes.answers.emplace_back(key.first, answer(key.first));
      continue;
    }
    const std::vector<zones::MemberSettings> before = live.declaration.pool.members;
    let_go(live);
    take(live, std::move(flat));
    use(live);
    refresh(live, changes, type == zones::RrType::A ? Family::v4 : Family::v6);
    is_probed = is_probed || (live.declaration.is_checked() && before != live.declaration.pool.members);
  }
  publish(changes);
  if (is_probed) forget_unused_verdicts();
  return is_probed;
}

std::vector<zones::Name> LiveNames::aliases() const {
  const std::lock_guard lock(mutex_);
  std::vector<zones::Name> all;
  for (const auto& [name, users] : alias_users_) all.push_back(name);
  return all;
}

std::vector<zones::Name> LiveNames::aliases_of(LiveIndex name) const {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find({name, zones::RrType::A});
  return found == names_.end() ? std::vector<zones::Name>() : found->second.declaration.aliases;
}

std::vector<std::string> LiveNames::used_by(const zones::Name& target) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  if (const auto users = alias_users_.find(target); users != alias_users_.end()) {
    for (const Key& key : users->second) names.push_back(names_.at(key).declaration.name.text());
  }
  return names;
}

void LiveNames::leave_out(const Live& live, zones::LiveRecords& records) const {
  const LiveDeclaration& declaration = live.declaration;
  if (declaration.is_checked()) {
    records.dependence = zones::Dependence::no;  // what only some clients get is not probed
    records.networks.reset();
  }
  if (records.networks == nullptr || overrides_.all().empty()) return;
  std::vector<zones::NetworkRecords> all = records.networks->all();
  for (zones::NetworkRecords& one : all) {
    std::erase_if(one.addresses, [&](const boost::asio::ip::address& address) {
      const auto* decided = overrides_.find({declaration.name.text(), address, "", ""}, locations_);
      return decided != nullptr && decided->decision != health::Decision::force_up;
    });
  }
  std::erase_if(all, [](const auto& one) { return one.addresses.empty(); });
  if (all != records.networks->all())
    records.networks = std::make_shared<const zones::ClientNetworks>(std::move(all));
}

}  // namespace holdfast::server
