// What LiveNames does for ANAMEs: what their targets have becomes members, and records for networks of clients.

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
  live.good_v4.clear();
  live.good_v6.clear();
  live.is_published = false;
}

bool LiveNames::learned(const zones::Name& target, zones::RrType type, const zones::Served& served) {
  const std::lock_guard lock(mutex_);
  aliases_[{target, type}] = served;
  const auto users = alias_users_.find(target);
  if (users == alias_users_.end()) return false;  // a reload took it away meanwhile, or is about to bring it
  Changes changes;
  bool is_probed = false;
  for (const LiveIndex index : users->second) {
    Live& live = names_.at(index);
    Flat flat = flatten(live.declaration);
    if (live.is_published && flat.is_same_but_for_times(live.flat)) {
      live.flat = std::move(flat);
      changes.answers.emplace_back(index, answer(live));
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
  const auto found = names_.find(name);
  return found == names_.end() ? std::vector<zones::Name>() : found->second.declaration.aliases;
}

std::vector<std::string> LiveNames::used_by(const zones::Name& target) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  if (const auto users = alias_users_.find(target); users != alias_users_.end()) {
    for (const LiveIndex index : users->second) names.push_back(names_.at(index).declaration.name.text());
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
      const auto* decided = overrides_.find({declaration.name.text(), address, ""}, locations_);
      return decided != nullptr && decided->decision != health::Decision::force_up;
    });
  }
  std::erase_if(all, [](const auto& one) { return one.addresses.empty(); });
  if (all != records.networks->all())
    records.networks = std::make_shared<const zones::ClientNetworks>(std::move(all));
}

}  // namespace holdfast::server
