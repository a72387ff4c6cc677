#include "health/agent/desk.h"

#include <algorithm>
#include <utility>

#include "health/agent/assignment.h"

namespace holdfast::health {
namespace {

Target reference_target(const boost::asio::ip::tcp::endpoint& where) {
  Target target;
  target.id = {std::string(kReference) + ' ' + std::to_string(where.port()), where.address()};
  MonitorSettings& monitor = target.monitor;
  monitor.name = target.id.monitor;
  monitor.type = Protocol::tcp;
  monitor.port = where.port();
  monitor.interval = monitor.retry = kReferenceInterval;
  monitor.timeout = std::chrono::milliseconds(kReferenceInterval) * 3 / 5;
  return target;
}

bool by_id(const Target& a, const Target& b) { return a.id < b.id; }

/// Two servers may call two things by one name.
TargetId own_name(const Target& target, std::map<TargetId, const MonitorSettings*>& named) {
  TargetId id = target.id;
  while (true) {
    const auto [known, is_new] = named.try_emplace(id, &target.monitor);
    if (is_new || *known->second == target.monitor) return id;
    id.monitor += '\'';
  }
}

}  // namespace

Desk::Desk(std::string self, std::string incarnation, std::vector<boost::asio::ip::tcp::endpoint> references)
    : self_(std::move(self)), incarnation_(std::move(incarnation)) {
  for (const auto& where : references) references_.push_back(reference_target(where));
  blind_ = !references_.empty();  // until one was reached
}

/// As of the last look.
const Target* Desk::duty(const TargetId& id) const {
  const auto at = std::lower_bound(duties_.begin(), duties_.end(), id,
                                   [](const Target& one, const TargetId& other) { return one.id < other; });
  return at == duties_.end() || at->id != id ? nullptr : &*at;
}

bool Desk::look(const View& view, const Watchlist* own, Time now) {
  std::set<std::string> present{self_};
  for (const auto& [name, heard] : view.agents()) {
    if (heard.is_fresh(now) && !heard.ballot.blind && name != self_) present.insert(name);
  }
  std::map<std::string, const Watchlist*> wanted;
  for (const auto& [server, list] : view.lists()) wanted.emplace(list.digest, &list);
  if (own != nullptr) wanted.insert_or_assign(own->digest, own);

  std::set<std::string> digests;
  for (const auto& [digest, list] : wanted) digests.insert(digest);
  const bool is_first = duties_.empty() && !references_.empty();
  if (!is_first && present == present_ && digests == digests_) return false;
  present_ = std::move(present);
  digests_ = std::move(digests);

  std::vector<Target> duties = references_;
  std::set<TargetId> known;
  lists_.clear();
  std::map<TargetId, const MonitorSettings*> named;
  // Our own first: what two servers call alike has its own name here in the list that comes first.
  std::vector<const Watchlist*> lists;
  if (own != nullptr) lists.push_back(own);
  for (const auto& [digest, list] : wanted) {
    if (list != own) lists.push_back(list);
  }
  for (const Watchlist* list : lists) {
    std::vector<Colleague> colleagues;
    for (const AgentSettings& agent : list->agents) {
      if (present_.contains(agent.name)) colleagues.push_back({agent.name, agent.location});
    }
    if (list->agents.empty() && list == own) colleagues.push_back({self_, ""});
    const auto me = std::find_if(colleagues.begin(), colleagues.end(),
                                 [this](const Colleague& one) { return one.name == self_; });
    if (me == colleagues.end()) continue;
    const auto place = static_cast<std::size_t>(me - colleagues.begin());
    const Locations locations(list->locations);
    auto& opinions = lists_[list->digest];
    auto left_out = list->left_out.begin();
    for (const Target& target : list->targets) {
      for (; left_out != list->left_out.end() && *left_out < target.id; ++left_out)
        opinions.push_back(nullptr);
      opinions.push_back(nullptr);
      if (target.id.monitor.starts_with(kReference)) continue;  // somebody else's is no reference of ours
      const auto chosen = assigned(target, colleagues, locations);
      if (!std::binary_search(chosen.begin(), chosen.end(), place)) continue;
      const TargetId id = own_name(target, named);
      Opinion& opinion = opinions_[id];
      opinions.back() = &opinion;
      if (!known.insert(id).second) continue;
      // A name may have gone to another list's monitor: what was thought by the one before says nothing about it.
      const Target* const before = duty(id);
      if (before != nullptr && before->monitor != target.monitor &&
          !is_same_check(before->monitor, target.monitor))
        opinion = {};
      opinion.lifetime = late_after(target);
      duties.push_back(target);
      duties.back().id = id;
    }
    opinions.resize(opinions.size() + static_cast<std::size_t>(list->left_out.end() - left_out));
  }
  std::erase_if(opinions_, [&](const auto& opinion) { return !known.contains(opinion.first); });
  std::sort(duties.begin(), duties.end(), by_id);
  if (duties == duties_) return false;
  duties_ = std::move(duties);
  return true;
}

bool Desk::vote(const TargetStatus& status) {
  const auto known = opinions_.find(status.target.id);
  if (known == opinions_.end()) return false;
  Opinion& opinion = known->second;
  const Verdict before = opinion.waits ? Verdict::unknown : opinion.verdict;
  opinion.verdict = status.verdict;
  opinion.order = ++order_;
  opinion.doubted = status.doubted;
  if (status.last) opinion.seen = status.last->ended;
  if (status.last) opinion.evidence = {status.last->outcome, status.last->detail, status.last->wall_time};
  opinion.waits = status.verdict == Verdict::down && !references_.empty() &&
                  !(reference_passed_ && *reference_passed_ >= status.doubted);
  return before != (opinion.waits ? Verdict::unknown : opinion.verdict);
}

bool Desk::observed(const Observation& seen) {
  if (seen.target.monitor.starts_with(kReference)) return reference(seen);
  const auto opinion = opinions_.find(seen.target);
  if (opinion != opinions_.end()) opinion->second.seen = seen.ended;
  return false;
}

bool Desk::reference(const Observation& seen) {
  const auto known = std::find_if(references_.begin(), references_.end(),
                                  [&](const Target& one) { return one.id == seen.target; });
  if (known == references_.end()) return false;
  reached_[endpoint(*known)] = seen.passed();
  const bool was_blind = std::exchange(
      blind_, std::none_of(reached_.begin(), reached_.end(), [](const auto& one) { return one.second; }));
  if (!seen.passed()) return was_blind != blind_;
  reference_passed_ = seen.ended;
  bool is_new = was_blind != blind_;
  for (auto& [id, opinion] : opinions_) {
    if (!opinion.waits || seen.ended < opinion.doubted) continue;
    opinion.waits = false;
    is_new = true;
  }
  return is_new;
}

Verdict Desk::said(const TargetId& id, Time now) const {
  const auto known = opinions_.find(id);
  return known == opinions_.end() ? Verdict::unknown : said(known->second, now);
}

Verdict Desk::said(const Opinion& opinion, Time now) const {
  const bool is_old = now - opinion.seen > opinion.lifetime;
  return blind_ || opinion.waits || is_old ? Verdict::unknown : opinion.verdict;
}

Ballot Desk::ballot(Time now) {
  Ballot ballot{.agent = self_, .incarnation = incarnation_, .sequence = ++sequence_, .blind = blind_};
  struct Down {
    const Opinion* opinion;
    const std::string* list;
    std::size_t target;
  };
  std::vector<Down> downs;
  for (const auto& [digest, opinions] : lists_) {
    if (ballot.votes.size() == kMaxLists) break;
    auto& votes = ballot.votes[digest];
    votes.reserve(opinions.size());
    for (const Opinion* const opinion : opinions) {
      votes.push_back(opinion == nullptr ? Verdict::unknown : said(*opinion, now));
      if (votes.back() == Verdict::down) downs.push_back({opinion, &digest, votes.size() - 1});
    }
  }
  const std::size_t most = std::min(kMaxEvidence, downs.size());
  std::partial_sort(downs.begin(), downs.begin() + static_cast<std::ptrdiff_t>(most), downs.end(),
                    [](const Down& a, const Down& b) { return a.opinion->order > b.opinion->order; });
  for (std::size_t i = 0; i < most; ++i)
    ballot.evidence.push_back({*downs[i].list, downs[i].target, downs[i].opinion->evidence});
  return ballot;
}

}  // namespace holdfast::health
